import LinuxMM

/// userfaultfd and its calls.
extension Model {
  func makeUserFault(_ values: [UInt64], _ process: ProcessIndex) throws(Errno) -> Int64 {
    let watcher = try machine.makeWatcher(process, flags: UInt32(truncatingIfNeeded: values[0]))
    // The subject's own files come before.
    var number = Subject.firstNumber
    while userFaults[process]?[number] != nil { number += 1 }
    userFaults[process, default: [:]][number] = watcher
    if values[0] & 0o2000000 != 0 { closedByExec[process, default: []].insert(number) }
    return Int64(number)
  }

  func closeUserFault(_ number: UInt64, _ process: ProcessIndex) throws(Errno) {
    guard let watcher = userFaults[process]?.removeValue(forKey: number) else { throw .EBADF }
    closedByExec[process]?.remove(number)
    let isUsed = userFaults.values.contains { $0.values.contains(watcher) }
    if !isUsed { machine.close(watcher) }
  }

  func closeUserFaults(of process: ProcessIndex) {
    for number in userFaults[process, default: [:]].keys.sorted() { try? closeUserFault(number, process) }
  }

  func control(_ values: [UInt64], _ process: ProcessIndex) throws(Errno) {
    guard let watcher = userFaults[process]?[values[0]] else { throw .EBADF }
    guard let call = UserFaultCall(rawValue: values[1]), call == .api || machine.isEnabled(watcher) else {
      throw .EINVAL
    }
    let pointer = VirtualAddress(values[2])
    try touch(pointer, call.size.read, writes: false, process)
    let words = (0..<5).map { word(values[2], $0) }
    switch call {
    case .api:
      var answer: [UInt64] = [0, 0, 0]
      defer { put(answer, at: values[2]) }
      do throws(Errno) {
        let found = try machine.enable(watcher, by: process, api: words[0], WatchFeatures(rawValue: words[1]))
        answer = [0xaa, found.features.rawValue, found.calls.rawValue]
      } catch {
        try touch(pointer, call.size.whole, writes: true, process)
        throw error
      }
      try touch(pointer, call.size.whole, writes: true, process)
    case .register:
      let calls = try machine.watch(
        watcher, VirtualAddress(words[0]), length: words[1], WatchModes(rawValue: words[2]))
      try answer(calls.rawValue, 3, values[2], process)
    case .unregister: try machine.unwatch(watcher, VirtualAddress(words[0]), length: words[1])
    case .wake: try machine.wake(watcher, VirtualAddress(words[0]), length: words[1])
    case .copy:
      let result = try machine.supply(
        watcher, by: process, VirtualAddress(words[0]), length: words[2], from: VirtualAddress(words[1]),
        SupplyModes(rawValue: words[3]))
      try answer(result, 4, values[2], process)
    case .zeroPage:
      let result = try machine.supplyZeros(
        watcher, by: process, VirtualAddress(words[0]), length: words[1], SupplyModes(rawValue: words[2]))
      try answer(result, 3, values[2], process)
    case .continue:
      let result = try machine.supplyCached(
        watcher, by: process, VirtualAddress(words[0]), length: words[1], SupplyModes(rawValue: words[2]))
      try answer(result, 3, values[2], process)
    case .writeProtect:
      // A mode of bits: on, and not to wake.
      guard words[2] & ~3 == 0 else { throw .EINVAL }
      try machine.writeProtect(
        watcher, VirtualAddress(words[0]), length: words[1], isOn: words[2] & 1 != 0, keepsWaiting: words[2] & 2 != 0)
    }
  }

  private func answer(
    _ result: SupplyResult, _ index: Int, _ pointer: UInt64, _ process: ProcessIndex
  ) throws(Errno) {
    if result.field == Int64(-Errno.ESRCH.rawValue) { throw .ESRCH }
    try answer(UInt64(bitPattern: result.field), index, pointer, process)
    if let error = result.error { throw error }
  }

  /// Writes a field that the kernel answers in.
  private func answer(
    _ value: UInt64, _ index: Int, _ pointer: UInt64, _ process: ProcessIndex
  ) throws(Errno) {
    try touch(VirtualAddress(pointer + UInt64(index) * 8), 8, writes: true, process)
    put([value], at: pointer + UInt64(index) * 8)
  }

  private func touch(
    _ address: VirtualAddress, _ size: UInt64, writes: Bool, _ process: ProcessIndex
  ) throws(Errno) {
    guard address.rawValue < 0x7fff_ffff_f000,
      machine.touch(process, address, length: size, writes: writes, on: 0) == .done
    else { throw .EFAULT }
  }

  private func word(_ pointer: UInt64, _ index: Int) -> UInt64 {
    let start = pointer & 4095 + UInt64(index) * 8
    return (0..<8).reduce(0) {
      $0 | UInt64(machine.byte(files[8]!.file, at: start + UInt64($1)) ?? 0) << UInt64($1 * 8)
    }
  }

  private func put(_ words: [UInt64], at pointer: UInt64) {
    for (index, word) in words.enumerated() {
      for byte in 0..<8 {
        let offset = pointer & 4095 + UInt64(index * 8 + byte)
        scratchBytes[Int(offset)] = UInt8(truncatingIfNeeded: word >> UInt64(byte * 8))
        machine.setByte(files[8]!.file, at: offset, to: scratchBytes[Int(offset)])
      }
    }
  }
}
