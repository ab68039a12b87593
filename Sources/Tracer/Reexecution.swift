import CQemuPlugin

/// Carries out an execve of the program under the tracer: QEMU is started again in the place of this process, with
/// the same plugin, for the new program.
///
/// It returns when that cannot be: the file is missing or not executable, and QEMU's own execve answers with the
/// error that the kernel gives; or the program is none that QEMU for x86-64 can run, which the stream then tells.
func executeTraced(_ state: ThreadState, path: UInt64, arguments: UInt64, environment: UInt64) {
  guard path != 0, access(guestText(path), X_OK) == 0, let pluginOption else { return }
  guard let plan = ExecutionPlan(path: guestText(path), arguments: arguments) else { return }
  guard plan.isTraceable else {
    SliceBuilder(state: state).event(
      .untraced, UnsafeBufferPointer(start: nil, count: 0),
      text: UnsafeRawPointer(guestText(path)).assumingMemoryBound(to: UInt8.self),
      textCount: strlen(guestText(path)))
    state.commit()
    return
  }
  guard let emulator = ownPath(link: "/proc/self/exe") else { return }
  plan.run(
    emulator: emulator, option: pluginOption,
    environment: UnsafeMutablePointer(bitPattern: UInt(environment)))
}

/// What to execute for a path: the program itself, or the interpreter that a script names.
private struct ExecutionPlan {
  var program: UnsafePointer<CChar>
  /// Arguments from the first on, ended by `nil`.
  var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  var isTraceable = true

  init?(path: UnsafePointer<CChar>, arguments: UInt64) {
    var count = 0
    if arguments != 0 { while guestWord(arguments + UInt64(count) * 8) != 0 { count += 1 } }
    // Room for four interpreters with an argument each.
    guard let block = calloc(count + 16, 8) else { return nil }
    list = block.bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: count + 16)
    for index in 0..<count {
      list[index] = UnsafeMutablePointer(
        bitPattern: UInt(guestWord(arguments + UInt64(index) * 8)))
    }
    if count == 0 {
      list[0] = strdup(path)
      count = 1
    }
    program = path
    for _ in 0..<5 {
      guard let head = readHead(program) else { return nil }
      if head[0] == 0x23 && head[1] == 0x21 {
        guard let (interpreter, argument) = splitScriptLine(head + 2) else { return nil }
        let added = argument == nil ? 1 : 2
        // The script's path takes the place of the first argument; interpreter and argument go before it.
        var index = count
        while index > 0 {
          index -= 1
          list[index + added] = list[index]
        }
        list[0] = interpreter
        if let argument { list[1] = argument }
        list[added] = strdup(program)
        count += added
        program = UnsafePointer(interpreter)
        guard access(program, X_OK) == 0 else { return nil }
        continue
      }
      let isElf = head[0] == 0x7f && head[1] == 0x45 && head[2] == 0x4c && head[3] == 0x46
      guard isElf else { return nil }
      isTraceable = head[4] == 2 && head[18] == 62
      return
    }
    return nil
  }

  func run(
    emulator: UnsafeMutablePointer<CChar>, option: UnsafeMutablePointer<CChar>,
    environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) {
    var count = 0
    while list[count] != nil { count += 1 }
    guard let block = calloc(count + 8, 8) else { return }
    let full = block.bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: count + 8)
    full[0] = emulator
    full[1] = strdup("-plugin")
    full[2] = option
    full[3] = strdup("-0")
    full[4] = list[0]
    full[5] = UnsafeMutablePointer(mutating: program)
    for index in 1..<max(count, 1) { full[5 + index] = list[index] }
    ring.attach(-1)
    VforkGate.open()
    execve(emulator, full, environment)
    ring.attach(1)
    free(block)
  }
}

/// The first 256 bytes of a file, the rest zero.
private func readHead(_ path: UnsafePointer<CChar>) -> UnsafeMutablePointer<UInt8>? {
  let file = quire_open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  guard let block = calloc(1, 264) else { return nil }
  guard read(file, block, 256) >= 4 else { return nil }
  return block.bindMemory(to: UInt8.self, capacity: 264)
}

/// Splits the rest of a script's first line into the interpreter and its one optional argument.
private func splitScriptLine(
  _ line: UnsafeMutablePointer<UInt8>
) -> (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CChar>?)? {
  func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  var length = 0
  while line[length] != 0 && line[length] != 0x0a && length < 253 { length += 1 }
  while length > 0 && isBlank(line[length - 1]) { length -= 1 }
  line[length] = 0
  var start = 0
  while isBlank(line[start]) { start += 1 }
  guard start < length else { return nil }
  var end = start
  while end < length && !isBlank(line[end]) { end += 1 }
  var argument: UnsafeMutablePointer<CChar>? = nil
  if end < length {
    line[end] = 0
    end += 1
    while isBlank(line[end]) { end += 1 }
    argument = UnsafeMutableRawPointer(line + end).assumingMemoryBound(to: CChar.self)
  }
  return (UnsafeMutableRawPointer(line + start).assumingMemoryBound(to: CChar.self), argument)
}

private func ownPath(link: StaticString) -> UnsafeMutablePointer<CChar>? {
  guard let block = calloc(1, 4097) else { return nil }
  let path = block.bindMemory(to: CChar.self, capacity: 4097)
  let name = UnsafeRawPointer(link.utf8Start).assumingMemoryBound(to: CChar.self)
  guard readlink(name, path, 4096) > 0 else { return nil }
  return path
}
