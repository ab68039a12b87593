/// A range of pages of an address space with one set of properties. Linux: `struct vm_area_struct`.
struct Area: LinkedArea {
  var start: VirtualPage
  /// One past the last page.
  var end: VirtualPage

  /// The node of the lowest level that lists it, see ``AreaTree``; none while it is in no tree.
  var node = AreaTree.none
  /// The neighbours in the order of addresses.
  var previous = AreaTree.none
  var next = AreaTree.none

  var flags: AreaFlags
  var file: FileIndex = .none
  /// How the file was opened; areas of different openings do not merge. Linux: `vm_file`.
  var opening = FileOpening()
  /// The userfaultfd that watches it, 0 for none. Linux: `vm_userfaultfd_ctx`.
  var watcher: UInt32 = 0
  /// Position of `start` in the file, in pages; for private anonymous memory the page number at which it
  /// was first mapped. Linux: `vm_pgoff`.
  var offset: UInt64
  /// The space it belongs to. Linux: `vm_mm`.
  var space = SpaceIndex.none
  /// The family of its anonymous pages (``ReverseMap``), none while it has none. Linux: `anon_vma`.
  var family = ReverseMap.none
  /// Its links to families and to its file, see ``ReverseMap``. Linux: `anon_vma_chain`, `shared`.
  var links = ReverseMap.none
  var fileLink = ReverseMap.none

  /// Where its figures of the translation buffers are (`AreaFigures`), which follow it through splits and merges.
  var figures = Area.noFigures
  static let noFigures: UInt32 = .max
  /// How its pages were read from swap last. It makes an area 96 bytes, so that what a fault reads of it lies in as few
  /// lines of the cache as can be.
  var swapReadahead = SwapReadahead.none

  var pageCount: UInt64 { end - start }

  /// Private memory without a file. Linux: `vma_is_anonymous`.
  var isAnonymous: Bool { file == .none }

  /// Whether pages a write touches become the process's own copies. Linux: `is_cow_mapping`.
  var copiesOnWrite: Bool { flags.intersection([.shared, .mayWrite]) == .mayWrite }

  /// Linux: `vma_is_accessible`.
  var isAccessible: Bool { !flags.isDisjoint(with: .access) }

  /// The positions of its first and last page in its file or anonymous memory.
  var positions: PositionRange { PositionRange(first: offset, last: offset &+ (pageCount - 1)) }

  /// Position in the file of a page of the area. Linux: `linear_page_index`.
  @inline(__always)
  func offset(of page: VirtualPage) -> UInt64 { offset &+ (page - start) }

  /// The first page that others must stay below: a stack keeps a guard gap. Linux: `vm_start_gap`.
  func guardedStart(_ gap: UInt64) -> VirtualPage {
    guard flags.contains(.growsDown) else { return start }
    return start.rawValue > gap ? VirtualPage(start.rawValue - gap) : VirtualPage(0)
  }
}

/// How a file was opened, as far as mappings of it are concerned. Linux: `struct file`.
public struct FileOpening: Equatable, Sendable, BitwiseCopyable {
  /// What the opening permits, and what holds of the file.
  public struct Traits: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let readable = Traits(rawValue: 1)
    public static let writable = Traits(rawValue: 2)
    /// Writes only go to the end (`S_APPEND`).
    public static let appendOnly = Traits(rawValue: 4)
    /// On a file system mounted with `noexec`.
    public static let notExecutable = Traits(rawValue: 8)
    /// Neither owned nor writable by the process, so that mincore tells nothing of it.
    public static let foreign = Traits(rawValue: 16)
    /// A System V segment's attachment, which never merges with another. Linux: `vm_ops->close`.
    public static let attachment = Traits(rawValue: 32)
    /// Cannot be mapped: a pipe, a socket.
    public static let notMappable = Traits(rawValue: 64)
  }

  /// Tells openings of one file apart.
  public var number: UInt32 = 0
  public var traits: Traits = [.readable, .writable]

  public init(number: UInt32 = 0, traits: Traits = [.readable, .writable]) {
    self.number = number
    self.traits = traits
  }
}
