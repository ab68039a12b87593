/// The areas of one address space, ordered by address: an AVL tree that knows the gaps between them.
///
/// Linux 6.1 keeps areas in a maple tree; the order and the answers are the same. Lookup, insertion,
/// removal and the search for a gap are O(log areas); neighbours are O(1).
struct AreaTree: BitwiseCopyable {
  /// No area.
  static let none: UInt32 = .max

  private(set) var root = AreaTree.none
  /// The area of the lowest address.
  private(set) var first = AreaTree.none
  /// The area of the highest address.
  private(set) var last = AreaTree.none
  /// Linux: `map_count`.
  private(set) var count = 0

  /// The first area that ends above `page`. Linux: `find_vma`.
  func first(endingAbove page: VirtualPage, in areas: borrowing Pool<Area>) -> UInt32 {
    var node = root
    var best = AreaTree.none
    while node != AreaTree.none {
      if page < areas[node].end {
        best = node
        if !(page < areas[node].start) { return node }
        node = areas[node].left
      } else {
        node = areas[node].right
      }
    }
    return best
  }

  /// The area that contains `page`.
  func find(_ page: VirtualPage, in areas: borrowing Pool<Area>) -> UInt32 {
    let area = first(endingAbove: page, in: areas)
    return area != AreaTree.none && !(page < areas[area].start) ? area : AreaTree.none
  }

  /// Adds an area that overlaps no other.
  mutating func insert(_ area: UInt32, in areas: inout Pool<Area>) {
    let next = first(endingAbove: areas[area].start, in: areas)
    let previous = next == AreaTree.none ? last : areas[next].previous
    precondition(next == AreaTree.none || !(areas[next].start < areas[area].end), "areas overlap")
    areas[area].previous = previous
    areas[area].next = next
    areas[area].left = AreaTree.none
    areas[area].right = AreaTree.none
    areas[area].height = 0
    if previous == AreaTree.none { first = area } else { areas[previous].next = area }
    if next == AreaTree.none { last = area } else { areas[next].previous = area }
    // Of two neighbours, the upper one has no left child or the lower one no right child.
    if next != AreaTree.none, areas[next].left == AreaTree.none {
      areas[next].left = area
      areas[area].parent = next
    } else {
      if previous == AreaTree.none { root = area } else { areas[previous].right = area }
      areas[area].parent = previous
    }
    refresh(area, in: &areas)
    if next != AreaTree.none { refresh(next, in: &areas) }
    count += 1
  }

  /// Takes an area out; its place in the pool stays the caller's.
  mutating func remove(_ area: UInt32, in areas: inout Pool<Area>) {
    precondition(
      count > 0 && (area == root || areas[area].parent != AreaTree.none), "area removed that is not in the tree")
    let previous = areas[area].previous
    let next = areas[area].next
    if previous == AreaTree.none { first = next } else { areas[previous].next = next }
    if next == AreaTree.none { last = previous } else { areas[next].previous = previous }
    let left = areas[area].left
    let right = areas[area].right
    var lowest = areas[area].parent
    if left == AreaTree.none || right == AreaTree.none {
      replace(area, by: left == AreaTree.none ? right : left, &areas)
    } else {
      // The next area has no left child; it takes this one's place, and what was known of it.
      lowest = next
      if next != right {
        lowest = areas[next].parent
        replace(next, by: areas[next].right, &areas)
        areas[next].right = right
        areas[right].parent = next
      }
      areas[next].left = left
      areas[left].parent = next
      areas[next].height = areas[area].height
      areas[next].largestGap = areas[area].largestGap
      replace(area, by: next, &areas)
    }
    if lowest != AreaTree.none { refresh(lowest, in: &areas) }
    if next != AreaTree.none { refresh(next, in: &areas) }
    areas[area].parent = AreaTree.none
    count -= 1
  }

