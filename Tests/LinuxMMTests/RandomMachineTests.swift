import Testing

@testable import LinuxMM

/// What a process should be able to do with each page, kept as a plain dictionary.
private struct NaiveSpace {
  var pages: [UInt64: Protection] = [:]
}

@Suite struct RandomMachineTests {
  /// Random calls of several processes: access succeeds exactly where the plain model permits it, every structure
  /// holds together, and all frames come back.
  @Test(arguments: [21, 22, 23, 24] as [UInt64]) func randomCallsAgreeWithAPlainModel(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    let machine = try TestMachine(ram: 256 << 20, processors: 2)
    let first = machine.process
    var alive: [(ProcessIndex, NaiveSpace)] = [(first, NaiveSpace())]
    let file = machine.file(FileIdentity(device: 9, inode: 9), size: 64 * 4096)
    let base: UInt64 = 0x5_0000_0000 >> 12
    let window: UInt64 = 1500
    func protection() -> Protection { Protection(rawValue: random.below(8)) }
    for step in 0..<12_000 {
      let which = Int(random.below(UInt64(alive.count)))
      let process = alive[which].0
      let start = base + random.below(window)
      let count = 1 + random.below(random.below(10) == 0 ? 600 : 12)
      let address = VirtualPage(start).address
      switch random.below(20) {
      case 0..<4:
        let rights = protection()
        let usesFile = random.below(3) == 0
        let isShared = random.below(3) == 0
        var flags: MapFlags = [isShared ? .shared : .private, .fixed]
        if !usesFile { flags.insert(.anonymous) }
        if random.below(8) == 0 { flags.insert(.populate) }
        _ = try machine.map(
          process,
          MapRequest(
            address: address, length: count * 4096, protection: rights, flags: flags, file: usesFile ? file : .none))
        for page in start..<(start + count) {
          alive[which].1.pages[page] = rights
          // Pages behind the file's end cannot be touched at all.
          if usesFile && page - start >= 64 { alive[which].1.pages[page] = Protection() }
        }
        if usesFile && count > 64 {
          try machine.unmap(process, VirtualPage(start + 64).address, length: (count - 64) * 4096)
          for page in (start + 64)..<(start + count) { alive[which].1.pages[page] = nil }
        }
      case 4, 5:
        try machine.unmap(process, address, length: count * 4096)
        for page in start..<(start + count) { alive[which].1.pages[page] = nil }
      case 6, 7:
        let rights = protection()
        var end = start
        while end < start + count, alive[which].1.pages[end] != nil { end += 1 }
        let result = Result { () throws(Errno) in
          try machine.protect(process, address, length: count * 4096, rights)
        }
        for page in start..<end { alive[which].1.pages[page] = rights }
        #expect((end == start + count) == ((try? result.get()) != nil), "seed \(seed), step \(step)")
      case 8:
        try? machine.advise(process, address, length: count * 4096, random.below(2) == 0 ? .dontNeed : .free)
      case 9 where alive.count < 5:
        let child = try #require(machine.fork(process, sharesMemory: false))
        alive.append((child, alive[which].1))
      case 10 where alive.count > 1:
        machine.exit(process)
        alive.remove(at: which)
      default:
        for _ in 0..<20 {
          let page = base + random.below(window + 600)
          let kind = AccessKind(rawValue: UInt8(random.below(3)))!
          let rights = alive[which].1.pages[page]
          let permitted =
            switch kind {
            case .read: rights.map { !$0.isEmpty } ?? false
            case .write: rights?.contains(.write) ?? false
            case .fetch: rights?.contains(.execute) ?? false
            }
          let result = machine.access(process, VirtualPage(page), kind, on: Int(random.below(2)))
          #expect((result == .done) == permitted, "seed \(seed), step \(step), page \(page), \(kind)")
        }
      }
      if step % 400 == 0 { try machine.checkInvariants() }
    }
    try machine.checkInvariants()
    #expect(machine.framesMissingAtEnd() == 0)
  }
}
