/// Pages that are being read or written, those that will be done first in front.
///
/// Adding and taking are O(1) amortized, as devices finish in the order of their requests; where several devices are
/// busy, adding is O(transfers that end later).
struct Transfers: ~Copyable {
  struct Transfer: BitwiseCopyable {
    var frame: FrameNumber
    var isWrite: Bool
    var end: UInt64
    /// Whether it counts as a use of the frame.
    var holdsUse = false
    /// Whether the disk does not manage it.
    var fails = false
  }

  private var waiting: [Transfer] = []
  private var first = 0

  var isEmpty: Bool { first == waiting.count }
  /// When the next one is over.
  var nextEnd: UInt64 { isEmpty ? .max : waiting[first].end }

  /// When a page will have been read.
  ///
  /// - Complexity: O(transfers under way).
  func end(of frame: FrameNumber) -> UInt64 {
    for place in first..<waiting.count where waiting[place].frame == frame { return waiting[place].end }
    return 0
  }

  /// Requests that wait to be sent together. Linux: `struct blk_plug`.
  var plugged: [(frame: FrameNumber, slot: SwapSlot, isWrite: Bool)] = []

  /// How many requests that makes, and the pages of the last one.
  var runs = 0
  var runLength = 0

  mutating func add(_ transfer: Transfer) {
    waiting.append(transfer)
    var place = waiting.count - 1
    while place > first && waiting[place - 1].end > transfer.end {
      waiting.swapAt(place, place - 1)
      place -= 1
    }
  }

  /// Takes the next one, if it is over.
  mutating func next(at now: UInt64) -> Transfer? {
    guard first < waiting.count, waiting[first].end <= now else { return nil }
    let transfer = waiting[first]
    first += 1
    if first == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      first = 0
    } else if first >= 1024 {
      waiting.removeFirst(first)
      first = 0
    }
    return transfer
  }
}