  /// Brings the gaps up to date after an area's bounds changed within its surroundings.
  mutating func boundsChanged(_ area: UInt32, in areas: inout Pool<Area>) {
    refresh(area, in: &areas)
    if areas[area].next != AreaTree.none { refresh(areas[area].next, in: &areas) }
  }

  /// The highest page at which `length` pages fit between `low` and `high`.
  func highestGap(
    _ length: UInt64, from low: VirtualPage, to high: VirtualPage, in areas: borrowing Pool<Area>
  ) -> VirtualPage? {
    guard low < high, high - low >= length else { return nil }
    let floor = last == AreaTree.none ? low : max(low, areas[last].end)
    if floor < high && high - floor >= length { return VirtualPage(high.rawValue - length) }
    return highestGap(length, low, high, below: root, areas)
  }

  private func highestGap(
    _ length: UInt64, _ low: VirtualPage, _ high: VirtualPage, below node: UInt32,
    _ areas: borrowing Pool<Area>
  ) -> VirtualPage? {
    guard node != AreaTree.none, areas[node].largestGap >= length else { return nil }
    if areas[node].start < high,
      let found = highestGap(length, low, high, below: areas[node].right, areas)
    {
      return found
    }
    let gapStart = max(low, gapStart(before: node, areas))
    let gapEnd = min(high, areas[node].start)
    if gapStart < gapEnd && gapEnd - gapStart >= length {
      return VirtualPage(gapEnd.rawValue - length)
    }
    return highestGap(length, low, high, below: areas[node].left, areas)
  }

  /// The lowest page at which `length` pages fit.
  func lowestGap(
    _ length: UInt64, from low: VirtualPage, to high: VirtualPage, in areas: borrowing Pool<Area>
  ) -> VirtualPage? {
    guard low < high, high - low >= length else { return nil }
    if let found = lowestGap(length, low, high, below: root, areas) { return found }
    let floor = last == AreaTree.none ? low : max(low, areas[last].end)
    return floor < high && high - floor >= length ? floor : nil
  }

  private func lowestGap(
    _ length: UInt64, _ low: VirtualPage, _ high: VirtualPage, below node: UInt32,
    _ areas: borrowing Pool<Area>
  ) -> VirtualPage? {
    guard node != AreaTree.none, areas[node].largestGap >= length else { return nil }
    if low < areas[node].start,
      let found = lowestGap(length, low, high, below: areas[node].left, areas)
    {
      return found
    }
    let gapStart = max(low, gapStart(before: node, areas))
    let gapEnd = min(high, areas[node].start)
    if gapStart < gapEnd && gapEnd - gapStart >= length { return gapStart }
    return lowestGap(length, low, high, below: areas[node].right, areas)
  }

  private func gapStart(before area: UInt32, _ areas: borrowing Pool<Area>) -> VirtualPage {
    let previous = areas[area].previous
    return previous == AreaTree.none ? VirtualPage(0) : areas[previous].end
  }

  // MARK: Balance

  /// Brings heights and gaps up to date from an area up to the root, as far as they change, and the tree into balance.
  private mutating func refresh(_ area: UInt32, in areas: inout Pool<Area>) {
    var node = area
    while node != AreaTree.none {
      let height = areas[node].height
      let gap = areas[node].largestGap
      update(node, &areas)
      let top = balanced(node, &areas)
      if areas[top].height == height && areas[top].largestGap == gap { return }
      node = areas[top].parent
    }
  }

  @inline(__always)
  private func update(_ node: UInt32, _ areas: inout Pool<Area>) {
    let left = areas[node].left
    let right = areas[node].right
    let start = gapStart(before: node, areas)
    let end = areas[node].start
    var gap = start < end ? end - start : 0
    var height: Int32 = 0
    if left != AreaTree.none {
      gap = max(gap, areas[left].largestGap)
      height = areas[left].height
    }
    if right != AreaTree.none {
      gap = max(gap, areas[right].largestGap)
      height = max(height, areas[right].height)
    }
    areas[node].height = height + 1
    areas[node].largestGap = gap
  }

