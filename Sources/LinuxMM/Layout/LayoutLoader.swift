/// The steps of exec that need to know what is mapped already.
struct LayoutLoader {
  private let request: LayoutRequest
  private let rules: LayoutRules
  private let search: LayoutAreas.Search
  private var areas = LayoutAreas()
  private(set) var stackStart: UInt64 = 0

  init(_ request: LayoutRequest, _ rules: LayoutRules, _ search: LayoutAreas.Search) {
    self.request = request
    self.rules = rules
    self.search = search
  }

  /// Maps the stack with the strings at its top and 128 KiB below them, if the limit allows
  /// (`fs/exec.c:__bprm_mm_init`, `setup_arg_pages`).
  ///
  /// - Returns: the lowest string's address.
  mutating func addStack(end: UInt64) throws(LayoutProblem) -> UInt64 {
    let strings = request.arguments.stringBytes + rules.kernelPointerBytes
    // Room for all steps to come, which the kernel has too.
    guard strings < end / 2 else { throw .stackLimit }
    let used = pageAligned(strings)
    let limit = request.stackLimit & ~PageSize.mask
    let wanted = used + 131072
    guard used <= request.stackLimit else { throw .stackLimit }
    stackStart = end - max(used, min(wanted, limit))
    areas.add(stackStart, end, guardGap: request.stackGuardGap)
    return end - strings
  }

  /// Maps the program's segments.
  ///
  /// - Returns: how far it was moved. Linux: `load_bias`.
  mutating func loadProgram(_ draw: UInt64) throws(LayoutProblem) -> UInt64 {
    let image = request.program
    try check(image)
    guard let first = image.segments.first else { throw .nothingToLoad }
    guard image.isPositionIndependent else {
      try occupy(first.address & ~PageSize.mask, pageAligned(first.address + first.memoryBytes))
      try add(image, bias: 0)
      return 0
    }
    let total = pageAligned(image.totalBytes)
    var start: UInt64
    if request.interpreter != nil {
      start = rules.positionIndependentBase + rules.mmapShift(draw)
      if image.alignment > 0 { start &= ~(image.alignment - 1) }
      start = alignedFirstPage(start, first)
      try occupy(start, start + total)
    } else {
      guard let hole = place(image, total, hint: 0) else { throw .noRoom(bytes: total) }
      start = hole
      if image.alignment > PageSize.bytes {
        start = alignedFirstPage(start & ~(image.alignment - 1), first)
        try occupy(start, start + total)
      }
    }
    let bias = start &- (first.address & ~PageSize.mask)
    try add(image, bias: bias)
    return bias
  }

  /// Maps the interpreter's segments (`fs/binfmt_elf.c:load_elf_interp`).
  ///
  /// - Returns: how far it was moved. Linux: `AT_BASE`.
  mutating func loadInterpreter(programBias: UInt64) throws(LayoutProblem) -> UInt64 {
    guard let image = request.interpreter else { return 0 }
    try check(image)
    guard let first = image.segments.first else { throw .nothingToLoad }
    var bias: UInt64 = 0
    if image.isPositionIndependent {
      let total = pageAligned(image.totalBytes)
      // Next to a program that was not moved, the address in the file is a hint.
      let hint = programBias == 0 ? first.address : 0
      guard let start = place(image, total, hint: hint) else { throw .noRoom(bytes: total) }
      bias = start &- (first.address & ~PageSize.mask)
    }
    try add(image, bias: bias)
    return bias
  }

  /// Places the kernel's data and code pages: for 64-bit programs above the stack, in what is left of its 2 MiB, for
  /// others as any mapping (`arch/x86/entry/vdso/vma.c:vdso_addr`, `map_vdso`, `load_vdso32`).
  ///
  /// Linux 6.9 and later treat 64-bit programs like others.
  mutating func placeVDSO(strings: UInt64, _ draw: UInt64) throws(LayoutProblem) -> UInt64 {
    let length = (request.vvarPages + request.vdsoPages) << UInt64(PageSize.shift)
    var hint: UInt64 = 0
    if request.width == .bits64 {
      hint = pageAligned(strings)
      let end = min((hint + length + Self.hugePage - 1) & ~(Self.hugePage - 1), rules.window) - length
      if end > hint {
        let places = (end - hint) >> UInt64(PageSize.shift) + 1
        hint += LayoutDraws.below(places, draw) << UInt64(PageSize.shift)
      }
    }
    guard let start = areas.place(length, hint: hint, search) else { throw .noRoom(bytes: length) }
    areas.add(start, start + length)
    return start
  }

