/// Follows only which processes begin and end in a stream, for those who store it without replaying.
public struct ProcessFollower: ~Copyable {
  private var decoder = SliceDecoder()
  private var running: Set<UInt32> = []

  public init() {}

  /// Processes that have begun and not said that they end.
  public var unfinished: [UInt32] { Array(running) }

  /// Looks through a slice.
  public mutating func follow(_ slice: [UInt8]) throws(TraceError) {
    let header = try SliceDecoder.header(slice, at: 0)
    decoder.begin(header, at: 0)
    while true {
      switch try decoder.item(slice) {
      case .access: continue
      case .event(let kind):
        switch kind {
        case .image, .forked: running.insert(header.process)
        case .exit, .untraced: running.remove(header.process)
        default: break
        }
      case .end: return
      }
    }
  }
}
