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
    /// Readings that were left for a disk.
    var pending: [(process: ProcessIndex, file: FileIndex, offset: UInt64, end: UInt64)] = []
    let group: GroupIndex
    /// Memory that all processes share, and a byte for each of its pages.
    let object: FileIndex
    var shared: [UInt64: UInt8] = [:]

    init(processors: Int, device: DeviceModel, isCompressed: Bool, hasGenerations: Bool) throws {
      var configuration = try MachineConfiguration(ramBytes: 12 << 20, processors: processors)
      configuration.virtualMemory.overcommitMemory = .always
      configuration.swap = [
        try #require(SwapConfiguration(bytes: 8 << 20, priority: 5, device: device)),
        try #require(SwapConfiguration(bytes: 8 << 20, priority: 5, device: device)),
        try #require(SwapConfiguration(bytes: 16 << 20, device: .disk)),
      ]
      configuration.reclaim.generations.isOn = hasGenerations
      if isCompressed {
        configuration.swap[0].isCompressed = true
        configuration.compressedCache = CompressedCacheSettings()
        configuration.compressedCache?.mostPercent = 5
        configuration.compressedCache?.allocator = .zsmalloc
      }
      machine = try SimulatedMachine(configuration, memory: .host, holdsContents: true)
      var limits = GroupLimits()
      limits.maximum = 600
      limits.high = 500
      let group = machine.makeGroup(limits)
      self.group = try #require(group)
      object = machine.sharedMemory(size: PressureTests.sharedPages * 4096)
      for inode in 0..<3 {
        files.append(machine.file(FileIdentity(device: 9, inode: UInt64(inode)), size: 4 << 20))
      }
    }

    func start() {
      let process = machine.start()
      guard machine.execute(process, TestMachine.stackOnly) == .done,
        (try? machine.map(
          process,
          MapRequest(
            address: VirtualAddress(PressureTests.sharedBase), length: PressureTests.sharedPages * 4096,
            protection: [.read, .write], flags: [.shared, .fixed], file: object))) != nil
      else { return machine.exit(process) }
      alive.append((process, [:]))
    }

    /// Forgets processes that were killed.
    func bury() { alive.removeAll { !machine.process($0.process).isAlive } }
  }

  private static let base: UInt64 = 0x6_0000_0000
  private static let pages: UInt64 = 3000
  private static let sharedBase: UInt64 = 0x7_0000_0000
  private static let sharedPages: UInt64 = 1500

  /// For so long each seed goes on, with `make soak`.
  private static let seconds = ProcessInfo.processInfo.environment["QUIRE_PRESSURE_SECONDS"].flatMap { Int($0) }

  @Test(
    arguments: [(41, 1), (42, 1), (43, 3), (44, 2), (45, 1), (46, 2), (47, 1), (48, 3), (49, 1), (50, 2)]
      as [(UInt64, Int)])
  func whatIsWrittenComesBack(seed: UInt64, processors: Int) throws {
    var random = XorShift64(seed: seed)
    let isCompressed = [45, 46, 48, 50].contains(seed)
    let machines = try Machines(
      processors: processors, device: seed % 2 == 0 ? .nvme : .disk, isCompressed: isCompressed,
      hasGenerations: seed > 46)
    var checked = 0
    var lefts = 0
    let end = ContinuousClock.now + .seconds(Self.seconds ?? 0)
    var step = 0
    while Self.seconds == nil ? step < 30_000 : step % 1000 != 0 || ContinuousClock.now < end {
      defer { step += 1 }
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
      switch random.below(44) {
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
      case 5:
        try? machines.machine.advise(
          process, address, length: length, [.pageOut, .cold, .willNeed][Int(random.below(3))])
      case 6 where machines.alive.count < 6:
        if let child = machines.machine.fork(process, sharesMemory: false) {
          let written = machines.alive.first { $0.process == process }?.written ?? [:]
          if random.below(3) == 0 { machines.machine.setGroup(child, machines.group) }
          machines.alive.append((child, written))
        }
      case 7 where machines.alive.count > 3: machines.machine.exit(process)
      case 8, 9:
        let file = machines.files[Int(random.below(3))]
        let offset = random.below(3 << 20)
        let end = offset + random.below(300_000)
        machines.machine.sharesTime = random.below(2) == 0
        let began = machines.machine.nanoseconds
        let rest = machines.machine.accessFile(
          process, file, offset: offset, length: end - offset, writes: random.below(3) == 0)
        if let rest {
          #expect(rest.offset >= offset && rest.offset < end && rest.until > began)
          machines.pending.append((process, file, rest.offset, end))
          lefts += 1
        }
        machines.machine.sharesTime = false
      case 10:
        if random.below(2) == 0 {
          try? machines.machine.lock(process, address, length: min(length, 20 * 4096))
        } else {
          try? machines.machine.unlock(process, address, length: length)
        }
      case 11:
        // What is cut off or given back is gone for all.
        let first = random.below(Self.sharedPages)
        let last = min(first + random.below(60), Self.sharedPages)
        if random.below(4) == 0 {
          machines.machine.setSize(machines.object, first * 4096)
          machines.machine.setSize(machines.object, Self.sharedPages * 4096)
          for gone in first..<Self.sharedPages { machines.shared[gone] = nil }
        } else {
          machines.machine.punchHole(machines.object, offset: first * 4096, length: (last - first) * 4096)
          for gone in first..<last { machines.shared[gone] = nil }
        }
      case 12 where random.below(40) == 0:
        let area = Int(random.below(3))
        if (try? machines.machine.switchOffSwap(area: area)) == nil { try? machines.machine.switchOnSwap(area: area) }
      case 17 where seed > 48 && random.below(40) == 0:
        var settings = machines.machine.generations
        settings.isOn.toggle()
        settings.walksTables = random.below(3) > 0
        settings.usesUpperMarks = random.below(2) == 0
        machines.machine.generations = settings
      case 13, 14, 15, 16:
        let first = random.below(Self.sharedPages)
        let value = UInt8(1 + random.below(200))
        let writes = random.below(2) == 0
        for next in first..<min(first + random.below(40), Self.sharedPages)
        where machines.machine.process(process).isAlive {
          let place = VirtualAddress(Self.sharedBase + next * 4096)
          let result = machines.machine.access(process, place.page, writes ? .write : .read, on: processor)
          guard result == .done else { continue }
          if writes {
            machines.machine.setByte(process, at: place, to: value)
            machines.shared[next] = value
          } else {
            let byte = machines.machine.byte(process, at: place)
            #expect(byte == machines.shared[next] ?? 0, "seed \(seed), step \(step), shared page \(next)")
            checked += 1
          }
        }
      default:
        // A stretch of pages, so that reading ahead has something to do.
        var next = page
        let end = min(page + 1 + random.below(40), Self.pages)
        let writes = random.below(2) == 0
        let shares = random.below(3) == 0
        let value = UInt8(1 + random.below(200))
        while next < end, machines.machine.process(process).isAlive {
          let place = VirtualAddress(Self.base + next * 4096)
          machines.machine.sharesTime = shares
          let result = machines.machine.access(process, place.page, writes ? .write : .read, on: processor)
          machines.machine.sharesTime = false
          if case .reading(let until) = result {
            // Others go on; whether this process ever comes back is open.
            #expect(until > machines.machine.nanoseconds)
            lefts += 1
            if random.below(2) == 0 { machines.machine.rest(until: until) } else { break }
            continue
          }
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
      if random.below(4) == 0, let left = machines.pending.popLast() {
        machines.machine.accessFile(
          left.process, left.file, offset: left.offset, length: left.end - left.offset, writes: false)
      }
      machines.bury()
      if step % 2000 == 0 { try machines.machine.checkInvariants() }
    }
    try machines.machine.checkInvariants()
    if Self.seconds != nil { print("seed \(seed): \(step) operations, \(checked) pages compared, no violation") }
    #expect(checked > step / 10)
    #expect(lefts > step / 100)
    let figures = machines.machine.spaces.memory.statistics
    let swapped = figures.swapIns + figures.compressedIns
    #expect(!isCompressed || (figures.compressedIns > 500 && figures.compressedWrites > 50))
    #expect(swapped > UInt64(step / 10))
    machines.machine.exitAll()
    machines.machine.removeName(of: machines.object)
    for area in 0..<3 { try? machines.machine.switchOnSwap(area: area) }
    try machines.machine.checkInvariants()
    let used = machines.machine.swapUsed
    let cached = machines.machine.frameAccount.swapCached
    // What is still being written keeps its slot until then.
    #expect(used == cached)
  }

  /// What `shmem_writepage` and `shmem_swapin_folio` do, seen by a program.
  @Test func sharedMemoryGoesToSwapAndComesBack() throws {
    let machine = try machine()
    let object = machine.machine.sharedMemory(size: 5000 * 4096)
    let base = try machine.map(
      machine.process,
      MapRequest(
        length: 5000 * 4096, protection: [.read, .write], flags: [.shared], file: object))
    for _ in 0..<2 { #expect(write(machine, base, 5000) == .done) }
    let used = machine.machine.swapUsed
    #expect(used > 2000)
    #expect(machine.machine.majorFaultCount > 100)
    let text = String(decoding: machine.machine.smaps(machine.process), as: UTF8.self)
    let swapped = machine.machine.spaces.cache.files[object.rawValue].swapped
    #expect(
      text.contains("Swap:           \(String(repeating: " ", count: 8 - "\(swapped * 4)".count))\(swapped * 4) kB"))
    // A second process finds the same pages.
    let other = machine.start()
    let there = try machine.map(
      other,
      MapRequest(
        length: 5000 * 4096, protection: .read, flags: [.shared], file: object))
    for page in 0..<5000 { #expect(machine.read(other, there.page(UInt64(page))) == .done) }
    try machine.machine.checkInvariants()
    machine.machine.exitAll()
    machine.machine.removeName(of: object)
    machine.machine.rest(until: machine.machine.nanoseconds + 1_000_000_000)
    let left = machine.machine.swapUsed
    let cached = machine.machine.frameAccount.swapCached
    #expect(left == cached && left < 600)
    try machine.machine.checkInvariants()
  }

  @Test func anAreaIsSwitchedOffOnlyIfItsPagesFindRoom() throws {
    let machine = try machine { $0.swap.append(SwapConfiguration(bytes: 8 << 20, priority: 3)!) }
    let base = try machine.anonymous(machine.process, pages: 4000)
    #expect(write(machine, base, 4000) == .done)
    // The area of higher priority is in use; what it holds goes to the other one.
    try machine.machine.switchOffSwap(area: 1)
    #expect(throws: Errno.EINVAL) { try machine.machine.switchOffSwap(area: 1) }
    try machine.machine.checkInvariants()
    let total = machine.machine.swapTotal
    #expect(total == 16383)
    #expect(throws: Errno.ENOMEM) { try machine.machine.switchOffSwap(area: 0) }
    try machine.machine.checkInvariants()
    #expect(throws: Errno.EBUSY) { try machine.machine.switchOnSwap(area: 0) }
    try machine.machine.switchOnSwap(area: 1)
    for page in 0..<4000 { #expect(machine.read(machine.process, base.page(UInt64(page))) == .done) }
    try machine.machine.checkInvariants()
  }

  @Test func adviceTakesPagesOutAndBringsThemBack() throws {
    let machine = try machine(ram: 64 << 20)
    let base = try machine.anonymous(machine.process, pages: 1000)
    #expect(write(machine, base, 1000) == .done)
    try machine.advise(machine.process, base, length: 1000 * 4096, .pageOut)
    machine.machine.rest(until: machine.machine.nanoseconds + 1_000_000_000)
    let swapped = machine.process(machine.process).swapped
    #expect(swapped == 1000)
    let out = machine.statistics.swapOuts
    #expect(out == 1000)
    try machine.advise(machine.process, base, length: 1000 * 4096, .willNeed)
    let read = machine.statistics.swapIns
    let faults = machine.machine.majorFaultCount
    machine.machine.rest(until: machine.machine.nanoseconds + 1_000_000_000)
    for page in 0..<1000 { #expect(machine.read(machine.process, base.page(UInt64(page))) == .done) }
    let majorFaults = machine.machine.majorFaultCount
    #expect(majorFaults == faults && read <= 1000)
    try machine.machine.checkInvariants()
  }

  private func machine(
    ram: UInt64 = 12 << 20, swap: UInt64 = 64 << 20, _ change: (inout MachineConfiguration) -> Void = { _ in }
  ) throws -> TestMachine {
    var configuration = try MachineConfiguration(ramBytes: ram)
    configuration.swap = [try #require(SwapConfiguration(bytes: swap))]
    change(&configuration)
    return try TestMachine(configuration)
  }

  /// Writes to pages in order; the first result that is not `.done`.
  private func write(_ machine: TestMachine, _ base: VirtualAddress, _ pages: UInt64) -> AccessResult {
    for page in 0..<pages {
      let result = machine.write(machine.process, base.page(page))
      if result != .done { return result }
    }
    return .done
  }

  @Test func aPageThatCannotBeReadBackIsLostToItsOwnerOnly() throws {
    let machine = try machine { $0.swap[0].failingRequest = 400 }
    let base = try machine.anonymous(machine.process, pages: 8000)
    var result = AccessResult.done
    for _ in 0..<4 where result == .done { result = write(machine, base, 8000) }
    #expect(result == .refused(.unreadable))
    let other = machine.start()
    let others = try machine.anonymous(other, pages: 4)
    #expect(machine.write(other, others) == .done)
    try machine.machine.checkInvariants()
    machine.machine.exitAll()
    try machine.machine.checkInvariants()
  }

  @Test func fullSwapKillsAndAMachineWithNobodyToKillPanics() throws {
    let machine = try machine(swap: 4 << 20)
    let base = try machine.anonymous(machine.process, pages: 8000)
    let result = write(machine, base, 8000)
    #expect(result == .killed)
    #expect(machine.outOfMemoryEvents.last?.end == .kill)
    try machine.machine.checkInvariants()
    let unkillable = try self.machine(swap: 4 << 20)
    try unkillable.machine.setOutOfMemoryAdjustment(unkillable.process, -1000)
    let start = try unkillable.anonymous(unkillable.process, pages: 8000)
    let end = write(unkillable, start, 8000)
    #expect(end == .killed)
    let hasPanicked = unkillable.machine.hasPanicked
    #expect(hasPanicked)
    #expect(unkillable.outOfMemoryEvents.last?.end == .panic)
    try unkillable.machine.checkInvariants()
  }

  @Test func aGroupKeepsItsLimitAndItsKillsToItself() throws {
    let machine = try machine(ram: 64 << 20)
    let outsider = machine.start()
    let outside = try machine.anonymous(outsider, pages: 4000)
    for page in 0..<4000 { #expect(machine.write(outsider, outside.page(UInt64(page))) == .done) }
    var limits = GroupLimits()
    limits.maximum = 1000
    let made = machine.machine.makeGroup(limits)
    let group = try #require(made)
    machine.machine.setGroup(machine.process, group)
    let base = try machine.anonymous(machine.process, pages: 3000)
    #expect(write(machine, base, 3000) == .done)
    let figures = machine.machine.figures(of: group)
    #expect(figures.usage <= 1000 && figures.peak == 1000 && figures.swap >= 2000 && figures.events.maximum > 0)
    limits.swapMaximum = 2100
    machine.machine.setLimits(of: group, limits)
    let more = try machine.anonymous(machine.process, pages: 3000)
    #expect(write(machine, more, 3000) == .killed)
    let events = machine.machine.figures(of: group).events
    #expect(events.kills == 1)
    let isOutsiderKilled = machine.machine.process(outsider).outOfMemoryKilled
    #expect(!isOutsiderKilled)
    try machine.machine.checkInvariants()
  }

  /// `oom_badness` and `/proc/PID/oom_score` by hand.
  @Test func badnessCountsPagesTablesAndTheAdjustment() throws {
    let machine = try machine(ram: 64 << 20)
    let base = try machine.anonymous(machine.process, pages: 500)
    #expect(write(machine, base, 500) == .done)
    let process = machine.machine.process(machine.process)
    let total = machine.machine.frameAccount.managed + machine.machine.swapTotal
    let plain = process.resident + process.swapped + process.tablePages
    func badness() -> Int? { machine.machine.badness(machine.process) }
    #expect(badness() == plain)
    let score = machine.machine.outOfMemoryScore(machine.process)
    #expect(score == (1000 + plain * 1000 / total) * 2 / 3)
    try machine.machine.setOutOfMemoryAdjustment(machine.process, 300)
    #expect(badness() == plain + 300 * (total / 1000))
    try machine.machine.setOutOfMemoryAdjustment(machine.process, -1000)
    #expect(badness() == nil)
    #expect(throws: Errno.EINVAL) { try machine.machine.setOutOfMemoryAdjustment(machine.process, 1001) }
  }

  /// A file read once leaves shadows; their nodes take memory, and are given up when there are too many.
  @Test func shadowsTakeMemoryAndAreForgotten() throws {
    let machine = try machine(ram: 16 << 20)
    let process = machine.process
    let pages: UInt64 = 100_000
    let file = machine.machine.file(FileIdentity(device: 3, inode: 4), size: pages * 4096)
    for part in 0..<pages / 16 {
      machine.machine.accessFile(process, file, offset: part << 16, length: 1 << 16, writes: false)
    }
    try machine.machine.checkInvariants()
    let nodes = machine.machine.spaces.cache.shadows.count
    let slabs = machine.machine.spaces.treeSlabs
    // One node for eight pages of the lists and of slabs, and not all 1563.
    let figures = machine.machine.spaces.memory.statistics
    let room = (figures.filePages + figures.anonymousPages + figures.reclaimableSlabPages) / 8
    #expect(nodes > room / 2 && nodes < room + 300)
    #expect(figures.shadowNodesReclaimed > 500)
    #expect(slabs.capacity >= machine.machine.spaces.cache.nodes.count && slabs.frames == figures.reclaimableSlabPages)
    // The end of the file is the end of its shadows.
    machine.machine.setSize(file, 0)
    #expect(machine.machine.spaces.cache.shadows.isEmpty && machine.machine.spaces.treeSlabs.frames == 0)
    try machine.machine.checkInvariants()
  }

  /// A reclaimer that is slow leaves the only processor to the program before it is done, which has to free memory itself
  /// then.
  @Test func aSlowReclaimerSharesTheProcessor() throws {
    var costs = CostModel()
    costs.scan = 4_000_000
    costs.reclaim = 20_000_000
    var configuration = try MachineConfiguration(ramBytes: 32 << 20, costs: costs)
    configuration.swap = [try #require(SwapConfiguration(bytes: 64 << 20, device: .virtual))]
    let machine = try TestMachine(configuration)
    let base = try machine.anonymous(machine.process, pages: 10_000)
    for _ in 0..<3 {
      #expect(write(machine, base, 10_000) == .done)
      try machine.machine.checkInvariants()
    }
    let figures = machine.machine.spaces.memory.statistics
    let stalls = ZoneKind.allCases.reduce(0) { $0 + figures.stalls[$1.rawValue] }
    #expect(figures.backgroundSteals > 5000 && stalls > 50 && figures.directSteals > 500)
  }

  @Test func theListOfShadowsKeepsItsOrder() {
    var list = ShadowList()
    var model: [UInt32] = []
    var random = XorShift64(seed: 5)
    for _ in 0..<20_000 {
      let name = UInt32(random.below(60))
      let isListed = random.below(2) == 0
      list.set(name, isListed)
      if isListed && !model.contains(name) { model.append(name) }
      if !isListed { model.removeAll { $0 == name } }
      #expect(list.count == model.count && (model.isEmpty || list.first == model[0]))
    }
  }

  @Test func aPageblockThatBeginsWithAHoleIsUnmovable() throws {
    let map = try MemoryMap(
      regions: [MemoryMap.Region(FrameRange(FrameNumber(1), FrameNumber(4096)))], reserved: [])
    let configuration = try PhysicalConfiguration(map: map)
    guard let memory = PhysicalMemory(configuration, metadata: .host) else {
      Issue.record("no memory")
      return
    }
    let types = (0..<8).map { memory.pageblocks[$0].type }
    #expect(types == [.unmovable] + [MigrationType](repeating: .movable, count: 7))
  }
}
