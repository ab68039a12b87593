/// Which of the kernel's addresses are whose. Linux: `vmap_area_root`, `free_vmap_area_root` and `purge_vmap_area_root`; here
/// one tree knows the areas and the gaps between them.
struct VmallocAreas: ~Copyable {
  /// The addresses that it gives out.
  let first: VirtualPage
  let end: VirtualPage
  /// Pages that may wait for a flush. Linux: `lazy_max_pages`.
  let mostLazyPages: UInt64
  private var tree = AreaTree()
  private var nodes = Pool<AreaNode>()
  private var areas = Pool<KernelArea>()
  private var firstLazy = AreaTree.none
  private(set) var figures = VmallocFigures()

  /// - Parameters:
  ///   - range: whole pages.
  ///   - processors: those that are there.
  init(_ range: Range<VirtualAddress>, processors: Int) {
    first = range.lowerBound.page
    end = range.upperBound.page
    mostLazyPages = UInt64(Int.bitWidth - processors.leadingZeroBitCount) * (32 << 20) >> UInt64(PageSize.shift)
  }

  /// Takes the lowest addresses that are long enough (`mm/vmalloc.c:alloc_vmap_area`).
  ///
  /// - Parameters:
  ///   - pages: with the guard page.
  ///   - alignment: in pages, a power of two.
  /// - Returns: the first page, `nil` if there is no room even after a purge.
  /// - Complexity: O(log areas), and what a purge takes.
  mutating func reserve(_ pages: UInt64, alignment: UInt64, _ flags: KernelAreaFlags, site: UInt64) -> VirtualPage? {
    var start = tree.lowestGap(pages, alignment: alignment, from: first, to: end, in: nodes)
    if start == nil {
      purge()
      start = tree.lowestGap(pages, alignment: alignment, from: first, to: end, in: nodes)
    }
    guard let start else { return nil }
    let area = areas.insert(KernelArea(start: start, end: start + pages, flags: flags, site: site))
    tree.insert(area, in: &nodes, &areas)
    figures.areas += 1
    return start
  }

  /// Changes what is known of the area that begins at a page.
  mutating func update(_ start: VirtualPage, _ change: (inout KernelArea) -> Void) {
    let area = tree.find(start, in: nodes, areas)
    precondition(area != AreaTree.none && areas[area].start == start, "no area begins there")
    let frames = areas[area].frameCount
    change(&areas[area])
    figures.frames += areas[area].frameCount - frames
  }

  /// The area that has a page (`mm/vmalloc.c:find_vmap_area`).
  ///
  /// - Complexity: O(log areas)
  func find(_ page: VirtualPage) -> KernelArea? {
    let area = tree.find(page, in: nodes, areas)
    return area == AreaTree.none || areas[area].isLazy ? nil : areas[area]
  }

  /// Begins to give the area back that begins at a page: nobody finds it any more.
  ///
  /// - Parameter flags: what it must be for.
  /// - Returns: the area, `nil` if none for that begins there.
  mutating func withdraw(_ start: VirtualPage, _ flags: KernelAreaFlags) -> KernelArea? {
    let area = tree.find(start, in: nodes, areas)
    guard area != AreaTree.none, areas[area].start == start, !areas[area].isLazy,
      areas[area].flags.isSuperset(of: flags)
    else { return nil }
    areas[area].isLazy = true
    figures.areas -= 1
    figures.frames -= areas[area].frameCount
    return areas[area]
  }

  /// Lets the addresses of a withdrawn area wait until they are flushed from all translation buffers, together with those of
  /// others; if too many wait, that is now (`mm/vmalloc.c:free_vmap_area_noflush`).
  mutating func giveBack(_ withdrawn: KernelArea) {
    let area = tree.find(withdrawn.start, in: nodes, areas)
    areas[area].nextLazy = firstLazy
    firstLazy = area
    figures.lazyPages += withdrawn.end - withdrawn.start
    if figures.lazyPages > mostLazyPages { purge() }
  }

  /// Flushes the addresses of areas that were given back from all translation buffers at once, and lets others have them
  /// (`mm/vmalloc.c:__purge_vmap_area_lazy`, `vm_unmap_aliases`).
  mutating func purge() {
    guard firstLazy != AreaTree.none else { return }
    var low = end
    var high = first
    while firstLazy != AreaTree.none {
      let area = firstLazy
      firstLazy = areas[area].nextLazy
      low = min(low, areas[area].start)
      high = max(high, areas[area].end)
      tree.remove(area, in: &nodes, &areas)
      areas.remove(area)
    }
    figures.lazyPages = 0
    figures.flushes += 1
    figures.flushedPages += high - low
  }

  /// All areas by address, those too that wait for a flush.
  var all: [KernelArea] {
    var all: [KernelArea] = []
    var area = tree.first
    while area != AreaTree.none {
      all.append(areas[area])
      area = areas[area].next
    }
    return all
  }

  /// Checks the tree and the figures.
  func checkInvariants() throws(BrokenInvariant) {
    try tree.checkInvariants(in: nodes, areas)
    var found = VmallocFigures()
    for area in all {
      if area.isLazy {
        found.lazyPages += area.end - area.start
      } else {
        found.areas += 1
        found.frames += area.frameCount
      }
    }
    if found.areas != figures.areas || found.frames != figures.frames || found.lazyPages != figures.lazyPages {
      throw BrokenInvariant("areas of the kernel miscounted", tree.count)
    }
    if tree.first != AreaTree.none && (areas[tree.first].start < first || end < areas[tree.last].end) {
      throw BrokenInvariant("area outside of the kernel's addresses", tree.count)
    }
  }
}

/// What is in use of the kernel's addresses.
public struct VmallocFigures: Equatable, Sendable {
  /// Areas that somebody has.
  public internal(set) var areas = 0
  /// Frames that are their own. Linux: `nr_vmalloc_pages`, `VmallocUsed` of `/proc/meminfo`.
  public internal(set) var frames = 0
  /// Pages whose addresses wait for a flush. Linux: `vmap_lazy_nr`.
  public internal(set) var lazyPages: UInt64 = 0
  /// Flushes of all translation buffers, and the pages that they covered.
  public internal(set) var flushes = 0
  public internal(set) var flushedPages: UInt64 = 0
}
