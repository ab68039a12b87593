/// The nodes of the page cache's and the swap cache's trees that hold nothing but shadows, those that have held nothing else
/// for the longest in front. Linux: `shadow_nodes`.
///
/// All operations are O(1).
struct ShadowList {
  private struct Link: BitwiseCopyable {
    var previous = ShadowList.end
    var next = ShadowList.end
    var isListed = false
  }

  private static let end = UInt32.max

  private var links: [Link] = []
  private(set) var first = ShadowList.end
  private var last = ShadowList.end
  private(set) var count = 0

  /// Names for nodes of files and, by their place in the table of all areas, of swap.
  static func fileNode(_ node: UInt32) -> UInt32 { node << 1 }
  static func swapNode(_ node: Int) -> UInt32 { UInt32(node) << 1 | 1 }
  static func isOfSwap(_ name: UInt32) -> Bool { name & 1 != 0 }
  static func node(_ name: UInt32) -> UInt32 { name >> 1 }

  var isEmpty: Bool { count == 0 }

  func contains(_ name: UInt32) -> Bool { Int(name) < links.count && links[Int(name)].isListed }

  /// Sets whether a node holds nothing but shadows.
  mutating func set(_ name: UInt32, _ holdsShadowsOnly: Bool) {
    if holdsShadowsOnly != contains(name) {
      if holdsShadowsOnly { append(name) } else { remove(name) }
    }
  }

  private mutating func append(_ name: UInt32) {
    while links.count <= Int(name) { links.append(Link()) }
    links[Int(name)] = Link(previous: last, next: Self.end, isListed: true)
    if last == Self.end { first = name } else { links[Int(last)].next = name }
    last = name
    count += 1
  }

  private mutating func remove(_ name: UInt32) {
    let link = links[Int(name)]
    if link.previous == Self.end { first = link.next } else { links[Int(link.previous)].next = link.next }
    if link.next == Self.end { last = link.previous } else { links[Int(link.next)].previous = link.previous }
    links[Int(name)].isListed = false
    count -= 1
  }
}
