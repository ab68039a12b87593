import Testing

@testable import LinuxMM

@Suite struct AreaTreeTests {
  /// Random operations on few areas that come and go, against a sorted list: every length of the tree's nodes.
  @Test(arguments: [11, 12, 13, 14] as [UInt64]) func agreesWithASortedList(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    var model = AreaTreeModel()
    for step in 0..<6000 {
      // It grows and shrinks by turns, down to nothing.
      let grows = step / 500 % 2 == 0
      try model.change(&random, insertions: grows ? 55 : 15, removals: grows ? 15 : 55)
      try model.compareSearches(&random, "seed \(seed), step \(step)")
      if step % 10 == 0 { try model.tree.checkInvariants(in: model.nodes, model.areas) }
    }
    try model.empty(&random)
  }

  /// The same with thousands of areas, several levels of nodes.
  @Test(arguments: [21, 22] as [UInt64]) func agreesWithALongSortedList(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    var model = AreaTreeModel(limit: 200_000)
    for (insertions, removals) in [(95, 2), (20, 40), (60, 30), (2, 95)] {
      for step in 0..<12_000 {
        try model.change(&random, insertions: UInt64(insertions), removals: UInt64(removals))
        if step % 16 == 0 { try model.compareSearches(&random, "seed \(seed), step \(step)") }
        if step % 1500 == 0 { try model.tree.checkInvariants(in: model.nodes, model.areas) }
      }
      try model.tree.checkInvariants(in: model.nodes, model.areas)
    }
    try model.empty(&random)
  }

  /// Areas that come in order of their addresses, as programs get them, and go in order.
  @Test(arguments: [false, true], [false, true]) func growsAndShrinksAtOneEnd(goesUp: Bool, isEmptiedUp: Bool) throws {
    var model = AreaTreeModel(limit: 1 << 20)
    let count: UInt64 = 10_000
    for step in 0..<count {
      let start = model.low + (goesUp ? step : count - 1 - step) * 4
      model.insert(start, start + 3)
      if step % 1000 == 0 { try model.tree.checkInvariants(in: model.nodes, model.areas) }
    }
    // Nodes are well filled: at three quarters, and those above them add a ninth.
    #expect(model.nodes.count <= Int(count) / 9 * 9 / 8 + 10)
    try model.tree.checkInvariants(in: model.nodes, model.areas)
    while model.tree.count > 0 {
      model.remove(at: isEmptiedUp ? 0 : model.list.count - 1)
      if model.tree.count % 1000 == 0 { try model.tree.checkInvariants(in: model.nodes, model.areas) }
    }
    #expect(model.nodes.count == 0)
  }

  /// All sets of areas in a few pages, by all searches: each set is built by adding areas to an empty tree in two orders.
  @Test(arguments: [false, true]) func allSmallCases(isReversed: Bool) throws {
    let pages: UInt64 = 9
    // Bit n: page n is mapped; bit n + pages: an area begins there although the page before is mapped.
    for pattern in 0..<(UInt64(1) << (pages * 2 - 1)) {
      let mapped = pattern & ((1 << pages) - 1)
      let cuts = (pattern >> pages) << 1
      // A cut counts only between two mapped pages.
      guard cuts & ~(mapped & (mapped << 1)) == 0 else { continue }
      var model = AreaTreeModel(low: 0, limit: pages)
      var bounds: [(UInt64, UInt64)] = []
      for page in 0..<pages where mapped >> page & 1 == 1 {
        if let last = bounds.last, last.1 == page, cuts >> page & 1 == 0 {
          bounds[bounds.count - 1].1 = page + 1
        } else {
          bounds.append((page, page + 1))
        }
      }
      for (start, end) in isReversed ? bounds.reversed() : bounds { model.insert(start, end) }
      try model.tree.checkInvariants(in: model.nodes, model.areas)
      try model.compareAllSearches("pattern \(pattern)")
    }
  }

  /// Every way to take two out of as many areas as make a few nodes, then to change the bounds of each that is left.
  @Test func allRemovalsFromFewNodes() throws {
    let count = 40
    for first in 0..<count {
      for second in 0..<(count - 1) {
        var model = AreaTreeModel()
        for place in 0..<UInt64(count) { model.insert(model.low + place * 5 + 1, model.low + place * 5 + 3) }
        model.remove(at: first)
        model.remove(at: second)
        try model.tree.checkInvariants(in: model.nodes, model.areas)
        guard first == second else { continue }
        for place in model.list.indices {
          let (start, end, _) = model.list[place]
          for bounds in [(start - 1, end), (start - 1, end + 1), (start, end + 1), (start, end - 1), (start, end)] {
            model.setBounds(at: place, bounds.0, bounds.1)
            try model.tree.checkInvariants(in: model.nodes, model.areas)
          }
        }
      }
    }
  }
}

/// A tree of areas and what it should hold: a sorted list of bounds.
private struct AreaTreeModel: ~Copyable {
  var areas = Pool<Area>()
  var nodes = Pool<AreaNode>()
  var tree = AreaTree()
  var list: [(start: UInt64, end: UInt64, place: UInt32)] = []
  let low: UInt64
  let high: UInt64

