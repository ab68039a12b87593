/// Where exec puts everything in an address space, from one request and one series of random numbers.
///
/// The rules are those of Linux 6.1 as Debian has it; each stands with its source in `LayoutRules` and `LayoutLoader`. Left
/// out is the alignment of files' mappings on AMD's processors of family 15h (`align_va_addr`).
public struct Layout: Equatable, Sendable {
  /// One past the highest address the program may use. Linux: `TASK_SIZE`.
  public let taskSize: VirtualAddress
  /// Whether mappings are made from the bottom up, from ``bottomUpBase``; otherwise down from ``topDownBase``.
  public let isBottomUp: Bool
  /// The end of the highest mapping. Linux: `mm->mmap_base`, unless the layout is legacy.
  public let topDownBase: VirtualAddress
  /// Where mappings begin that found no hole from the top down, those with `MAP_32BIT` aside. Linux:
  /// `mm->mmap_legacy_base`.
  public let bottomUpBase: VirtualAddress
  /// The program's segments from the first to the last page.
  public let program: Range<VirtualAddress>
  /// How far the program was moved, modulo 2^64. Linux: `load_bias`.
  public let programBias: UInt64
  /// Linux: `mm->start_code`, `mm->end_code`.
  public let code: Range<VirtualAddress>
  /// Linux: `mm->start_data`, `mm->end_data`.
  public let data: Range<VirtualAddress>
  /// From the data's end to the end of what is zero at start; empty if no segment has such a part.
  public let zeroedData: Range<VirtualAddress>
  /// Linux: `mm->start_brk`.
  public let heapStart: VirtualAddress
  /// The interpreter's segments from the first to the last page.
  public let interpreter: Range<VirtualAddress>?
  /// How far the interpreter was moved, modulo 2^64. Linux: `AT_BASE`.
  public let interpreterBias: UInt64
  public let vvar: Range<VirtualAddress>
  /// Linux: `AT_SYSINFO_EHDR`.
  public let vdso: Range<VirtualAddress>
  /// The stack's area as the program's first instruction finds it.
  public let stack: Range<VirtualAddress>
  /// The lowest of the strings that exec copied. Linux: `mm->arg_start`.
  public let argumentStart: VirtualAddress
  /// The stack pointer at the first instruction. Linux: `mm->start_stack`.
  public let stackPointer: VirtualAddress

  /// Lays an address space out.
  ///
  /// - Parameter random: gives the same seven numbers to every layout, whether it needs them or not; not random enough
  ///   right after it was seeded with a small number.
  /// - Complexity: O(segments).
  public init(_ request: LayoutRequest, using random: inout some RandomNumberGenerator) throws(LayoutProblem) {
    try self.init(request, LayoutDraws(using: &random))
  }

  /// Follows the steps of `fs/binfmt_elf.c:load_elf_binary`.
  init(_ request: LayoutRequest, _ draws: LayoutDraws) throws(LayoutProblem) {
    let rules = try LayoutRules(request)
    let shift = rules.mmapShift(draws.mmapBase)
    let topDownBase = rules.topDownBase(shift: shift)
    let bottomUpBase = rules.bottomUpBase(shift: shift)
    var loader = LayoutLoader(
      request, rules,
      LayoutAreas.Search(
        taskSize: rules.taskSize, window: rules.window, topDownBase: topDownBase, bottomUpBase: bottomUpBase,
        isBottomUp: request.isBottomUp))
    let stackEnd = rules.stackEnd(pages: draws.stackPages, bytes: draws.stackBytes)
    let strings = try loader.addStack(end: stackEnd)
    let programBias = try loader.loadProgram(draws.program)
    let interpreterBias = try loader.loadInterpreter(programBias: programBias)
    let special = try loader.placeVDSO(strings: strings, draws.vdso)
    let stackPointer = loader.stackPointer(strings: strings, draws.stackPointer)
    let stackStart = min(loader.stackStart, stackPointer & ~PageSize.mask)
    guard stackStart == loader.stackStart || stackEnd - stackStart <= request.stackLimit else { throw .stackLimit }

    taskSize = VirtualAddress(rules.taskSize)
    isBottomUp = request.isBottomUp
    self.topDownBase = VirtualAddress(topDownBase)
    self.bottomUpBase = VirtualAddress(bottomUpBase)
    let image = LayoutExtents(request.program, bias: programBias)
    program = image.pages
    self.programBias = programBias
    code = image.code
    data = image.data
    zeroedData = image.data.upperBound..<max(image.data.upperBound, VirtualAddress(image.end))
    heapStart = VirtualAddress(loader.heapStart(programEnd: image.end, draws.heap))
    interpreter = request.interpreter.map { LayoutExtents($0, bias: interpreterBias).pages }
    self.interpreterBias = interpreterBias
    let vdsoStart = special + request.vvarPages << UInt64(PageSize.shift)
    vvar = VirtualAddress(special)..<VirtualAddress(vdsoStart)
    vdso = VirtualAddress(vdsoStart)..<VirtualAddress(vdsoStart + request.vdsoPages << UInt64(PageSize.shift))
    stack = VirtualAddress(stackStart)..<VirtualAddress(stackEnd)
    argumentStart = VirtualAddress(strings)
    self.stackPointer = VirtualAddress(stackPointer)
  }
}

/// What the segments of a loaded image cover.
struct LayoutExtents {
  let pages: Range<VirtualAddress>
  let code: Range<VirtualAddress>
  let data: Range<VirtualAddress>
  /// The end of the last segment in memory. Linux: `elf_brk`.
  let end: UInt64

  /// - Precondition: the image has segments, and all lie in the task's addresses.
  init(_ image: LoadableImage, bias: UInt64) {
    var lowest = UInt64.max
    var end: UInt64 = 0
    var codeStart = UInt64.max
    var codeEnd: UInt64 = 0
    var dataStart: UInt64 = 0
    var dataEnd: UInt64 = 0
    for segment in image.segments {
      let fileEnd = segment.address + segment.fileBytes
      lowest = min(lowest, segment.address)
      end = max(end, segment.address + segment.memoryBytes)
      dataStart = max(dataStart, segment.address)
      dataEnd = max(dataEnd, fileEnd)
      if segment.isExecutable {
        codeStart = min(codeStart, segment.address)
        codeEnd = max(codeEnd, fileEnd)
      }
    }
    if codeStart > codeEnd { codeStart = codeEnd }
    func moved(_ start: UInt64, _ end: UInt64) -> Range<VirtualAddress> {
      VirtualAddress(start &+ bias)..<VirtualAddress(max(start, end) &+ bias)
    }
    pages = moved(lowest & ~PageSize.mask, pageAligned(end))
    code = moved(codeStart, codeEnd)
    data = moved(dataStart, dataEnd)
    self.end = end &+ bias
  }
}
