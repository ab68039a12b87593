import CQemuPlugin

/// Reads a word of the program's memory; QEMU maps the program's addresses one to one.
@inline(__always)
func guestWord(_ address: UInt64) -> UInt64 {
  UnsafeRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped.loadUnaligned(as: UInt64.self)
}

func guestText(_ address: UInt64) -> UnsafePointer<CChar> {
  UnsafePointer<CChar>(bitPattern: UInt(address)).unsafelyUnwrapped
}

/// Collects the fields of the event that tells the program's initial layout.
struct ImageFields {
  let fields: UnsafeMutableBufferPointer<UInt64>
  var count = 3
  var segments: UInt64 = 0
  /// One past the last byte of the segment added last.
  var end: UInt64 = 0
  var cleared: InlineArray<16, UInt64> = InlineArray(repeating: 0)
  var clearedCount = 0

  mutating func append(_ value: UInt64) {
    guard count < fields.count else { return }
    fields[count] = value
    count += 1
  }
}

/// Tells the layout the program starts with. It is read off the stack at the program's first access, which the
/// first instruction of the interpreter or of `_start` makes right at the stack pointer: a store pushes below it.
func reportInitialImage(_ state: ThreadState, _ firstAddress: UInt64, isStore: Bool) {
  imageIsKnown = true
  identify(state)
  let stackPointer = isStore ? firstAddress + 8 : firstAddress
  var cursor = stackPointer
  let argumentCount = guestWord(cursor)
  cursor += 8
  let arguments = cursor
  var highest = stackPointer
  func note(_ text: UInt64) {
    if text >= stackPointer { highest = max(highest, text + UInt64(strlen(guestText(text))) + 1) }
  }
  for _ in 0..<argumentCount {
    note(guestWord(cursor))
    cursor += 8
  }
  cursor += 8
  while guestWord(cursor) != 0 {
    note(guestWord(cursor))
    cursor += 8
  }
  cursor += 8
  var headers: UInt64 = 0
  var headerCount: UInt64 = 0
  var interpreter: UInt64 = 0
  while guestWord(cursor) != 0 {
    let value = guestWord(cursor + 8)
    switch guestWord(cursor) {
    case 3: headers = value  // AT_PHDR
    case 5: headerCount = value  // AT_PHNUM
    case 7: interpreter = value  // AT_BASE
    case 31: note(value)  // AT_EXECFN
    default: break
    }
    cursor += 16
  }
  withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 256) { buffer in
    var image = ImageFields(fields: buffer)
    image.append(0)
    var interpreterPath: UInt64 = 0
    appendSegments(
      &image, headers: headers, count: headerCount, file: qemu_plugin_path_to_binary(),
      isInterpreter: false, base: 0, interpreterPath: &interpreterPath)
    if interpreter != 0 && interpreterPath != 0 {
      var none: UInt64 = 0
      let offset = guestWord(interpreter + 32)  // e_phoff
      let entries = guestWord(interpreter + 56) & 0xffff  // e_phnum
      appendSegments(
        &image, headers: interpreter + offset, count: entries, file: guestText(interpreterPath),
        isInterpreter: true, base: interpreter, interpreterPath: &none)
    }
    buffer[0] = stackPointer
    buffer[1] = (highest + 4095) & ~4095
    emulatorPages = findEmulatorPages(behind: interpreter != 0 ? image.end : buffer[1])
    var limit = rlimit()  // 3 is RLIMIT_STACK
    buffer[2] = getrlimit(3, &limit) == 0 ? UInt64(limit.rlim_cur) : 0
    buffer[3] = image.segments
    image.append(UInt64(image.clearedCount))
    for index in 0..<image.clearedCount { image.append(image.cleared[index]) }
    // The arguments stand one after another on the stack, each ended by a zero byte.
    var length = 0
    if argumentCount > 0 {
      let last = guestWord(arguments + (argumentCount - 1) * 8)
      length = Int(last - guestWord(arguments)) + strlen(guestText(last)) + 1
    }
    let text = argumentCount > 0 ? guestText(guestWord(arguments)) : nil
    text.withMemoryRebound(length) { bytes in
      SliceBuilder(state: state).event(
        .image, UnsafeBufferPointer(start: buffer.baseAddress, count: image.count), text: bytes,
        textCount: length)
    }
    reportName(state, qemu_plugin_path_to_binary())
    if interpreter != 0 && interpreterPath != 0 { reportName(state, guestText(interpreterPath)) }
  }
  state.commit()
}

