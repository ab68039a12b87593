/// A node of an ``AreaTree``: areas on the lowest level, nodes of the next lower level above it, in the order of addresses.
///
/// 256 bytes, as many as four lines of the cache have; a search reads the ends of the children, then the number of the one
/// it goes on to. Linux: `struct maple_node`.
struct AreaNode: BitwiseCopyable {
  /// The most children a node has.
  static let capacity = 12
  /// The fewest, but for the root.
  static let minimum = 3

  // By figure, not by child: the ends that a search compares lie together. The gaps stand behind the count, so that few
  // lines are read of a node with few children. Past the last child the figures are those of an entry for none.
  private var ends = InlineArray<12, VirtualPage>(repeating: Entry.none.end)
  private var children = InlineArray<12, UInt32>(repeating: Entry.none.child)
  /// The node above, `AreaTree.none` for the root.
  var parent = AreaTree.none
  private(set) var count: Int32 = 0
  /// Makes the size a power of two, so that a place is found by a shift.
  private let padding: UInt64 = 0
  private var gaps = InlineArray<12, UInt64>(repeating: Entry.none.gap)

  /// What a node knows of one of its children.
  struct Entry: Equatable, BitwiseCopyable {
    /// One past the child's last page.
    var end: VirtualPage
    /// The pages of the largest gap before an area of the child.
    var gap: UInt64
    var child: UInt32

    static let none = Entry(end: VirtualPage(.max), gap: 0, child: AreaTree.none)
  }

  /// The child at a place below ``count``, or ``Entry/none`` from there up to ``capacity``.
  subscript(index: Int) -> Entry {
    @inline(__always)
    get { Entry(end: ends[index], gap: gaps[index], child: children[index]) }
    @inline(__always)
    set {
      ends[index] = newValue.end
      gaps[index] = newValue.gap
      children[index] = newValue.child
    }
  }

  /// The place of the first child that ends above `page`; ``count``, if none does. `page` is not the highest number.
  ///
  /// No branch depends on the ends: where a search goes on is not to be foreseen.
  @inline(__always)
  func index(endingAbove page: VirtualPage) -> Int {
    // Written out: in a loop each round would copy the array.
    @inline(__always) func isPassed(_ place: Int) -> Int { page.rawValue >= ends[place].rawValue ? 1 : 0 }
    return isPassed(0) &+ isPassed(1) &+ isPassed(2) &+ isPassed(3) &+ isPassed(4) &+ isPassed(5)
      &+ isPassed(6) &+ isPassed(7) &+ isPassed(8) &+ isPassed(9) &+ isPassed(10) &+ isPassed(11)
  }

  /// The pages of the largest gap before an area below this node.
  @inline(__always)
  var largestGap: UInt64 {
    @inline(__always) func larger(_ place: Int) -> UInt64 { max(gaps[place], gaps[place + 1]) }
    return max(max(max(larger(0), larger(2)), max(larger(4), larger(6))), max(larger(8), larger(10)))
  }

  /// One past the last page below this node, which has children.
  @inline(__always)
  var end: VirtualPage { ends[Int(count) - 1] }

  /// Lets the gap before an area begin elsewhere.
  mutating func moveGap(at index: Int, from oldStart: VirtualPage, to start: VirtualPage) {
    let end = oldStart + gaps[index]
    precondition(!(end < start), "areas overlap")
    gaps[index] = end - start
  }

  /// Adds a child before the one at `index` to a node that has room.
  mutating func insert(_ entry: Entry, at index: Int) {
    var place = Int(count)
    while place > index {
      self[place] = self[place - 1]
      place -= 1
    }
    self[index] = entry
    count += 1
  }

  /// Takes the first `number` of the children from `index` on out.
  mutating func remove(_ number: Int = 1, at index: Int) {
    let left = Int(count) - number
    for place in index..<left { self[place] = self[place + number] }
    for place in left..<Int(count) { self[place] = Entry.none }
    count = Int32(left)
  }
}