  /// The first stack pointer, below the auxiliary vector and the pointers to the strings
  /// (`fs/binfmt_elf.c:create_elf_tables`).
  func stackPointer(strings: UInt64, _ draw: UInt64) -> UInt64 {
    // The name of the platform with its zero, and 16 random bytes.
    let platform: UInt64 = request.width == .bits64 ? 7 : 5
    // Pairs: 18 for all, one for the vdso (two for 32-bit programs), the signal frame's size, and the end.
    let pairs: UInt64 = request.width == .bits64 ? 21 : 22
    let pointers = UInt64(request.arguments.count + 1 + request.arguments.environmentCount + 1 + 1)
    let lowest = rules.alignedStack(strings, draw) - platform - 16
    return (lowest - (pairs * 2 + pointers) * request.width.pointerBytes) & ~0xf
  }

  /// Where the heap begins (`fs/binfmt_elf.c:load_elf_binary`, the part on `brk`).
  ///
  /// A position-independent program without interpreter lies among the mappings, where a heap could not grow; its heap
  /// begins where programs with an interpreter do.
  func heapStart(programEnd: UInt64, _ draw: UInt64) -> UInt64 {
    let isElsewhere = request.program.isPositionIndependent && request.interpreter == nil
    let start = pageAligned(isElsewhere ? rules.positionIndependentBase : programEnd)
    guard request.isRandomized, request.randomization == .full else { return start }
    return rules.heapStart(isElsewhere ? start : start + PageSize.bytes, draw)
  }

  /// Finds room for a file's mapping (`mm/huge_memory.c:__thp_get_unmapped_area`).
  private func place(_ image: LoadableImage, _ total: UInt64, hint: UInt64) -> UInt64? {
    if image.prefersHugePages, request.width == .bits64, total >= Self.hugePage,
      let padded = areas.place(total + Self.hugePage, hint: hint, search)
    {
      return padded == hint ? padded : (padded + Self.hugePage - 1) & ~(Self.hugePage - 1)
    }
    return areas.place(total, hint: hint, search)
  }

  private static let hugePage: UInt64 = 2 << 20

  /// The page of the first segment when it begins at an address, with its offset in the page cut off. Linux:
  /// `ELF_PAGESTART(load_bias - vaddr) + vaddr`.
  private func alignedFirstPage(_ start: UInt64, _ first: LoadableImage.Segment) -> UInt64 {
    (((start &- first.address) & ~PageSize.mask) &+ first.address) & ~PageSize.mask
  }

  private mutating func add(_ image: LoadableImage, bias: UInt64) throws(LayoutProblem) {
    for segment in image.segments {
      let start = segment.address &+ bias
      guard start < rules.taskSize, segment.memoryBytes <= rules.taskSize - start else { throw .segment(segment) }
      if segment.memoryBytes > 0 { areas.add(start & ~PageSize.mask, pageAligned(start + segment.memoryBytes)) }
    }
  }

  /// Throws unless a range is free and in the task's addresses. Linux: `MAP_FIXED_NOREPLACE`.
  private func occupy(_ start: UInt64, _ end: UInt64) throws(LayoutProblem) {
    guard end <= rules.taskSize else { throw .noRoom(bytes: end - start) }
    guard areas.isFree(start, end) else { throw .occupied(VirtualAddress(start)..<VirtualAddress(end)) }
  }

  private func check(_ image: LoadableImage) throws(LayoutProblem) {
    guard image.totalBytes > 0 else { throw .nothingToLoad }
    for segment in image.segments {
      guard segment.address < rules.taskSize, segment.fileBytes <= segment.memoryBytes,
        segment.memoryBytes <= rules.taskSize - segment.address
      else { throw .segment(segment) }
    }
  }
}