  init(low: UInt64 = 1000, limit: UInt64 = 4096) {
    self.low = low
    high = low + limit
  }

  /// The position in the list of the first area that ends above a page.
  private func position(endingAbove page: UInt64) -> Int {
    var lower = 0
    var upper = list.count
    while lower < upper {
      let middle = (lower + upper) / 2
      if list[middle].end > page { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }

  mutating func insert(_ start: UInt64, _ end: UInt64) {
    let place = areas.insert(Area(start: VirtualPage(start), end: VirtualPage(end), flags: .read, offset: start))
    tree.insert(place, in: &nodes, &areas)
    list.insert((start, end, place), at: position(endingAbove: start))
  }

  mutating func remove(at position: Int) {
    let place = list.remove(at: position).place
    tree.remove(place, in: &nodes, &areas)
    areas.remove(place)
  }

  mutating func setBounds(at position: Int, _ start: UInt64, _ end: UInt64) {
    let place = list[position].place
    list[position] = (start, end, place)
    areas[place].start = VirtualPage(start)
    areas[place].end = VirtualPage(end)
    tree.boundsChanged(place, in: &nodes, areas)
  }

  /// One random operation; the numbers are percents, the rest are changes of bounds.
  mutating func change(_ random: inout XorShift64, insertions: UInt64, removals: UInt64) throws {
    let choice = random.below(100)
    if choice < insertions {
      let start = low + random.below(high - low - 10)
      let position = position(endingAbove: start)
      let end = min(start + 1 + random.below(9), position < list.count ? list[position].start : high)
      if start < end { insert(start, end) }
    } else if list.isEmpty {
      return
    } else if choice < insertions + removals {
      remove(at: Int(random.below(UInt64(list.count))))
    } else {
      let position = Int(random.below(UInt64(list.count)))
      let (start, end, _) = list[position]
      let floor = position == 0 ? low : list[position - 1].end
      let ceiling = position == list.count - 1 ? high : list[position + 1].start
      // Some page stays: one end moves within the area or out to the neighbour, or both move out.
      let newStart = floor + random.below(start - floor + 1)
      let newEnd = end + random.below(ceiling - end + 1)
      switch random.below(4) {
      case 0: setBounds(at: position, start + random.below(end - start), end)
      case 1: setBounds(at: position, start, end - random.below(end - start))
      case 2: setBounds(at: position, newStart, end)
      default: setBounds(at: position, random.below(2) == 0 ? start : newStart, newEnd)
      }
    }
  }

  /// Takes all areas out in a random order.
  mutating func empty(_ random: inout XorShift64) throws {
    while !list.isEmpty {
      remove(at: Int(random.below(UInt64(list.count))))
      if list.count % 500 < 3 { try tree.checkInvariants(in: nodes, areas) }
    }
    #expect(tree.count == 0 && tree.root == AreaTree.none && nodes.count == 0)
  }

  // MARK: Searches

  func compareSearches(_ random: inout XorShift64, _ comment: Comment) throws {
    #expect(tree.count == list.count, comment)
    #expect(tree.first == list.first?.place ?? AreaTree.none, comment)
    #expect(tree.last == list.last?.place ?? AreaTree.none, comment)
    let page = low + random.below(high - low)
    compareSearch(page, comment)
    compareGaps(1 + random.below(300), low, high, comment)
    compareGaps(1 + random.below(30), min(page, high - 1), page + random.below(high - low), comment)
  }

  /// All pages and all lengths between all bounds.
  func compareAllSearches(_ comment: Comment) throws {
    for from in low...high {
      compareSearch(from, comment)
      for to in from...(high + 1) {
        for length in 1...(high - low + 1) { compareGaps(length, from, to, comment) }
      }
    }
  }

  private func compareSearch(_ page: UInt64, _ comment: Comment) {
    let position = position(endingAbove: page)
    let wanted = position < list.count ? list[position].place : AreaTree.none
    let first = tree.first(endingAbove: VirtualPage(page), in: nodes)
    let found = tree.find(VirtualPage(page), in: nodes, areas)
    let isInside = position < list.count && list[position].start <= page
    if first != wanted || found != (isInside ? wanted : AreaTree.none) {
      Issue.record("search for page \(page): \(first), \(found) instead of \(wanted); \(comment)")
    }
  }

  private func compareGaps(_ length: UInt64, _ low: UInt64, _ high: UInt64, _ comment: Comment) {
    var highest: UInt64?
    var lowest: UInt64?
    var floor: UInt64 = 0
    for position in 0...list.count {
      let start = max(floor, low)
      let end = min(position < list.count ? list[position].start : high, high)
      if start < end && end - start >= length {
        lowest = lowest ?? start
        highest = end - length
      }
      if position < list.count { floor = list[position].end }
    }
    let from = VirtualPage(low)
    let to = VirtualPage(high)
    let foundHighest = tree.highestGap(length, from: from, to: to, in: nodes)?.rawValue
    let foundLowest = tree.lowestGap(length, from: from, to: to, in: nodes)?.rawValue
    if foundHighest != highest || foundLowest != lowest {
      Issue.record(
        "\(length) pages in \(low)..<\(high): \(String(describing: (foundLowest, foundHighest))); \(comment)")
    }
  }
}