/// Tells the path of a file that exec mapped, without links on the way, as the kernel's maps have it.
private func reportName(_ state: ThreadState, _ file: UnsafePointer<CChar>?) {
  var status = stat()
  guard let file, stat(file, &status) == 0 else { return }
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
    let path = buffer.baseAddress.unsafelyUnwrapped
    guard realpath(file, path) != nil else { return }
    SliceBuilder(state: state).nameEvent(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), path, strlen(path))
  }
}

extension Optional where Wrapped == UnsafePointer<CChar> {
  func withMemoryRebound(_ count: Int, _ body: (UnsafePointer<UInt8>?) -> Void) {
    guard let pointer = self, count > 0 else {
      body(nil)
      return
    }
    body(UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self))
  }
}

/// Adds the loadable segments that the program headers in memory describe.
private func appendSegments(
  _ image: inout ImageFields, headers: UInt64, count: UInt64, file: UnsafePointer<CChar>?,
  isInterpreter: Bool, base: UInt64, interpreterPath: inout UInt64
) {
  var status = stat()
  guard headers != 0, let file, stat(file, &status) == 0 else { return }
  var bias = base
  if !isInterpreter {
    // The header table lies at its own address plus the bias; without an entry for itself there is no bias.
    let elf = headers - 64
    let startsFile = guestWord(elf) & 0xffff_ffff == 0x464c_457f
    for index in 0..<count {
      let type = guestWord(headers + index * 56) & 0xffff_ffff
      let address = guestWord(headers + index * 56 + 16)
      if type == 6 { bias = headers &- address }
      // A static program has no such entry: its first segment begins with the file's header.
      if type == 1 && bias == 0 && startsFile && guestWord(headers + index * 56 + 8) == 0 {
        bias = elf &- address
      }
    }
  }
  for index in 0..<count {
    let header = headers + index * 56
    let type = guestWord(header) & 0xffff_ffff
    if type == 3 { interpreterPath = guestWord(header + 16) &+ bias }
    guard type == 1 else { continue }
    let flags = guestWord(header) >> 32
    let offset = guestWord(header + 8)
    let address = guestWord(header + 16) &+ bias
    let fileEnd = address + guestWord(header + 32)
    let memoryEnd = address + guestWord(header + 40)
    // PF_X, PF_W, PF_R are 1, 2, 4; PROT_READ, PROT_WRITE, PROT_EXEC are 1, 2, 4.
    let rights = (flags & 4) >> 2 | (flags & 2) | (flags & 1) << 2
    let start = address & ~4095
    let filePages = (fileEnd + 4095) & ~4095
    if fileEnd > address {
      image.append(start)
      image.append(filePages)
      image.append(rights)
      image.append(UInt64(status.st_dev))
      image.append(UInt64(status.st_ino))
      image.append(UInt64(status.st_size))
      image.append(offset & ~4095)
      image.segments += 1
    }
    let end = (memoryEnd + 4095) & ~4095
    image.end = end
    if memoryEnd > fileEnd {
      if fileEnd & 4095 != 0 && flags & 2 != 0 && image.clearedCount < 16 {
        image.cleared[image.clearedCount] = fileEnd >> 12
        image.clearedCount += 1
      }
      let anonymousStart = fileEnd > address ? filePages : start
      if end > anonymousStart {
        image.append(anonymousStart)
        image.append(end)
        image.append(rights)
        for _ in 0..<4 { image.append(0) }
        image.segments += 1
      }
    }
  }
}

/// Notes which process and thread a state belongs to, which only the thread itself can tell.
func identify(_ state: ThreadState) {
  state[ThreadState.process] = UInt64(getpid())
  state[ThreadState.thread] = UInt64(quire_gettid())
}

/// Pages between the program's own that belong to QEMU: its descriptor tables, which it reads when it restores
/// segment registers, and the code that returns from signal handlers.
nonisolated(unsafe) var emulatorPages: (start: UInt64, end: UInt64) = (0, 0)

/// QEMU puts its pages behind what it loaded last, before the program maps anything.
private func findEmulatorPages(behind address: UInt64) -> (start: UInt64, end: UInt64) {
  var page = address >> 12
  var isResident: UInt8 = 0
  while page < (address >> 12) + 8,
    mincore(UnsafeMutableRawPointer(bitPattern: UInt(page << 12)), 4096, &isResident) == 0
  {
    page += 1
  }
  return (address >> 12, page)
}
