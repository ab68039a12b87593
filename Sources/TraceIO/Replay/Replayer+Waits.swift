import LinuxMM

/// Processes that wait for a disk, and others that run meanwhile: events come in the order of the stream, but for those of
/// processes that wait.
extension Replayer {
  func key(of number: Int) -> ProcessKey { ProcessKey(program: processes[number].program, pid: processes[number].pid) }

  /// Carries out a step.
  ///
  /// - Returns: what is left of it and when, if the process has to wait.
  mutating func take(_ step: ProcessStep, _ number: Int, on processor: Int) -> (step: ProcessStep, until: UInt64)? {
    let index = processes[number].index
    switch step {
    case .access(let page, let kind):
      let result = machine.access(index, page, kind, on: processor)
      if result == .done { return nil }
      if case .reading(let end) = result { return (step, end) }
      note(result, number, page.address, kind)
    case .read(let file, let offset, let end):
      if let rest = machine.accessFile(index, file, offset: offset, length: end - offset, writes: false) {
        return (.read(file, offset: rest.offset, end: end), rest.until)
      }
    }
    return nil
  }

  /// Lets a process wait in the middle of a slice.
  mutating func suspend(_ number: Int, _ rest: SliceRest, _ left: (step: ProcessStep, until: UInt64)) {
    let kept = KeptDecoder()
    swap(&kept.decoder, &decoder)
    waits.append(ProcessWait(number: number, rest: rest, step: left.step, until: left.until, decoder: kept))
  }

  /// Lets those go on that have waited long enough, and keeps a slice of one that waits.
  ///
  /// - Returns: whether the slice has been kept.
  mutating func queue(
    _ bytes: [UInt8], at start: Int, _ header: SliceHeader, of program: Int
  ) throws(TraceError) -> Bool {
    while let place = waits.firstIndex(where: { $0.until <= machine.nanoseconds }) { try resume(place) }
    guard let number = numbers[ProcessKey(program: program, pid: header.process)] else {
      // A child that one of them was about to begin.
      try endWaits()
      return false
    }
    guard let place = waits.firstIndex(where: { $0.number == number }) else { return false }
    waits[place].slices.append((bytes, start))
    while let place = waits.firstIndex(where: { $0.number == number }),
      waits[place].slices.count >= ProcessWait.mostSlices || !isAnybodyReady
    {
      try passTime()
    }
    return true
  }

  /// Whether a process may have something to do that does not wait.
  private var isAnybodyReady: Bool { running > waits.count }

  /// Lets time pass until the next process can go on, and lets it.
  private mutating func passTime() throws(TraceError) {
    guard let place = waits.indices.min(by: { waits[$0].until < waits[$1].until }) else { return }
    machine.rest(until: waits[place].until)
    try resume(place)
  }

  /// Goes on with a process, up to the end of its slices or until it has to wait again.
  private mutating func resume(_ place: Int) throws(TraceError) {
    let wait = waits.remove(at: place)
    let outer = (program, machine.processor)
    defer { (program, machine.processor) = outer }
    program = processes[wait.number].program
    machine.processor = wait.rest.processor
    // The process may have been killed, and the decoder may be in use.
    swap(&wait.decoder.decoder, &decoder)
    defer { swap(&wait.decoder.decoder, &decoder) }
    let begin = machine.nanoseconds
    if let left = take(wait.step, wait.number, on: wait.rest.processor) {
      suspend(wait.number, wait.rest, left)
    } else {
      try goOn(wait.rest, wait.number)
    }
    times[program, default: 0] += machine.nanoseconds - begin
    var slices = wait.slices[...]
    while let next = slices.first {
      if let again = waits.lastIndex(where: { $0.number == wait.number }) {
        waits[again].slices = Array(slices)
        return
      }
      slices.removeFirst()
      try carryOut(next.bytes, at: next.start, try SliceDecoder.header(next.bytes, at: next.start), of: program)
    }
  }

  /// Whether a program can do nothing now: all its processes wait, or there is enough of it that waits already.
  public func isHeldUp(_ program: Int) -> Bool {
    guard let wait = waits.first(where: { processes[$0.number].program == program }) else { return false }
    if wait.slices.count >= ProcessWait.mostSlices / 2 { return true }
    return !processes.indices.contains { number in
      processes[number].program == program && processes[number].exitStatus == nil
        && !waits.contains { $0.number == number }
    }
  }

  /// Whether a process waits for a disk.
  public var isWaitedFor: Bool { !waits.isEmpty }

  /// Lets time pass until the first process that waits can go on.
  ///
  /// - Returns: whether one waited.
  public mutating func letTimePass() throws(TraceError) -> Bool {
    if waits.isEmpty { return false }
    try passTime()
    return true
  }

  /// How long a program has run, in nanoseconds of the machine's clock: the time its slices took.
  public func time(of program: Int) -> UInt64 { times[program] ?? 0 }

  /// Sets where a program begins to be counted. Linux: `place_entity`.
  public mutating func setTime(of program: Int, _ time: UInt64) { times[program] = time }

  /// Goes on with a process until it waits no more.
  mutating func endWait(of number: Int) throws(TraceError) {
    while waits.contains(where: { $0.number == number }) { try passTime() }
  }

  /// Goes on until nobody waits any more.
  mutating func endWaits() throws(TraceError) {
    while !waits.isEmpty { try passTime() }
  }
}
