/// What exec puts into an address space: the segments of the program and its interpreter, the stack, and
/// where the heap begins.
public struct ProgramImage: Sendable {
  /// One mapped segment.
  public struct Segment: Sendable {
    /// First page.
    public var start: VirtualPage
    public var end: VirtualPage
    public var protection: Protection
    /// ``FileIndex/none`` for memory without a file (bss beyond the file's last page).
    public var file: FileIndex
    /// Position in the file, in pages.
    public var offset: UInt64

    public init(
      start: VirtualPage, end: VirtualPage, protection: Protection, file: FileIndex, offset: UInt64
    ) {
      self.start = start
      self.end = end
      self.protection = protection
      self.file = file
      self.offset = offset
    }
  }

  public var segments: [Segment]
  /// Pages the kernel writes while it loads: the part of a segment's last file page that belongs to bss
  /// (`fs/binfmt_elf.c:padzero`).
  public var cleared: [VirtualPage]
  /// The lowest byte the kernel wrote on the stack: the program's first stack pointer.
  public var stackPointer: VirtualAddress
  /// One past the stack's highest byte.
  public var stackTop: VirtualAddress
  /// Where the stack's area begins, if not as the kernel makes it from the stack pointer without randomization.
  public var stackStart: VirtualAddress?
  /// From where mmap looks for room downward and upward, and whether upward first, if not as the kernel has it without
  /// randomization.
  public var mapBases: (topDown: VirtualAddress, bottomUp: VirtualAddress, isBottomUp: Bool)?
  public var breakStart: VirtualAddress
  /// The program's code, in bytes.
  public var code: Range<VirtualAddress>
  /// Its data that come from the file, in bytes: from where the last segment begins to where the last one ends.
  public var data: Range<VirtualAddress>
  /// The most bytes the stack may grow to, if the program came with a limit (RLIMIT_STACK).
  public var stackLimit: UInt64?

  public init(
    segments: [Segment], cleared: [VirtualPage], stackPointer: VirtualAddress,
    stackTop: VirtualAddress, breakStart: VirtualAddress,
    code: Range<VirtualAddress> = VirtualAddress(0)..<VirtualAddress(0),
    data: Range<VirtualAddress> = VirtualAddress(0)..<VirtualAddress(0), stackLimit: UInt64? = nil
  ) {
    self.segments = segments
    self.cleared = cleared
    self.stackPointer = stackPointer
    self.stackTop = stackTop
    self.breakStart = breakStart
    self.code = code
    self.data = data
    self.stackLimit = stackLimit
  }
}
