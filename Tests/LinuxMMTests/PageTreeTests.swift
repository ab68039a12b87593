import Testing

@testable import LinuxMM

/// The tree of a file's pages beside a dictionary.
@Suite struct PageTreeTests {
  @Test(arguments: [UInt64(1), 2, 3]) func pagesShadowsAndMarksAreWhereTheyWerePut(seed: UInt64) {
    var random = XorShift64(seed: seed)
    var nodes = PageTreeNodes()
    var tree = PageTree()
    var pages: [UInt64: UInt32] = [:]
    var shadows: [UInt64: Shadow] = [:]
    var marks: Set<UInt64> = []
    for step in 0..<20_000 {
      // Few positions near 0, a few far away.
      let position = random.next() % 8 == 0 ? (random.next() % 128) << 33 : random.next() % 300
      switch random.next() % 6 {
      case 0, 1:
        guard pages[position] == nil else { continue }
        tree.insert(FrameNumber(UInt32(step)), at: position, in: &nodes)
        pages[position] = UInt32(step)
        shadows[position] = nil
      case 2:
        tree.remove(position, in: &nodes)
        pages[position] = nil
        shadows[position] = nil
        marks.remove(position)
      case 3:
        guard pages[position] != nil else { continue }
        let shadow = Shadow(age: UInt64(step), vector: 3, wasWorkingSet: step % 2 == 0)
        _ = tree.evict(position, leaving: CacheEntry(shadow), in: &nodes)
        pages[position] = nil
        shadows[position] = shadow
        marks.remove(position)
      case 4:
        guard pages[position] != nil else { continue }
        tree.mark(position, in: &nodes)
        marks.insert(position)
      default:
        tree.unmark(position, in: &nodes)
        marks.remove(position)
      }
      let entry = tree.entry(position, in: nodes)
      #expect(entry.frame?.rawValue == pages[position])
      #expect(entry.shadow == shadows[position])
      let from = random.next() % 400
      let marked = tree.firstMarked(from: from, in: nodes)
      #expect(marked == marks.filter { $0 >= from }.min())
      let count = tree.count
      #expect(count == pages.count)
    }
    var found: [UInt64] = []
    tree.forEach(in: 0..<(1 << 41), nodes) { position, _ in found.append(position) }
    #expect(found == (Array(pages.keys) + Array(shadows.keys)).sorted())
    for position in Set(pages.keys).union(shadows.keys) { tree.remove(position, in: &nodes) }
    let left = nodes.count
    #expect(left == 0)
  }
}
