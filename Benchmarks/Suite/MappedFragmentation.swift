import HostMemory
import LinuxMM

/// frag0 with pages that a process has mapped, so that compaction can move them.
enum MappedFragmentation {
  /// - Returns: the free 2 MiB blocks before and after compaction, and how many the free memory would make.
  static func run() throws -> (before: Int, after: Int, possible: Int) {
    let configuration = try MachineConfiguration(ramBytes: 1 << 30, kernelBytes: 0, startsWarm: true)
    var machine = try SimulatedMachine(configuration, memory: .host)
    let process = machine.start()
    let pages = UInt64(machine.frameAccount.free) * 95 / 100
    let base = try machine.map(
      process, MapRequest(length: pages * 4096, protection: [.read, .write], flags: [.private, .anonymous]))
    var random = XorShift64(seed: 88_172_645_463_325_252)
    var used = Array(0..<pages)
    for page in used { _ = machine.access(process, base.page + page, .write, on: 0) }
    for index in stride(from: used.count - 1, to: 0, by: -1) {
      used.swapAt(index, Int(random.below(UInt64(index + 1))))
    }
    var unused: [UInt64] = []
    while used.count > Int(pages / 2) { unused.append(try free(used.removeLast(), base, process, &machine)) }
    for _ in 0..<400_000 {
      let index = Int(random.below(UInt64(used.count)))
      let page = unused.removeLast()
      unused.insert(try free(used[index], base, process, &machine), at: unused.count)
      _ = machine.access(process, base.page + page, .write, on: 0)
      used[index] = page
    }
    let before = freeBlocks(machine)
    machine.compactMemory()
    return (before, freeBlocks(machine), machine.frameAccount.free / 512)
  }

  private static func free(
    _ page: UInt64, _ base: VirtualAddress, _ process: ProcessIndex, _ machine: inout SimulatedMachine
  ) throws -> UInt64 {
    try machine.advise(process, (base.page + page).address, length: 4096, .dontNeed)
    return page
  }

  private static func freeBlocks(_ machine: borrowing SimulatedMachine) -> Int {
    let picture = machine.memoryPicture
    return picture.zones.reduce(0) { $0 + $1.blocks.count { $0.free == picture.pageblockFrames } }
  }
}
