/// Finds the areas that may map a page: of a file, or of the anonymous memory that processes share since a fork.
///
/// Every such object has a tree of links, one for each area, ordered by where the area begins in the object; each
/// link knows how far the links below it reach. Linux: `struct anon_vma_chain` and the interval trees of
/// `mm/interval_tree.c`.
struct ReverseMap: ~Copyable {
  private var links = Pool<ReverseLink>()
  /// Linux: `struct anon_vma`, by number; 0 is none.
  private var families = Pool<AnonymousFamily>()

  /// No link, no family.
  static let none = UInt32.max

  /// Makes an identity for the anonymous pages of an area. Linux: `anon_vma_alloc`.
  ///
  /// - Parameter parent: the family of the parent process's area.
  mutating func makeFamily(parent: UInt32 = none) -> UInt32 {
    if parent != Self.none { families[parent].children += 1 }
    return families.insert(AnonymousFamily(parent: parent))
  }

  /// Notes that an area's new pages belong to a family, or do so no more. Linux: `num_active_vmas`.
  mutating func countActive(_ family: UInt32, _ change: Int32) {
    families[family].activeAreas += change
    endIfUnused(family)
  }

  /// Whether a family has lost its process and may serve a new one (`mm/rmap.c:anon_vma_clone`).
  ///
  /// A family without a parent counts as a child of its own.
  func isReusable(_ family: UInt32) -> Bool {
    let children = families[family].children + (families[family].parent == Self.none ? 1 : 0)
    return children < 2 && families[family].activeAreas == 0
  }

  /// Whether an area has just one link, so that its pages are of one family only. Linux: `list_is_singular`.
  @inline(__always)
  func isSingle(_ first: UInt32) -> Bool { first != Self.none && links[first].next == Self.none }

  /// Adds a link of an area to a family.
  ///
  /// - Parameter next: the area's other links.
  /// - Returns: the link, now the area's first.
  mutating func link(_ area: UInt32, _ range: PositionRange, family: UInt32, next: UInt32) -> UInt32 {
    let link = links.insert(ReverseLink(area: area, family: family, range: range, next: next))
    families[family].links += 1
    insert(link, family: family)
    return link
  }

  /// Adds a link of an area to the tree of a file.
  mutating func link(_ area: UInt32, _ range: PositionRange, tree: inout UInt32) -> UInt32 {
    let link = links.insert(ReverseLink(area: area, family: Self.none, range: range, next: Self.none))
    insert(link, into: &tree)
    return link
  }

  /// Ends an area's links to families.
  mutating func unlink(all first: UInt32) {
    var link = first
    while link != Self.none {
      let next = links[link].next
      let family = links[link].family
      remove(link, family: family)
      links.remove(link)
      families[family].links -= 1
      endIfUnused(family)
      link = next
    }
  }

  /// Ends an area's link to a file.
  mutating func unlink(_ link: UInt32, tree: inout UInt32) {
    remove(link, from: &tree)
    links.remove(link)
  }

  /// Moves an area's links to families to where the area is now.
  mutating func update(all first: UInt32, _ range: PositionRange) {
    var link = first
    while link != Self.none {
      let family = links[link].family
      remove(link, family: family)
      links[link].range = range
      insert(link, family: family)
      link = links[link].next
    }
  }

  /// Moves an area's link to a file to where the area is now.
  mutating func update(_ link: UInt32, _ range: PositionRange, tree: inout UInt32) {
    remove(link, from: &tree)
    links[link].range = range
    insert(link, into: &tree)
  }

  /// The families that an area is linked to, the first ones first.
  func families(of first: UInt32) -> [UInt32] {
    var result: [UInt32] = []
    var link = first
    while link != Self.none {
      result.append(links[link].family)
      link = links[link].next
    }
    result.reverse()
    return result
  }

  /// The areas of a family that contain a position. O(log areas + areas found).
  func areas(family: UInt32, at position: UInt64) -> [UInt32] { areas(tree: families[family].tree, at: position) }

  /// The areas of a tree that contain a position.
  func areas(tree: UInt32, at position: UInt64) -> [UInt32] {
    areas(tree: tree, in: PositionRange(first: position, last: position))
  }

  /// The areas of a tree that overlap a range of positions. O(log areas + areas found).
  func areas(tree: UInt32, in range: PositionRange) -> [UInt32] {
    var result: [UInt32] = []
    collect(tree, range, &result)
    return result
  }

  private mutating func endIfUnused(_ family: UInt32) {
    guard families[family].links == 0, families[family].activeAreas == 0, families[family].children == 0 else { return }
    let parent = families[family].parent
    families.remove(family)
    if parent != Self.none {
      families[parent].children -= 1
      endIfUnused(parent)
    }
  }

  /// The tree of a family's areas.
  @inline(__always)
  func tree(ofFamily family: UInt32) -> UInt32 { families[family].tree }

  /// The oldest family that a family descends from, whose tree has all areas that may share its pages. Linux: `root`.
  func root(of family: UInt32) -> UInt32 {
    var root = family
    while families[root].parent != Self.none { root = families[root].parent }
    return root
  }

