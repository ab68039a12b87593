/// A program, or a program's interpreter, as far as its place in memory goes: its loadable segments.
public struct LoadableImage: Hashable, Sendable {
  /// A segment to load. Linux: `struct elf_phdr` of type `PT_LOAD`; all figures in bytes.
  public struct Segment: Hashable, Sendable {
    /// Where it wants to be, before the image is moved as a whole. Linux: `p_vaddr`.
    public var address: UInt64
    /// What of it comes from the file. Linux: `p_filesz`.
    public var fileBytes: UInt64
    /// All of it; what the file has not is zero. Linux: `p_memsz`.
    public var memoryBytes: UInt64
    /// The alignment asked for; ignored unless a power of two. Linux: `p_align`.
    public var alignment: UInt64
    /// Linux: `PF_X` in `p_flags`.
    public var isExecutable: Bool
    /// Linux: `PF_W`; all segments can be read.
    public var isWritable: Bool
    /// Where it begins in the file; equal to the address within a page. Linux: `p_offset`.
    public var fileOffset: UInt64

    public init(
      address: UInt64, fileBytes: UInt64, memoryBytes: UInt64, alignment: UInt64 = PageSize.bytes,
      isExecutable: Bool = false, isWritable: Bool = false, fileOffset: UInt64 = 0
    ) {
      self.address = address
      self.fileBytes = fileBytes
      self.memoryBytes = memoryBytes
      self.alignment = alignment
      self.isExecutable = isExecutable
      self.isWritable = isWritable
      self.fileOffset = fileOffset
    }
  }

  /// Whether it may be loaded anywhere (`ET_DYN`) or only where its segments say (`ET_EXEC`).
  public var isPositionIndependent: Bool
  /// In the order of the file; the first begins at the file's start.
  public var segments: [Segment]
  /// Whether its file system places mappings of 2 MiB and more so that huge pages fit, as Btrfs, ext4 and XFS do.
  /// Linux: `thp_get_unmapped_area` as the file's `get_unmapped_area`.
  public var prefersHugePages: Bool

  public init(isPositionIndependent: Bool, segments: [Segment], prefersHugePages: Bool = false) {
    self.isPositionIndependent = isPositionIndependent
    self.segments = segments
    self.prefersHugePages = prefersHugePages
  }

  /// The bytes from the first segment's page to the last segment's end (`fs/binfmt_elf.c:total_mapping_size`).
  var totalBytes: UInt64 {
    var lowest = UInt64.max
    var highest: UInt64 = 0
    for segment in segments {
      lowest = min(lowest, segment.address & ~PageSize.mask)
      highest = max(highest, segment.address &+ segment.memoryBytes)
    }
    return segments.isEmpty ? 0 : highest &- lowest
  }

  /// The largest alignment that a segment asks for, at least a page; 0 if none asks for any
  /// (`fs/binfmt_elf.c:maximum_alignment`).
  var alignment: UInt64 {
    var largest: UInt64 = 0
    for segment in segments where segment.alignment.nonzeroBitCount == 1 { largest = max(largest, segment.alignment) }
    return pageAligned(largest)
  }
}

/// Linux: `PAGE_ALIGN`.
@inline(__always)
func pageAligned(_ address: UInt64) -> UInt64 { (address &+ PageSize.mask) & ~PageSize.mask }
