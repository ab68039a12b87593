import LinuxMM

/// Makes random sequences of calls. They depend on nothing but the seed: where a call needs an address that the kernel
/// chose, it names the result of an earlier call.
struct Generator {
  var random: XorShift64
  let seed: UInt64
  var calls: [Call] = []
  private var processes = 1
  var alive: [Int] = [0]
  private var usedSlots: [UInt8] = []
  private var segments: [UInt8] = []
  private var nextSlot: UInt8 = 2
  let window: UInt64
  let windowPages: UInt64
  /// How often each group of calls comes, chosen for the whole sequence.
  private var weights: [Int] = []
  private static let breakSlot: UInt8 = 1

  var userFault = UserFaultState()

  init(seed: UInt64) {
    self.seed = seed
    random = XorShift64(seed: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
    for _ in 0..<8 { _ = random.next() }
    // Around a border of 1 GiB, of 2 MiB, inside one table, or over a few of them.
    let windows: [(UInt64, UInt64)] = [
      (0x2000_0000_0000 - 24 * 4096, 48), (0x10_0020_0000 - 32 * 4096, 64), (0x7000_0000_0000, 40),
      (0x30_0000_0000 - 600 * 4096, 1300),
    ]
    (window, windowPages) = windows[Int(random.below(4))]
    for _ in 0..<Self.groups { weights.append(1 + Int(random.below(random.below(3) == 0 ? 12 : 4))) }
    weights.append(random.below(3) == 0 ? 20 + Int(random.below(100)) : 0)
  }

  mutating func sequence(count: Int) -> CallSequence {
    calls.append(.system(.mmap, [Subject.scratch, 4096, 3, 0x11, 8, 0]))
    calls.append(Call(.store, number: 0, [Subject.scratch + 4000]))
    calls.append(.system(.brk, [0]).keeping(in: Self.breakSlot))
    while calls.count < count { step() }
    return CallSequence(seed: seed, isUnprivileged: seed % 3 == 2, calls: Array(calls.prefix(count)))
  }

  private static let groups = 14

  private mutating func step() {
    var pick = Int(random.below(UInt64(weights.reduce(0, +))))
    var group = 0
    while pick >= weights[group] {
      pick -= weights[group]
      group += 1
    }
    let process = alive[Int(random.below(UInt64(alive.count)))]
    switch group {
    case 0, 1: map(process)
    case 2: add(.munmap, process, 1, [0, length()])
    case 3: add(.mprotect, process, 1, [0, length(), protection(unusual: true)])
    case 4: remap(process)
    case 5: advise(process)
    case 6: lock(process)
    case 7: heap(process)
    case 8: ask(process)
    case 9: processes(process)
    case 10: files(process)
    case Self.groups: userFault(process)
    default: touch(process)
    }
  }

  mutating func chance(_ one: UInt64) -> Bool { random.below(one) == 0 }

  mutating func pick(_ values: [UInt64]) -> UInt64 { values[Int(random.below(UInt64(values.count)))] }

  // MARK: Arguments

  /// An address, as the base of an argument: where it is added to, and how much.
  mutating func address() -> (slot: UInt8, offset: UInt64) {
    switch random.below(20) {
    case 0:
      return (
        0, pick([0, 1, 4096, 0xf000, 0x1_0000, 0x7fff_ffff_f000, 0x7fff_ffff_e000, 1 << 47, .max - 4095, 1 << 63])
      )
    case 1: return (0, window + random.below(windowPages * 4096))
    case 2: return (Self.breakSlot, random.below(12) * 4096)
    case 3: return (0, 0x7fff_ffff_f000 - random.below(90) * 4096)
    case 4..<11:
      if !usedSlots.isEmpty {
        let slot = usedSlots[usedSlots.count - 1 - Int(random.below(UInt64(min(usedSlots.count, 12))))]
        return (slot, random.below(8) * 4096)
      }
      return (0, window + random.below(windowPages) * 4096)
    default: return (0, window + random.below(windowPages) * 4096)
    }
  }

  /// - Parameter isNew: whether so much is to be mapped: then no more than can be populated, or nothing.
  mutating func length(isNew: Bool = false) -> UInt64 {
    switch random.below(24) {
    case 0: pick([0, 1, 4095, 4097, isNew ? 4096 : 1 << 40, 1 << 47, .max, .max - 4095, 1 << 63])
    case 1: (500 + random.below(30)) * 4096
    case 2: (8 + random.below(60)) * 4096
    default: (1 + random.below(8)) * 4096
    }
  }

  private mutating func protection(unusual: Bool = false) -> UInt64 {
    if unusual && chance(40) { return pick([8, 16, 0x100_0003, 0x200_0003, 0x300_0000, 0x1000]) }
    return pick([0, 1, 1, 3, 3, 3, 3, 5, 7, 2, 4, 6])
  }

  /// Adds a call whose address arguments, `addresses` of them from the first on, are chosen here.
  private mutating func add(
    _ call: SystemCall, _ process: Int, _ addresses: Int, _ arguments: [UInt64], keeps: Bool = false
  ) {
    var made = Call.system(call, process: process, arguments)
    if addresses > 0 {
      let chosen = address()
      made.slots[0] = chosen.slot
      made.arguments[0] = chosen.offset
    }
    if keeps { made = made.keeping(in: newSlot()) }
    calls.append(made)
  }

  mutating func newSlot() -> UInt8 {
    let slot = nextSlot
    nextSlot = nextSlot == UInt8(Subject.slotCount - 9) ? 2 : nextSlot + 1
    usedSlots.removeAll { $0 == slot }
    usedSlots.append(slot)
    return slot
  }

  // MARK: Groups

  private mutating func map(_ process: Int) {
    var flags = pick([2, 2, 2, 2, 1, 1, 3, 0]) | (chance(30) ? 0x80 : 0)
    if chance(12) { flags = pick([1, 2, 3, 0, 4, 8]) }
    var isFile = chance(3)
    var isFixed = !chance(3)
    if isFixed { flags |= chance(8) ? 0x10_0000 : 0x10 }
    if chance(25) { flags |= 0x40 }
    if chance(12) && !isFile { flags |= 0x100 }
    if chance(14) { flags |= 0x2000 }
    if chance(10) { flags |= 0x4000 }
    if chance(5) { flags |= 0x8000 }
    if chance(40) { flags |= 0x10000 }
    if chance(40) { flags |= pick([0x800, 0x1000, 0x2_0000, 0x8_0000, 0x400_0000]) & ~0x400_0000 }
    if chance(60) { isFile.toggle() }
    var file = isFile ? pick([3, 3, 3, 4, 4, 5, 6, 6, 7, 9, 10, 20]) : UInt64.max
    if !isFile { flags |= 0x20 } else if chance(30) { flags |= 0x20 }
    if chance(50) { file = pick([.max, 3, 99]) }
    let offset =
      isFile
      ? (chance(20) ? pick([1, 4097, 1 << 60, .max - 4095, (1 << 63) - 4096]) : random.below(42) * 4096)
      : pick([0, 0, 0, 4096, 1 << 63])
    if chance(30) { isFixed = false }
    var size = length(isNew: true)
    if !isFixed && chance(10) { size = (500 + random.below(600)) * 4096 }
    var made = Call.system(.mmap, process: process, [0, size, protection(unusual: true), flags, file, offset])
    if isFixed || chance(2) {
      let chosen = address()
      made.slots[0] = chosen.slot
      made.arguments[0] = chosen.offset
    }
    calls.append(made.keeping(in: newSlot()))
  }

  mutating func remap(_ process: Int) {
    let old = length(isNew: true)
    let new = chance(4) ? old : length(isNew: true)
    var flags = pick([0, 1, 1, 1, 3, 3, 5, 7, 5])
    if chance(40) { flags = pick([2, 4, 6, 8, 16]) }
    var made = Call.system(.mremap, process: process, [0, old, flags & 4 != 0 && !chance(8) ? old : new, flags, 0])
    let chosen = address()
    made.slots[0] = chosen.slot
    made.arguments[0] = chosen.offset
    let target = address()
    made.slots[4] = target.slot
    made.arguments[4] = target.offset
    calls.append(made.keeping(in: newSlot()))
  }

  mutating func advise(_ process: Int) {
    let advice = pick([
      0, 1, 2, 3, 4, 4, 4, 4, 8, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 22, 23, 23, 24, 5, 26, 77,
    ])
    add(.madvise, process, 1, [0, length(), advice])
  }

  private mutating func lock(_ process: Int) {
    switch random.below(8) {
    case 0..<3: add(.mlock, process, 1, [0, length()])
    case 3, 4: add(.munlock, process, 1, [0, length()])
    case 5: add(.mlock2, process, 1, [0, length(), pick([0, 1, 1, 2])])
    case 6: add(.mlockall, process, 0, [pick([0, 1, 2, 3, 4, 5, 6, 7, 8])])
    default: add(.munlockall, process, 0, [])
    }
  }

  private mutating func heap(_ process: Int) {
    if chance(6) {
      limit(process)
      return
    }
    var made = Call.system(.brk, process: process, [random.below(20) * 4096])
    if chance(8) { made.arguments[0] = random.below(40) * 1000 }
    made.slots[0] = Self.breakSlot
    if chance(30) { made.slots[0] = 0 }
    calls.append(made)
  }

  private mutating func limit(_ process: Int) {
    let resource = pick([2, 3, 8, 9])
    let value = pick([0, 4096, 100_000, 1 << 20, 8 << 20, 1 << 30, .max, .max, .max])
    let hard = chance(4) ? value : UInt64.max
    calls.append(Call(.scratch, process: process, [64, value]))
    calls.append(Call(.scratch, process: process, [72, hard]))
    calls.append(.system(.setrlimit, process: process, [resource, Subject.scratch + 64]))
  }

  private mutating func ask(_ process: Int) {
    switch random.below(9) {
    case 6, 7, 8:
      calls.append(Call(.clearReferences, process: process, [pick([4, 4, 4, 4, 4, 1, 2, 3, 5, 0, 6])]))
    case 0, 1:
      add(.mincore, process, 1, [0, length(), chance(6) ? pick([0, window, 1 << 63]) : Subject.scratch + 128])
      // The answer must fit the scratch page.
      let last = calls.count - 1
      if calls[last].arguments[1] > 3000 * 4096 && calls[last].arguments[1] < 1 << 40 {
        calls[last].arguments[1] = 4096
      }
    case 2, 3: add(.msync, process, 1, [0, length(), pick([0, 1, 2, 4, 4, 4, 6, 3, 5, 8])])
    default:
      add(
        .remap_file_pages, process, 1,
        [0, length(), chance(20) ? 1 : 0, random.below(44), pick([0, 0, 0x10000, 0x2000])])
    }
  }

  private mutating func processes(_ process: Int) {
    switch random.below(10) {
    case 0..<4:
      guard alive.count < 4, processes < 15 else { return touch(process) }
      calls.append(Call(chance(4) ? .share : .fork, process: process))
      // Whether it worked is not known here; a process that does not exist answers ESRCH on both sides.
      alive.append(processes)
      processes += 1
    case 4, 5:
      guard alive.count > 1 else { return touch(process) }
      calls.append(Call(.exit, process: process))
      alive.removeAll { $0 == process }
    case 6:
      if chance(3) { execute(process) } else { touch(process) }
    case 7, 8: adviseOther(process)
    default: touch(process)
    }
  }

  private mutating func execute(_ process: Int) {
    calls.append(Call(.execute, process: process, [chance(10) ? pick([0, window]) : Subject.scratch + 4088]))
    calls.append(.system(.mmap, process: process, [Subject.scratch, 4096, 3, 0x11, 8, 0]))
  }

  private mutating func adviseOther(_ process: Int) {
    let target = alive[Int(random.below(UInt64(alive.count)))]
    let count = 1 + random.below(2)
    for range in 0..<count {
      let chosen = address()
      var start = Call(.scratch, process: process, [80 + range * 16, chosen.offset])
      start.slots[1] = chosen.slot
      calls.append(start)
      calls.append(Call(.scratch, process: process, [88 + range * 16, length()]))
    }
    var made = Call(
      .adviseOther, process: process, number: UInt64(target),
      [Subject.scratch + 80, count, pick([3, 3, 20, 20, 21, 21, 4, 0, 14, 77]), chance(12) ? 1 : 0])
    if chance(12) { made.arguments[0] = pick([0, window]) }
    if chance(20) { made.arguments[1] = pick([0, 1025]) }
    calls.append(made)
  }

  private mutating func files(_ process: Int) {
    switch random.below(10) {
    case 0:
      calls.append(
        .system(.ftruncate, process: process, [pick([3, 3, 3, 4]), random.below(44) * 4096 + pick([0, 0, 100])]))
    case 1, 2:
      calls.append(
        .system(
          .fallocate, process: process,
          [3, 3, random.below(40) * 4096 + pick([0, 0, 0, 500]), (1 + random.below(6)) * 4096]))
    case 3:
      let slot = UInt8(Subject.slotCount - 8) + UInt8(segments.count % 8)
      segments.append(slot)
      calls.append(
        .system(.shmget, process: process, [0, pick([1, 4096, 3 * 4096, 6 * 4096, 5 * 4096 + 1]), 0o1700])
          .keeping(in: slot, opaque: true))
    case 4, 5, 6:
      guard let slot = segments.last else { return touch(process) }
      let chosen = address()
      var made = Call.system(
        .shmat, process: process, [0, 0, pick([0, 0, 0o10000, 0o20000, 0o40000, 0o60000, 0o100000])])
      made.slots[0] = slot
      if !chance(3) {
        made.slots[1] = chosen.slot
        made.arguments[1] = chosen.offset
      }
      calls.append(made.keeping(in: newSlot()))
    case 7, 8: add(.shmdt, process, 1, [0])
    default:
      guard let slot = segments.last else { return touch(process) }
      var made = Call.system(.shmctl, process: process, [0, 0, 0])
      made.slots[0] = slot
      calls.append(made)
      segments.removeLast()
    }
  }

  mutating func touch(_ process: Int) {
    for _ in 0..<(1 + random.below(5)) {
      let chosen = address()
      let page = chosen.offset & ~4095
      var made: Call
      switch random.below(9) {
      case 0..<4: made = Call(.load, process: process, [page + random.below(4096)])
      case 8: made = Call(.fetch, process: process, [page])
      default: made = Call(.store, process: process, number: 1 + random.below(255), [page + 16 + random.below(4000)])
      }
      made.slots[0] = chosen.slot
      calls.append(made)
    }
  }
}
