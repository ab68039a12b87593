/// Follows only which processes begin and end in a stream, for those who store it without replaying.
public struct ProcessFollower: ~Copyable {
  private var decoder = SliceDecoder()
  private var running: Set<UInt32> = []
  private var announced = 0

  public init() {}

  /// Processes that have begun and not said that they end.
  public var unfinished: [UInt32] { Array(running) }

  /// Whether children have been announced that have not said anything yet.
  public var awaitsChildren: Bool { announced > 0 }

  /// Looks through a slice.
  public mutating func follow(_ slice: [UInt8]) throws(TraceError) {
    let header = try SliceDecoder.header(slice, at: 0)
    decoder.begin(header, at: 0)
    while true {
      switch try decoder.item(slice) {
      case .access: continue
      case .event(let kind):
        switch kind {
        case .image: running.insert(header.process)
        case .forked:
          running.insert(header.process)
          announced -= 1
        case .forkBegin: announced += 1
        case .forkFailed: announced -= 1
        case .exit: running.remove(header.process)
        case .childEnded: running.remove(UInt32(truncatingIfNeeded: decoder.fields[0]))
        default: break
        }
      case .end: return
      }
    }
  }
}
