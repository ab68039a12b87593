/// What a sequence has done with userfaultfds so far, as far as that does not depend on the kernel.
struct UserFaultState {
  /// Slots of file numbers, who made them, and whether UFFDIO_API was called.
  var open: [(slot: UInt8, process: Int, isEnabled: Bool)] = []
  var made = 0
  /// Ranges that were mapped to be watched: whose, page and length in pages.
  var ranges: [(process: Int, page: UInt64, count: UInt64)] = []
}

/// The calls of userfaultfd (`include/uapi/linux/userfaultfd.h`).
enum UserFaultCall: UInt64 {
  case api = 0xc018_aa3f
  case register = 0xc020_aa00
  case unregister = 0x8010_aa01
  case wake = 0x8010_aa02
  case copy = 0xc028_aa03
  case zeroPage = 0xc020_aa04
  case writeProtect = 0xc018_aa06
  case `continue` = 0xc020_aa07

  /// Bytes of its structure, and how many of them the kernel reads.
  var size: (whole: UInt64, read: UInt64) {
    switch self {
    case .api, .writeProtect: (24, 24)
    case .unregister, .wake: (16, 16)
    case .copy: (40, 32)
    case .register, .zeroPage, .continue: (32, 24)
    }
  }
}

extension Subject {
  /// Where in the scratch page the structures of userfaultfd's calls are.
  static let userFaultWords: UInt64 = 3200
  /// Slots for the numbers of userfaultfds.
  static let userFaultSlot: UInt8 = 72
  static let allSlots = 80
}

extension Generator {
  mutating func userFault(_ process: Int) {
    userFault.open.removeAll { entry in !alive.contains(entry.process) }
    if userFault.open.isEmpty || (userFault.open.count < 3 && chance(40)) { return makeUserFault(process) }
    let index = Int(random.below(UInt64(userFault.open.count)))
    let chosen = userFault.open[chance(3) ? index : userFault.open.count - 1]
    // A child has the file too, if it was made before.
    let process = chance(8) ? process : chosen.process
    if !chosen.isEnabled && !chance(6) {
      return enableUserFault(process, userFault.open.firstIndex { $0.slot == chosen.slot }!)
    }
    let ranges = userFault.ranges.filter { $0.process == chosen.process }
    if ranges.isEmpty || chance(10) { return mapWatched(chosen.process, chosen.slot) }
    if chance(5) { return disturb(chosen.process, ranges) }
    switch random.below(30) {
    case 0:
      calls.append(.system(.close, process: process, [0]).adding(slot: chosen.slot, to: 0))
      if !chance(6) { userFault.open.removeAll { $0.slot == chosen.slot } }
    case 1: enableUserFault(process, index)
    case 2:
      let number: UInt64 = pick([0xc018_aa3e, 0xc020_aa01, 0xaa00, 0xc020_aa09])
      make(process, chosen.slot, number, [(0, random.below(4))], output: nil)
    case 3: range(process, chosen.slot, .wake, [], output: nil)
    case 4, 5: range(process, chosen.slot, .unregister, [], output: nil)
    case 6..<11:
      let modes = pick([1, 1, 2, 2, 3, 3, 3, 4, 5, 6, 7, 7])
      range(process, chosen.slot, .register, [(0, chance(30) ? pick([0, 8, 9]) : modes)], output: 24, isLong: true)
    case 11..<17:
      var source = address()
      if !chance(4) { source = (0, chance(4) ? window + random.below(windowPages) * 4096 : Subject.scratch) }
      let mode = chance(30) ? pick([4, 8]) : pick([0, 0, 0, 1, 2, 2, 3])
      let offset = chance(8) ? random.below(4096) : 0
      range(
        process, chosen.slot, .copy, [(source.slot, source.offset & ~4095 + offset), (0, mode)], output: 32,
        isSourceFirst: true)
    case 17, 18: range(process, chosen.slot, .zeroPage, [(0, chance(20) ? 2 : random.below(2))], output: 24)
    case 19..<22:
      range(process, chosen.slot, .continue, [(0, chance(20) ? 4 : random.below(2))], output: 24)
    default:
      range(
        process, chosen.slot, .writeProtect, [(0, chance(20) ? pick([3, 4, 8]) : pick([0, 1, 1, 1, 2]))], output: nil,
        isLong: true)
    }
    if chance(2) { touch(process) }
    if chance(2), let known = userFault.ranges.last {
      for _ in 0..<(1 + random.below(4)) {
        let target = (known.page + random.below(known.count)) << 12 + random.below(4096)
        calls.append(
          chance(2) ? Call(.load, process: process, [target]) : Call(.store, process: process, number: 7, [target]))
      }
    }
  }

  /// New memory of a kind that can be watched, and its watch.
  private mutating func mapWatched(_ process: Int, _ slot: UInt8) {
    let count = 1 + random.below(24)
    let page = (window >> 12) + random.below(windowPages)
    let kinds: [(flags: UInt64, file: UInt64)] = [(0x32, .max), (0x32, .max), (0x31, .max), (0x11, 3), (0x12, 3)]
    let kind = kinds[Int(random.below(5))]
    let offset = kind.file == 3 ? random.below(20) * 4096 : 0
    calls.append(.system(.mmap, process: process, [page << 12, count * 4096, 3, kind.flags, kind.file, offset]))
    for _ in 0..<random.below(4) {
      calls.append(Call(.store, process: process, number: 1, [(page + random.below(count)) << 12]))
    }
    userFault.ranges.append((process, page, count))
    if userFault.ranges.count > 6 { userFault.ranges.removeFirst() }
    let modes = kind.flags == 0x32 ? pick([1, 1, 3, 3, 2]) : pick([1, 2, 3, 4, 5, 6, 7, 7])
    make(
      process, slot, UserFaultCall.register.rawValue, [(0, page << 12), (0, count * 4096), (0, modes)], output: 24)
  }

