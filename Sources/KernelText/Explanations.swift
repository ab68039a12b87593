import LinuxMM

/// One line for the user of why a machine cannot exist.
extension PhysicalConfiguration.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .map(let problem): problem.description
    case .topology(let problem): problem.description
    case .contiguousArea(let bytes): "there is no room for a contiguous area of \(bytes) bytes"
    }
  }
}

extension MemoryMap.Problem: CustomStringConvertible {
  public var description: String {
    func addresses(_ range: FrameRange) -> String {
      "0x" + String(range.start.address.rawValue, radix: 16) + "-0x" + String(range.end.address.rawValue, radix: 16)
    }
    return switch self {
    case .empty: "the machine has no RAM"
    case .overlapping(let range): "the memory map overlaps at \(addresses(range))"
    case .emptyRange(let range): "the memory map has an empty range at \(addresses(range))"
    case .reservedOutside(let range): "the kernel's memory at \(addresses(range)) is not RAM"
    case .beyondArchitecture(let range): "RAM at \(addresses(range)) is beyond what this architecture can address"
    case .nodeOutOfRange(let node): "node \(node): expected 0 to 63"
    case .sharedPageblock(let frame):
      "two nodes or zones would share the pageblock at 0x\(String(frame.address.rawValue, radix: 16)): "
        + "expected sizes that are multiples of 2M (4M with arch i386)"
    }
  }
}

extension NodeTopology.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noProcessor: "the machine has no processor"
    case .nodesOutOfRange(let count): "\(count) nodes: expected 1 to 64"
    case .unknownNode(let processor, let node):
      "processor \(processor) is given to node \(node), which does not exist"
    case .distanceTableSize: "the distance table must have one row and column for each node"
    case .distanceToItself(let node, let distance):
      "node \(node) is at distance \(distance) from itself: expected 10"
    case .distanceOutOfRange(let from, let to, let distance):
      "nodes \(from) and \(to) are at distance \(distance): expected 11 to 254"
    case .emptyNode(let node): "node \(node) has neither memory nor processors"
    }
  }
}