  /// The area of a tree that has just one, and the positions it begins and ends with.
  @inline(__always)
  func onlyArea(_ tree: UInt32) -> (area: UInt32, range: PositionRange)? {
    guard tree != Self.none, links[tree].left == Self.none, links[tree].right == Self.none else { return nil }
    return (links[tree].area, links[tree].range)
  }

  /// Adds the areas of a tree that overlap a range of positions to `result`.
  func collect(_ link: UInt32, _ range: PositionRange, _ result: inout [UInt32]) {
    guard link != Self.none, range.first <= links[link].reach else { return }
    collect(links[link].left, range, &result)
    let own = links[link].range
    if own.first <= range.last && range.first <= own.last { result.append(links[link].area) }
    if range.last >= own.first { collect(links[link].right, range, &result) }
  }

  private mutating func insert(_ link: UInt32, family: UInt32) {
    var tree = families[family].tree
    insert(link, into: &tree)
    families[family].tree = tree
  }

  private mutating func remove(_ link: UInt32, family: UInt32) {
    var tree = families[family].tree
    remove(link, from: &tree)
    families[family].tree = tree
  }

  // The trees are treaps: a link's weight is a scramble of its number, and no link weighs more than the one above it.

  private mutating func insert(_ link: UInt32, into tree: inout UInt32) {
    links[link].left = Self.none
    links[link].right = Self.none
    links[link].reach = links[link].range.last
    tree = inserted(link, below: tree)
  }

  private mutating func inserted(_ link: UInt32, below top: UInt32) -> UInt32 {
    guard top != Self.none else { return link }
    if weight(link) > weight(top) {
      let (left, right) = split(top, before: link)
      links[link].left = left
      links[link].right = right
      updateReach(link)
      return link
    }
    if precedes(link, top) {
      links[top].left = inserted(link, below: links[top].left)
    } else {
      links[top].right = inserted(link, below: links[top].right)
    }
    updateReach(top)
    return top
  }

  private mutating func split(_ top: UInt32, before link: UInt32) -> (UInt32, UInt32) {
    guard top != Self.none else { return (Self.none, Self.none) }
    if precedes(top, link) {
      let (left, right) = split(links[top].right, before: link)
      links[top].right = left
      updateReach(top)
      return (top, right)
    }
    let (left, right) = split(links[top].left, before: link)
    links[top].left = right
    updateReach(top)
    return (left, top)
  }

  private mutating func remove(_ link: UInt32, from tree: inout UInt32) { tree = removed(link, below: tree) }

  private mutating func removed(_ link: UInt32, below top: UInt32) -> UInt32 {
    precondition(top != Self.none, "link not in its tree")
    if top == link { return joined(links[link].left, links[link].right) }
    if precedes(link, top) {
      links[top].left = removed(link, below: links[top].left)
    } else {
      links[top].right = removed(link, below: links[top].right)
    }
    updateReach(top)
    return top
  }

  private mutating func joined(_ left: UInt32, _ right: UInt32) -> UInt32 {
    if left == Self.none { return right }
    if right == Self.none { return left }
    if weight(left) > weight(right) {
      links[left].right = joined(links[left].right, right)
      updateReach(left)
      return left
    }
    links[right].left = joined(left, links[right].left)
    updateReach(right)
    return right
  }

  private mutating func updateReach(_ link: UInt32) {
    var reach = links[link].range.last
    if links[link].left != Self.none { reach = max(reach, links[links[link].left].reach) }
    if links[link].right != Self.none { reach = max(reach, links[links[link].right].reach) }
    links[link].reach = reach
  }

  private func precedes(_ first: UInt32, _ second: UInt32) -> Bool {
    let left = links[first].range.first
    let right = links[second].range.first
    return left != right ? left < right : first < second
  }

  /// A bijective scramble, so that no two links weigh the same.
  private func weight(_ link: UInt32) -> UInt32 {
    var value = link &* 0x9e37_79b1
    value ^= value >> 15
    return value &* 0x85eb_ca6b
  }
}

/// An area's entry in the tree of an object.
struct ReverseLink: BitwiseCopyable {
  var area: UInt32
  var family: UInt32
  /// The positions of the area's first and last page in the object.
  var range: PositionRange
  /// The area's next link.
  var next: UInt32
  var left = ReverseMap.none
  var right = ReverseMap.none
  /// The highest position of this and all links below.
  var reach: UInt64 = 0
}

/// Who shares anonymous pages: the areas of a process that were one, and their copies in its children.
struct AnonymousFamily: BitwiseCopyable {
  /// The family of the process this one was forked from, which lives as long.
  var parent: UInt32
  var children: Int32 = 0
  var links: Int32 = 0
  /// Areas whose new pages belong to it.
  var activeAreas: Int32 = 0
  var tree = ReverseMap.none
}

/// The positions of an area's first and last page in its file or in its anonymous memory, in pages.
struct PositionRange: BitwiseCopyable {
  var first: UInt64
  var last: UInt64
}
