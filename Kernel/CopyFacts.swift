/// Copy-on-write between a process and its child.
extension Computer {
  mutating func showCopies(_ facts: inout Facts) throws(Errno) {
    facts.title("a process of 16 pages and its child")
    let area = VirtualAddress(0x4000_0000)
    let parent = try start()
    _ = try machine.map(
      parent,
      MapRequest(
        address: area, length: 16 * PageSize.bytes, protection: [.read, .write], flags: [.private, .anonymous, .fixed]))
    func page(_ number: UInt64) -> VirtualAddress { (area.page + number).address }
    func last(_ number: UInt64) -> VirtualAddress { VirtualAddress(page(number).rawValue + 0xff8) }
    for number in 0..<UInt64(16) {
      _ = access(parent, .write, page(number), 0xaaaa + number)
      _ = access(parent, .write, last(number), ~number)
    }
    guard let child = machine.fork(parent, sharesMemory: false) else { throw .ENOMEM }
    var frames: [FrameNumber?] = []
    for number in 0..<UInt64(16) { frames.append(frame(parent, page(number))) }

    var faults = pageFaults
    var right: UInt64 = 0
    for number in 0..<UInt64(16) where access(child, .read, page(number)) == .done(0xaaaa + number) { right += 1 }
    facts.expect("pages that the child reads as the parent wrote them", right, equals: 16)
    facts.expect("frames that both have", sharedFrames(parent, child, area), equals: 16)

    faults = pageFaults
    let anonymous = machine.frameAccount.anonymous
    for number in 0..<UInt64(8) { _ = access(child, .write, page(number), 0xbbbb + number) }
    facts.expect("page faults when the child writes to 8 of them", pageFaults - faults, equals: 8)
    facts.expect("as the processor says it", lastCode, is: [.protection, .user, .write])
    facts.expect("frames taken for copies", UInt64(machine.frameAccount.anonymous - anonymous), equals: 8)
    facts.expect("frames that both still have", sharedFrames(parent, child, area), equals: 8)
    var parents: UInt64 = 0
    var children: UInt64 = 0
    for number in 0..<UInt64(16) {
      if access(parent, .read, page(number)) == .done(0xaaaa + number) { parents += 1 }
      let word = number < 8 ? 0xbbbb + number : 0xaaaa + number
      if access(child, .read, page(number)) == .done(word) { children += 1 }
    }
    facts.expect("pages of the parent as it wrote them", parents, equals: 16)
    facts.expect("pages of the child as it wrote or inherited them", children, equals: 16)
    var rest: UInt64 = 0
    for number in 0..<UInt64(8) where access(child, .read, last(number)) == .done(~number) { rest += 1 }
    facts.expect("copies that kept the parent's word at their end", rest, equals: 8)

    machine.exit(child)
    let reuses = machine.spaces.translation.memory.statistics.reuses
    let before = machine.frameAccount.anonymous
    faults = pageFaults
    for number in 0..<UInt64(16) { _ = access(parent, .write, page(number), 0xcccc + number) }
    facts.expect("page faults when the parent writes after the child's end", pageFaults - faults, equals: 16)
    facts.expect(
      "pages used again without a copy", machine.spaces.translation.memory.statistics.reuses - reuses, equals: 16)
    facts.expect("frames taken for that", UInt64(machine.frameAccount.anonymous - before), equals: 0)
    var same: UInt64 = 0
    for number in 0..<UInt64(16)
    where frames[Int(number)] == frame(parent, page(number))
      && access(parent, .read, page(number)) == .done(0xcccc + number)
    {
      same += 1
    }
    facts.expect("pages in the frames they had at first, with the new contents", same, equals: 16)
    machine.exit(parent)
  }

  /// How many of 16 pages have the same frame in both processes.
  private func sharedFrames(_ first: ProcessIndex, _ second: ProcessIndex, _ area: VirtualAddress) -> UInt64 {
    var count: UInt64 = 0
    for number in 0..<UInt64(16) {
      let address = (area.page + number).address
      if let found = frame(first, address), found == frame(second, address) { count += 1 }
    }
    return count
  }
}