  @inline(__always)
  private func lean(_ node: UInt32, _ areas: borrowing Pool<Area>) -> Int32 {
    let left = areas[node].left
    let right = areas[node].right
    return (left == AreaTree.none ? 0 : areas[left].height)
      - (right == AreaTree.none ? 0 : areas[right].height)
  }

  /// Puts another subtree, or none, to where a node hangs.
  private mutating func replace(_ node: UInt32, by other: UInt32, _ areas: inout Pool<Area>) {
    let parent = areas[node].parent
    if other != AreaTree.none { areas[other].parent = parent }
    if parent == AreaTree.none {
      root = other
    } else if areas[parent].left == node {
      areas[parent].left = other
    } else {
      areas[parent].right = other
    }
  }

  private mutating func rotateRight(_ node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    let top = areas[node].left
    let middle = areas[top].right
    replace(node, by: top, &areas)
    areas[node].left = middle
    if middle != AreaTree.none { areas[middle].parent = node }
    areas[top].right = node
    areas[node].parent = top
    update(node, &areas)
    update(top, &areas)
    return top
  }

  private mutating func rotateLeft(_ node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    let top = areas[node].right
    let middle = areas[top].left
    replace(node, by: top, &areas)
    areas[node].right = middle
    if middle != AreaTree.none { areas[middle].parent = node }
    areas[top].left = node
    areas[node].parent = top
    update(node, &areas)
    update(top, &areas)
    return top
  }

  /// Rotates a node whose sides differ by more than one level.
  ///
  /// - Returns: the subtree's root now.
  @inline(__always)
  private mutating func balanced(_ node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    let lean = lean(node, areas)
    if lean > 1 {
      if self.lean(areas[node].left, areas) < 0 { _ = rotateLeft(areas[node].left, &areas) }
      return rotateRight(node, &areas)
    }
    if lean < -1 {
      if self.lean(areas[node].right, areas) > 0 { _ = rotateRight(areas[node].right, &areas) }
      return rotateLeft(node, &areas)
    }
    return node
  }

  // MARK: Check

  /// Checks order, links, balance and gaps.
  func checkInvariants(in areas: borrowing Pool<Area>) throws(BrokenInvariant) {
    var previous = AreaTree.none
    var node = first
    var seen = 0
    while node != AreaTree.none {
      if areas[node].previous != previous { throw BrokenInvariant("areas linked wrongly", node) }
      if !(areas[node].start < areas[node].end) { throw BrokenInvariant("empty area", node) }
      if previous != AreaTree.none, areas[node].start < areas[previous].end {
        throw BrokenInvariant("areas overlap", areas[node].start.rawValue)
      }
      if find(areas[node].start, in: areas) != node {
        throw BrokenInvariant("area not found by its address", areas[node].start.rawValue)
      }
      previous = node
      node = areas[node].next
      seen += 1
    }
    if previous != last || seen != count { throw BrokenInvariant("areas miscounted", seen) }
    _ = try check(root, areas)
  }

  private func check(_ node: UInt32, _ areas: borrowing Pool<Area>) throws(BrokenInvariant) -> UInt64 {
    guard node != AreaTree.none else { return 0 }
    let start = gapStart(before: node, areas)
    let end = areas[node].start
    var gap = start < end ? end - start : 0
    gap = max(gap, try check(areas[node].left, areas))
    gap = max(gap, try check(areas[node].right, areas))
    if gap != areas[node].largestGap { throw BrokenInvariant("gap of the area tree outdated", gap) }
    for child in [areas[node].left, areas[node].right] where child != AreaTree.none && areas[child].parent != node {
      throw BrokenInvariant("area with a wrong parent", child)
    }
    if lean(node, areas) > 1 || lean(node, areas) < -1 {
      throw BrokenInvariant("area tree out of balance", node)
    }
    return gap
  }
}
