/// A range of pages of an address space with one set of properties. Linux: `struct vm_area_struct`.
struct Area: BitwiseCopyable {
  var start: VirtualPage
  /// One past the last page.
  var end: VirtualPage
  var flags: AreaFlags
  var file: FileIndex = .none
  /// Position of `start` in the file, in pages; for private anonymous memory the page number at which it
  /// was first mapped. Linux: `vm_pgoff`.
  var offset: UInt64
  /// The space it belongs to. Linux: `vm_mm`.
  var space = SpaceIndex.none
  /// The family of its anonymous pages (``ReverseMap``), none while it has none. Linux: `anon_vma`.
  var family = ReverseMap.none
  /// Whether a parent process has pages of this family too, so that an area without one cannot take it over
  /// (`mm/mmap.c:is_mergeable_anon_vma`).
  var inheritsFamily = false
  /// Its links to families and to its file, see ``ReverseMap``. Linux: `anon_vma_chain`, `shared`.
  var links = ReverseMap.none
  var fileLink = ReverseMap.none

  /// Where its figures of the translation buffers are (`AreaFigures`), which follow it through splits and merges.
  var figures = Area.noFigures
  static let noFigures: UInt32 = .max

  // The area's place in the tree, see ``AreaTree``.
  var left = AreaTree.none
  var right = AreaTree.none
  var height: Int32 = 1
  /// The neighbours in the order of addresses.
  var previous = AreaTree.none
  var next = AreaTree.none
  /// The largest gap before an area of this subtree, in pages.
  var largestGap: UInt64 = 0

  var pageCount: UInt64 { end - start }

  /// Whether pages a write touches become the process's own copies. Linux: `is_cow_mapping`.
  var copiesOnWrite: Bool { flags.intersection([.shared, .mayWrite]) == .mayWrite }

  /// The positions of its first and last page in its file or anonymous memory.
  var positions: PositionRange { PositionRange(first: offset, last: offset &+ (pageCount - 1)) }

  /// Position in the file of a page of the area.
  @inline(__always)
  func offset(of page: VirtualPage) -> UInt64 { offset &+ (page - start) }

  /// The first page that others must stay below: a stack keeps a guard gap of 256 pages
  /// (`stack_guard_gap`).
  var guardedStart: VirtualPage {
    guard flags.contains(.growsDown) else { return start }
    return start.rawValue > 256 ? VirtualPage(start.rawValue - 256) : VirtualPage(0)
  }

  /// Page-table bits of a page of this area, without the right to write that a private area's pages
  /// get one by one (`vm_page_prot`).
  var entryBits: UInt64 {
    if flags.isDisjoint(with: .access) {
      return PageTableEntry.protectionNone | PageTableEntry.accessed
    }
    var bits = PageTableEntry.present | PageTableEntry.user | PageTableEntry.accessed
    if !flags.contains(.execute) { bits |= PageTableEntry.noExecute }
    return bits
  }
}
