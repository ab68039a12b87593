/// Which processors belong to which node, and how far the nodes are from each other.
///
/// Linux: the SRAT and SLIT tables.
public struct NodeTopology: Sendable {
  /// Why a topology cannot exist.
  public enum Problem: Error, Equatable, Sendable {
    case noProcessor
    case nodesOutOfRange(Int)
    /// A processor is given to a node that does not exist.
    case unknownNode(processor: Int, node: Int)
    /// The table has not one row and column for each node.
    case distanceTableSize
    /// A node must be at distance 10 from itself.
    case distanceToItself(node: Int, Int)
    /// Different nodes are at distance 11 to 254 from each other.
    case distanceOutOfRange(from: Int, to: Int, Int)
    /// A node with neither memory nor processors.
    case emptyNode(Int)
  }

  public let nodeCount: Int
  /// The node of each processor.
  public let nodeOfProcessor: [Int]
  /// Row by row, `from * nodeCount + to`. Linux: `node_distance`.
  public let distances: [Int]

  public static let localDistance = 10
  public static let remoteDistance = 20

  /// - Parameters:
  ///   - nodeOfProcessor: the node of each processor, 0 ..< `nodeCount`.
  ///   - distances: row by row; 10 and 20 if not given.
  public init(nodeCount: Int = 1, nodeOfProcessor: [Int] = [0], distances: [Int]? = nil) throws(Problem) {
    guard (1...MemoryMap.mostNodes).contains(nodeCount) else { throw .nodesOutOfRange(nodeCount) }
    guard !nodeOfProcessor.isEmpty else { throw .noProcessor }
    for (processor, node) in nodeOfProcessor.enumerated() where !(0..<nodeCount).contains(node) {
      throw .unknownNode(processor: processor, node: node)
    }
    let table =
      distances
      ?? (0..<(nodeCount * nodeCount)).map {
        $0 / nodeCount == $0 % nodeCount ? Self.localDistance : Self.remoteDistance
      }
    guard table.count == nodeCount * nodeCount else { throw .distanceTableSize }
    for from in 0..<nodeCount {
      for to in 0..<nodeCount {
        let distance = table[from * nodeCount + to]
        if from == to {
          guard distance == Self.localDistance else { throw .distanceToItself(node: from, distance) }
        } else if !(11...254).contains(distance) {
          throw .distanceOutOfRange(from: from, to: to, distance)
        }
      }
    }
    self.nodeCount = nodeCount
    self.nodeOfProcessor = nodeOfProcessor
    self.distances = table
  }

  func hasProcessor(_ node: Int) -> Bool { nodeOfProcessor.contains(node) }

  func processorCount(of node: Int) -> Int { nodeOfProcessor.count { $0 == node } }

  /// The nodes in the order in which each node's requests fall back on them, itself first
  /// (`mm/page_alloc.c:build_zonelists`, `find_next_best_node`).
  ///
  /// - Parameter hasMemory: whether each node has memory.
  /// - Complexity: O(nodes³), at boot.
  public func fallbackOrders(hasMemory: [Bool]) -> [[Int]] {
    var loads = [Int](repeating: 0, count: nodeCount)
    return (0..<nodeCount).map { local in
      var order = [local]
      var previous = local
      while true {
        var best: Int?
        var lowest = Int.max
        for node in 0..<nodeCount where hasMemory[node] && !order.contains(node) {
          let distance = distances[local * nodeCount + node] + (node < local ? 1 : 0) + (hasProcessor(node) ? 1 : 0)
          let value = distance * 1024 + loads[node]
          if value < lowest {
            lowest = value
            best = node
          }
        }
        guard let best else { return order }
        // Nodes at the same distance take turns as the first of their distance.
        if distances[local * nodeCount + best] != distances[local * nodeCount + previous] { loads[best] += 1 }
        order.append(best)
        previous = best
      }
    }
  }
}
