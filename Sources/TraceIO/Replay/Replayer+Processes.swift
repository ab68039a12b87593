import LinuxMM

extension Replayer {
  /// A process begins: with a program of its own, or as a child.
  mutating func begin(_ kind: EventKind, _ pid: UInt32) throws(TraceError) {
    let child = ProcessKey(program: program, pid: pid)
    if kind == .forked {
      let parent = ProcessKey(program: program, pid: UInt32(truncatingIfNeeded: decoder.fields[0]))
      let key = UnbornChild(parent: parent, token: decoder.fields[1])
      guard let index = unborn.removeValue(forKey: key) else {
        // A child of a process that the model has killed does not exist there.
        let isOfDead = numbers[parent].map { !machine.process(processes[$0].index).isAlive } ?? false
        if isOfDead || neverBorn.contains(parent) { neverBorn.insert(child) } else { noteOrphan() }
        return
      }
      let of = numbers[parent]
      numbers[child] = processes.count
      var process = TracedProcess(
        program: program, pid: pid, parent: parent.pid, index: index,
        arguments: of.map { processes[$0].arguments } ?? [])
      process.knowsBreak = of.map { processes[$0].knowsBreak } ?? false
      machine.setIdentifier(index, pid, name: Array(process.name.utf8))
      processes.append(process)
      count(processes: 1)
      return
    }
    if neverBorn.contains(child) { return }
    let image = try image()
    let arguments = decoder.text.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    let number: Int
    if let known = numbers[child], processes[known].exitStatus == nil {
      number = known
      processes[number].arguments = arguments
      processes[number].knowsBreak = false
    } else {
      number = processes.count
      numbers[child] = number
      processes.append(
        TracedProcess(
          program: program, pid: pid, parent: nil, index: machine.start(in: groups[program]), arguments: arguments))
      count(processes: 1)
    }
    machine.setIdentifier(processes[number].index, pid, name: Array(processes[number].name.utf8))
    note(machine.execute(processes[number].index, image), number, image.stackPointer, .write)
  }

  /// The image that the fields of an `image` event describe.
  private mutating func image() throws(TraceError) -> ProgramImage {
    let fields = decoder.fields
    let segmentCount = fields[3]
    guard segmentCount <= 64, fields.count >= 5 + Int(segmentCount) * 7 else {
      throw .damagedSlice(.field)
    }
    var segments: [ProgramImage.Segment] = []
    var end = VirtualPage(0)
    for number in 0..<Int(segmentCount) {
      let field = fields[(4 + number * 7)...].prefix(7)
      let at = field.startIndex
      let start = VirtualAddress(field[at]).page
      let stop = VirtualAddress(field[at + 1]).page
      guard start < stop, stop < VirtualPage.userEnd else { throw .damagedSlice(.field) }
      let identity = FileIdentity(device: field[at + 3], inode: field[at + 4])
      let file =
        identity.inode == 0 ? FileIndex.none : machine.file(identity, size: field[at + 5])
      segments.append(
        ProgramImage.Segment(
          start: start, end: stop, protection: Protection(rawValue: field[at + 2] & 7), file: file,
          offset: VirtualAddress(field[at + 6]).page.rawValue))
      end = max(end, stop)
    }
    let cleared = fields[4 + Int(segmentCount) * 7]
    guard cleared <= 16, fields.count >= 5 + Int(segmentCount) * 7 + Int(cleared) else {
      throw .damagedSlice(.field)
    }
    let pages = fields.dropFirst(5 + Int(segmentCount) * 7).prefix(Int(cleared)).map {
      VirtualPage($0)
    }
    let stackPointer = VirtualAddress(fields[0])
    let stackTop = VirtualAddress(fields[1])
    let limit = VirtualPage.userEnd.address.rawValue
    guard stackTop.isPageAligned, stackPointer < stackTop, stackTop.rawValue <= limit,
      stackTop.rawValue - stackPointer.rawValue < 64 << 20, stackPointer.rawValue > 1 << 20
    else { throw .damagedSlice(.field) }
    return ProgramImage(
      segments: segments, cleared: pages, stackPointer: stackPointer, stackTop: stackTop,
      breakStart: VirtualAddress(end.address.rawValue),
      stackLimit: fields[2] >= PageSize.bytes ? min(fields[2], 1 << 46) : nil)
  }
}
