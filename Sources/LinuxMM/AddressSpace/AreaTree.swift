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
    if previous == AreaTree.none { first = area } else { areas[previous].next = area }
    if next == AreaTree.none { last = area } else { areas[next].previous = area }
    root = insert(area, below: root, &areas)
    if next != AreaTree.none { refresh(next, in: &areas) }
    count += 1
  }

  /// Takes an area out; its place in the pool stays the caller's.
  mutating func remove(_ area: UInt32, in areas: inout Pool<Area>) {
    root = remove(areas[area].start, below: root, &areas)
    let previous = areas[area].previous
    let next = areas[area].next
    if previous == AreaTree.none { first = next } else { areas[previous].next = next }
    if next == AreaTree.none { last = previous } else { areas[next].previous = previous }
    if next != AreaTree.none { refresh(next, in: &areas) }
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

  private func update(_ node: UInt32, _ areas: inout Pool<Area>) {
    let left = areas[node].left
    let right = areas[node].right
    let leftHeight = left == AreaTree.none ? 0 : areas[left].height
    let rightHeight = right == AreaTree.none ? 0 : areas[right].height
    areas[node].height = max(leftHeight, rightHeight) + 1
    let start = gapStart(before: node, areas)
    let end = areas[node].start
    var gap = start < end ? end - start : 0
    if left != AreaTree.none { gap = max(gap, areas[left].largestGap) }
    if right != AreaTree.none { gap = max(gap, areas[right].largestGap) }
    areas[node].largestGap = gap
  }

  private func lean(_ node: UInt32, _ areas: borrowing Pool<Area>) -> Int32 {
    let left = areas[node].left
    let right = areas[node].right
    return (left == AreaTree.none ? 0 : areas[left].height)
      - (right == AreaTree.none ? 0 : areas[right].height)
  }

  private func rotateRight(_ node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    let top = areas[node].left
    areas[node].left = areas[top].right
    areas[top].right = node
    update(node, &areas)
    update(top, &areas)
    return top
  }

  private func rotateLeft(_ node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    let top = areas[node].right
    areas[node].right = areas[top].left
    areas[top].left = node
    update(node, &areas)
    update(top, &areas)
    return top
  }

  private func balanced(_ node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    update(node, &areas)
    let lean = lean(node, areas)
    if lean > 1 {
      if self.lean(areas[node].left, areas) < 0 {
        areas[node].left = rotateLeft(areas[node].left, &areas)
      }
      return rotateRight(node, &areas)
    }
    if lean < -1 {
      if self.lean(areas[node].right, areas) > 0 {
        areas[node].right = rotateRight(areas[node].right, &areas)
      }
      return rotateLeft(node, &areas)
    }
    return node
  }

  private func insert(_ area: UInt32, below node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    if node == AreaTree.none {
      update(area, &areas)
      return area
    }
    if areas[area].start < areas[node].start {
      areas[node].left = insert(area, below: areas[node].left, &areas)
    } else {
      areas[node].right = insert(area, below: areas[node].right, &areas)
    }
    return balanced(node, &areas)
  }

  private func remove(_ start: VirtualPage, below node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    precondition(node != AreaTree.none, "area removed that is not in the tree")
    if start < areas[node].start {
      areas[node].left = remove(start, below: areas[node].left, &areas)
    } else if areas[node].start < start {
      areas[node].right = remove(start, below: areas[node].right, &areas)
    } else {
      if areas[node].left == AreaTree.none { return areas[node].right }
      if areas[node].right == AreaTree.none { return areas[node].left }
      var heir = areas[node].right
      while areas[heir].left != AreaTree.none { heir = areas[heir].left }
      let right = removeLeftmost(below: areas[node].right, &areas)
      areas[heir].left = areas[node].left
      areas[heir].right = right
      return balanced(heir, &areas)
    }
    return balanced(node, &areas)
  }

  private func removeLeftmost(below node: UInt32, _ areas: inout Pool<Area>) -> UInt32 {
    if areas[node].left == AreaTree.none { return areas[node].right }
    areas[node].left = removeLeftmost(below: areas[node].left, &areas)
    return balanced(node, &areas)
  }

  /// Recomputes the gaps on the way from the root to `area`.
  private func refresh(_ area: UInt32, in areas: inout Pool<Area>) {
    refresh(area, below: root, &areas)
  }

  private func refresh(_ area: UInt32, below node: UInt32, _ areas: inout Pool<Area>) {
    guard node != AreaTree.none else { return }
    if node != area {
      refresh(
        area, below: areas[area].start < areas[node].start ? areas[node].left : areas[node].right,
        &areas)
    }
    update(node, &areas)
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
    if lean(node, areas) > 1 || lean(node, areas) < -1 {
      throw BrokenInvariant("area tree out of balance", node)
    }
    return gap
  }
}
