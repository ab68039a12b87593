import Testing

@testable import LinuxMM

@Suite struct HighMemoryTests {
  @Test func lowMemoryHasItsAddressAndHighMemoryAPlace() throws {
    var mappings = TemporaryMappings(.i386PAE, lowMemoryEnd: FrameNumber(896 << 8), processors: 2)
    let low = try mappings.map(FrameNumber(0x1000))
    #expect(low == VirtualAddress(0xc100_0000))
    try mappings.unmap(low)
    let high = FrameNumber(900 << 8)
    let address = try mappings.map(high)
    let again = try mappings.map(high)
    #expect(address == again && address.rawValue >= 0xffa0_0000)
    #expect(mappings.frame(at: address) == high)
    try mappings.unmap(address)
    try mappings.unmap(address)
    #expect(throws: TemporaryMappings.Failure.notMapped) { try mappings.unmap(address) }
    // Unused places stay until the pool has been gone through.
    #expect(mappings.frame(at: address) == high)
  }

  @Test func thePoolIsUsedRoundAndFlushed() throws {
    var mappings = TemporaryMappings(.i386PAE, lowMemoryEnd: FrameNumber(896 << 8), processors: 1)
    let first = FrameNumber(1 << 18)
    for frame in 0..<5000 { try mappings.unmap(try mappings.map(first + frame)) }
    #expect(mappings.flushes >= 8 && mappings.flushes <= 10)
    var held: [VirtualAddress] = []
    for frame in 0..<512 { held.append(try mappings.map(first + frame)) }
    #expect(Set(held).count == 512)
    #expect(throws: TemporaryMappings.Failure.full) { try mappings.map(first + 600) }
    try mappings.unmap(held[77])
    let other = try mappings.map(first + 600)
    #expect(other == held[77])
  }

  @Test func shortMappingsNest() throws {
    var mappings = TemporaryMappings(.i386, lowMemoryEnd: FrameNumber(896 << 8), processors: 2)
    let outer = try mappings.mapLocally(FrameNumber(1 << 19), on: 1)
    let inner = try mappings.mapLocally(FrameNumber(1 << 18), on: 1)
    #expect(throws: TemporaryMappings.Failure.notMapped) { try mappings.unmapLocally(outer, on: 1) }
    try mappings.unmapLocally(inner, on: 1)
    try mappings.unmapLocally(outer, on: 1)
    for _ in 0..<16 { _ = try mappings.mapLocally(FrameNumber(1 << 19), on: 0) }
    #expect(throws: TemporaryMappings.Failure.full) { try mappings.mapLocally(FrameNumber(1 << 19), on: 0) }
  }

  @Test func aFailureIsReportedAsTheKernelDoes() throws {
    let machine = try TestMachine(ram: 16 << 20)
    var failure: AllocationFailure?
    while failure == nil {
      do throws(AllocationFailure) { _ = try machine.allocate(10, [.kernel, .compound]) } catch { failure = error }
    }
    let text = String(decoding: machine.machine.report(of: try #require(failure), command: "test"), as: UTF8.self)
    #expect(
      text.hasPrefix(
        "test: page allocation failure: order:10, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null),cpuset=/,mems_allowed=0\n"
      ))
    #expect(text.contains("\nNode 0 DMA free:") && text.contains("lowmem_reserve[]: 0"))
    #expect(text.contains("*4096kB = "))
  }
}
