import LinuxMM

extension Replayer {
  /// Carries out an event of a process that has begun.
  ///
  /// - Returns: a reading, which is left to the caller.
  mutating func handle(_ kind: EventKind, _ number: Int, on processor: Int) throws(TraceError) -> ProcessStep? {
    let index = processes[number].index
    let fields = decoder.fields
    switch kind {
    case .touch:
      note(
        machine.touch(
          index, VirtualAddress(fields[0]), length: min(fields[1], 1 << 40), writes: fields[2] != 0,
          on: processor), number, VirtualAddress(fields[0]), fields[2] != 0 ? .write : .read)
    case .fileAccess:
      let file = machine.file(
        FileIdentity(device: fields[0], inode: fields[1]), size: min(fields[2], 1 << 50))
      let offset = min(fields[3], 1 << 50)
      let end = offset + min(fields[4], 1 << 31)
      if fields[5] == 0 { return .read(file, offset: offset, end: end) }
      machine.accessFile(index, file, offset: offset, length: end - offset, writes: true)
    case .systemCall:
      noteCall()
      handleCall(fields, number)
    case .forkBegin:
      if let child = machine.fork(index, sharesMemory: fields[1] != 0) {
        unborn[UnbornChild(parent: key(of: number), token: fields[0])] = child
      }
    case .forkFailed:
      let key = UnbornChild(parent: key(of: number), token: fields[0])
      if let child = unborn.removeValue(forKey: key) { machine.exit(child) }
    case .exit:
      if processes[number].exitStatus == nil { count(processes: -1) }
      processes[number].exitStatus = Int32(truncatingIfNeeded: fields[0])
      machine.exit(index)
    case .untraced:
      processes[number].pendingUntraced = String(decoding: decoder.text, as: UTF8.self)
    case .childEnded:
      // A wait status: the exit status in the second byte, or the signal in the first.
      let status = Int32(truncatingIfNeeded: fields[1])
      end(
        pid: UInt32(truncatingIfNeeded: fields[0]),
        status: status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f), of: program)
    case .killAdjustment:
      let target = ProcessKey(program: program, pid: UInt32(truncatingIfNeeded: fields[0]))
      let adjustment = Int(Int64(bitPattern: fields[1]))
      // The kernel has accepted it.
      if let target = numbers[target] {
        try? machine.setOutOfMemoryAdjustment(processes[target].index, max(-1000, min(adjustment, 1000)))
      }
    case .fileName:
      fileNames[FileIdentity(device: fields[0], inode: fields[1])] =
        String(decoding: decoder.text, as: UTF8.self)
    case .threadExit, .image, .forked:
      break
    }
    return nil
  }
}
