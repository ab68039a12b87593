import Foundation
import HostMemory
import Testing

@testable import LinuxMM

/// Memory that is short: what programs wrote comes back from swap, whoever else needs room.
@Suite struct PressureTests {
  /// A machine whose frames and slots hold bytes, and what its processes have written, a byte for each page.
  private final class Machines {
    var machine: SimulatedMachine
    var alive: [(process: ProcessIndex, written: [UInt64: UInt8])] = []
    var files: [FileIndex] = []
    let group: GroupIndex

    init(processors: Int, device: DeviceModel) throws {
      var configuration = try MachineConfiguration(ramBytes: 12 << 20, processors: processors)
      configuration.virtualMemory.overcommitMemory = .always
      configuration.swap = [
        try #require(SwapConfiguration(bytes: 8 << 20, priority: 5, device: device)),
        try #require(SwapConfiguration(bytes: 8 << 20, priority: 5, device: device)),
        try #require(SwapConfiguration(bytes: 16 << 20, device: .disk)),
      ]
      machine = try SimulatedMachine(configuration, memory: .host, holdsContents: true)
      var limits = GroupLimits()
      limits.maximum = 600
      limits.high = 500
      let group = machine.makeGroup(limits)
      self.group = try #require(group)
      for inode in 0..<3 {
        files.append(machine.file(FileIdentity(device: 9, inode: UInt64(inode)), size: 4 << 20))
      }
    }

    func start() {
      let process = machine.start()
      guard machine.execute(process, TestMachine.stackOnly) == .done else { return }
      alive.append((process, [:]))
    }

    /// Forgets processes that were killed.
    func bury() { alive.removeAll { !machine.process($0.process).isAlive } }
  }

  private static let base: UInt64 = 0x6_0000_0000
  private static let pages: UInt64 = 3000

  private static var steps: Int {
    ProcessInfo.processInfo.environment["QUIRE_PRESSURE_STEPS"].flatMap { Int($0) } ?? 30_000
  }

  @Test(arguments: [(41, 1), (42, 1), (43, 3), (44, 2)] as [(UInt64, Int)])
  func whatIsWrittenComesBack(seed: UInt64, processors: Int) throws {
    var random = XorShift64(seed: seed)
    let machines = try Machines(processors: processors, device: seed % 2 == 0 ? .nvme : .disk)
    var checked = 0
    for step in 0..<Self.steps {
      if machines.alive.count < 3 {
        machines.start()
        machines.bury()
        if machines.alive.isEmpty { continue }
      }
      let which = Int(random.below(UInt64(machines.alive.count)))
      let process = machines.alive[which].process
      let page = random.below(Self.pages)
      let address = VirtualAddress(Self.base + page * 4096)
      let count = 1 + random.below(200)
      let length = min(count, Self.pages - page) * 4096
      let processor = Int(random.below(UInt64(processors)))
      machines.machine.processor = processor
      machines.machine.advance(accesses: 0, instructions: random.below(20_000), of: process, on: processor)
      switch random.below(40) {
      case 0, 1, 2:
        guard
          (try? machines.machine.map(
            process,
            MapRequest(
              address: address, length: length, protection: [.read, .write], flags: [.private, .anonymous, .fixed])))
            != nil
        else { break }
        for gone in page..<(page + length / 4096) { machines.alive[which].written[gone] = nil }
      case 3:
        try machines.machine.unmap(process, address, length: length)
        for gone in page..<(page + length / 4096) { machines.alive[which].written[gone] = nil }
      case 4:
        // Holes end the advice with an error, after the rest is done.
        try? machines.machine.advise(process, address, length: length, .dontNeedLocked)
        for gone in page..<(page + length / 4096) { machines.alive[which].written[gone] = nil }
      case 5: try? machines.machine.advise(process, address, length: length, random.below(2) == 0 ? .pageOut : .cold)
      case 6 where machines.alive.count < 6:
        if let child = machines.machine.fork(process, sharesMemory: false) {
          let written = machines.alive.first { $0.process == process }?.written ?? [:]
          if random.below(3) == 0 { machines.machine.setGroup(child, machines.group) }
          machines.alive.append((child, written))
        }
      case 7 where machines.alive.count > 3: machines.machine.exit(process)
      case 8, 9:
        let file = machines.files[Int(random.below(3))]
        machines.machine.accessFile(
          process, file, offset: random.below(3 << 20), length: random.below(300_000), writes: random.below(3) == 0)
      case 10:
        if random.below(2) == 0 {
          try? machines.machine.lock(process, address, length: min(length, 20 * 4096))
        } else {
          try? machines.machine.unlock(process, address, length: length)
        }
      default:
        // A stretch of pages, so that reading ahead has something to do.
        var next = page
        let end = min(page + 1 + random.below(40), Self.pages)
        let writes = random.below(2) == 0
        let value = UInt8(1 + random.below(200))
        while next < end, machines.machine.process(process).isAlive {
          let place = VirtualAddress(Self.base + next * 4096)
          let result = machines.machine.access(process, place.page, writes ? .write : .read, on: processor)
          if result == .done && writes {
            machines.machine.setByte(process, at: place, to: value)
            machines.alive[which].written[next] = value
          } else if result == .done {
            let byte = machines.machine.byte(process, at: place)
            #expect(byte == machines.alive[which].written[next] ?? 0, "seed \(seed), step \(step), page \(next)")
            checked += 1
          }
          next += 1
        }
      }
      machines.bury()
      if step % 2000 == 0 { try machines.machine.checkInvariants() }
    }
    try machines.machine.checkInvariants()
    #expect(checked > Self.steps / 10)
    let swapped = machines.machine.spaces.memory.statistics.swapIns
    #expect(swapped > UInt64(Self.steps / 10))
    machines.machine.exitAll()
    try machines.machine.checkInvariants()
    let used = machines.machine.swapUsed
    let cached = machines.machine.frameAccount.swapCached
    // What is still being written keeps its slot until then.
    #expect(used == cached)
  }
}
