/// What exec maps, from where it puts it.
extension ProgramImage {
  /// The areas of a laid out program and its interpreter (`fs/binfmt_elf.c:elf_map`, `set_brk`, `padzero`). Their pages
  /// come with the first touch. The kernel's own pages, vvar and vdso, are left out.
  ///
  /// - Parameters:
  ///   - layout: made from `request`.
  ///   - program: the file that the request's program is of, `interpreter` that of its interpreter.
  public init(_ layout: Layout, _ request: LayoutRequest, program: FileIndex, interpreter: FileIndex = .none) {
    self.init(
      segments: [], cleared: [], stackPointer: layout.stackPointer, stackTop: layout.stack.upperBound,
      breakStart: layout.heapStart, code: layout.code, data: layout.data, stackLimit: request.stackLimit)
    stackStart = layout.stack.lowerBound
    mapBases = (layout.topDownBase, layout.bottomUpBase, layout.isBottomUp)
    add(request.program, bias: layout.programBias, program)
    if let image = request.interpreter { add(image, bias: layout.interpreterBias, interpreter) }
  }

  private mutating func add(_ image: LoadableImage, bias: UInt64, _ file: FileIndex) {
    for segment in image.segments where segment.memoryBytes > 0 {
      let start = VirtualAddress(segment.address &+ bias)
      let fileEnd = VirtualAddress(start.rawValue + segment.fileBytes)
      var protection: Protection = .read
      if segment.isWritable { protection.insert(.write) }
      if segment.isExecutable { protection.insert(.execute) }
      let end = VirtualPage.end(of: fileEnd, length: 0)
      let first = segment.fileBytes > 0 ? end : start.page
      if segment.fileBytes > 0 {
        segments.append(
          Segment(
            start: start.page, end: end, protection: protection, file: file,
            offset: segment.fileOffset >> UInt64(PageSize.shift)))
      }
      guard segment.memoryBytes > segment.fileBytes else { continue }
      // What the file's last page has behind the data is not the program's.
      if segment.fileBytes > 0, !fileEnd.isPageAligned, segment.isWritable { cleared.append(fileEnd.page) }
      let last = VirtualPage.end(of: start, length: segment.memoryBytes)
      if first < last {
        segments.append(
          Segment(
            start: first, end: last, protection: protection, file: .none, offset: first.rawValue))
      }
    }
  }
}
