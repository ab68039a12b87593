/// What a recording says of itself.
/// How recordings begin.
public enum RecordingMark {
  /// Whether a file that begins with these bytes may be a recording, whole or cut.
  public static func begins(_ bytes: [UInt8]) -> Bool {
    let count = min(bytes.count, FileLayout.magic.count)
    return Array(bytes.prefix(count)) == Array(FileLayout.magic.prefix(count))
  }
}

public struct RecordingHead: Equatable, Sendable {
  /// The program and its arguments.
  public var arguments: [String]
  /// Which accesses it leaves out, see ``FilterGeometry``: exact for translation buffers of at least so many sets
  /// and ways.
  public var filterSets: Int
  public var filterWays: Int

  /// - Parameter listsAll: whether nothing was left out, which is exact for every translation buffer.
  public init(arguments: [String], listsAll: Bool = false) {
    self.arguments = arguments
    filterSets = listsAll ? 1 : FilterGeometry.sets
    filterWays = listsAll ? 1 : FilterGeometry.ways
  }

  var bytes: [UInt8] {
    var result: [UInt8] = []
    result.append(littleEndian: UInt32(filterSets))
    result.append(littleEndian: UInt32(filterWays))
    result.append(littleEndian: UInt32(arguments.count))
    for argument in arguments {
      result.append(littleEndian: UInt32(argument.utf8.count))
      result.append(contentsOf: argument.utf8)
    }
    return result
  }

  /// - Returns: `nil` if the bytes are none of a head.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 12 else { return nil }
    let sets: UInt32 = bytes.littleEndian(at: 0)
    let ways: UInt32 = bytes.littleEndian(at: 4)
    let count: UInt32 = bytes.littleEndian(at: 8)
    guard sets >= 1, sets <= 65536, ways >= 1, ways <= 64 else { return nil }
    filterSets = Int(sets)
    filterWays = Int(ways)
    arguments = []
    var offset = 12
    for _ in 0..<count {
      guard offset + 4 <= bytes.count else { return nil }
      let length = Int(bytes.littleEndian(at: offset) as UInt32)
      offset += 4
      guard offset + length <= bytes.count else { return nil }
      arguments.append(String(decoding: bytes[offset..<(offset + length)], as: UTF8.self))
      offset += length
    }
    guard offset == bytes.count else { return nil }
  }
}