  /// What else happens to watched memory.
  private mutating func disturb(_ process: Int, _ ranges: [(process: Int, page: UInt64, count: UInt64)]) {
    let known = ranges[!chance(3) ? ranges.count - 1 : Int(random.below(UInt64(ranges.count)))]
    let first = random.below(known.count)
    let start = (known.page + first) << 12
    let size = (1 + random.below(min(known.count - first, 6))) << 12
    switch random.below(16) {
    case 0..<5: calls.append(.system(.madvise, process: process, [start, size, 4]))
    case 5: calls.append(.system(.madvise, process: process, [start, size, pick([8, 9, 21, 22, 23, 12])]))
    case 6, 7: calls.append(.system(.mprotect, process: process, [start, size, pick([0, 1, 3, 3, 3])]))
    case 8, 9:
      let target = pick([(known.page + known.count) << 12, window + random.below(windowPages) << 12])
      calls.append(.system(.mremap, process: process, [start, size, size, pick([3, 3, 7, 7]), target]))
    case 10:
      calls.append(.system(.mremap, process: process, [start, size, size + pick([4096, 8192]), pick([0, 1])]))
    case 11:
      calls.append(
        .system(.fallocate, process: process, [3, 3, random.below(36) * 4096, (1 + random.below(8)) * 4096]))
    case 12: calls.append(.system(.munmap, process: process, [start, 4096]))
    case 13: calls.append(.system(.mlock2, process: process, [start, size, random.below(2)]))
    case 14: calls.append(.system(.mincore, process: process, [start, size, Subject.scratch + 128]))
    default: calls.append(.system(.ftruncate, process: process, [3, (20 + random.below(24)) * 4096]))
    }
  }

  /// userfaultfd(2), and most often UFFDIO_API with SIGBUS, so that no access waits.
  private mutating func makeUserFault(_ process: Int) {
    let slot = Subject.userFaultSlot + UInt8(userFault.made % 8)
    // Without the flag for users only, an ordinary user is refused, and the slot keeps what it had.
    let flags: UInt64 = chance(12) ? pick([2, 0, 0o4001, 0o2000001, 8]) : 1
    calls.append(.system(.userfaultfd, process: process, [flags]).keeping(in: slot, opaque: true))
    userFault.made += 1
    userFault.open.append((slot, process, false))
    if !chance(12) { enableUserFault(process, userFault.open.count - 1) }
  }

  private mutating func enableUserFault(_ process: Int, _ index: Int) {
    var features = 0x80 | random.below(2) * 0x1020 | random.below(2) * 0x401
    let isGood = !chance(12)
    if !isGood { features |= 1 << pick([20, 40, 63]) }
    make(
      process, userFault.open[index].slot, UserFaultCall.api.rawValue,
      [(0, chance(20) ? 0xab : 0xaa), (0, features), (0, 0)], output: pick([8, 16]))
    if isGood { userFault.open[index].isEnabled = true }
  }

  /// A call that begins with a range.
  private mutating func range(
    _ process: Int, _ slot: UInt8, _ call: UserFaultCall, _ rest: [(UInt8, UInt64)], output: UInt64?,
    isSourceFirst: Bool = false, isLong: Bool = false
  ) {
    var start = address()
    if !chance(20) { start.offset &= ~4095 }
    var size = length(isNew: true)
    if isLong && chance(3) { size = (8 + random.below(40)) * 4096 }
    let owner = userFault.open.first { $0.slot == slot }?.process
    let ranges = userFault.ranges.filter { $0.process == owner }
    if !chance(4), !ranges.isEmpty {
      let known = ranges[!chance(3) ? ranges.count - 1 : Int(random.below(UInt64(ranges.count)))]
      let first = random.below(known.count)
      start = (0, (known.page + first) << 12)
      if !chance(8) { size = (1 + random.below(min(known.count - first, isLong ? 24 : chance(3) ? 4 : 1))) << 12 }
    }
    if [.copy, .zeroPage, .continue].contains(call), chance(2) {
      // Something to supply: the pages go, from the page cache too or only from the process.
      calls.append(
        .system(.madvise, process: process, [start.offset, size, pick([4, 9])]).adding(slot: start.slot, to: 0))
    }
    let length: (UInt8, UInt64) = (0, size)
    let words: [(UInt8, UInt64)] =
      isSourceFirst ? [start, rest[0], length, rest[1]] : [start, length] + rest
    make(process, slot, call.rawValue, words, output: output)
  }

  /// Writes a structure, makes the call, and looks at what it answers.
  private mutating func make(
    _ process: Int, _ slot: UInt8, _ number: UInt64, _ words: [(slot: UInt8, value: UInt64)], output: UInt64?
  ) {
    for (index, word) in words.enumerated() {
      calls.append(
        Call(.scratch, process: process, [Subject.userFaultWords + UInt64(index) * 8, word.value])
          .adding(slot: word.slot, to: 1))
    }
    let pointer = chance(60) ? pick([1 << 63, 0x7fff_ffff_f000]) : Subject.scratch + Subject.userFaultWords
    calls.append(.system(.ioctl, process: process, [0, number, pointer]).adding(slot: slot, to: 0))
    if let output, chance(2) {
      calls.append(
        Call(.load, process: process, [Subject.scratch + Subject.userFaultWords + output + random.below(3)]))
    }
  }
}
