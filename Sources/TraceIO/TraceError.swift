/// What is wrong with a stream of events.
public enum TraceError: Error, Equatable, Sendable {
  case cannotOpen(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  case empty
  case notARecording
  case otherVersion(found: UInt32, known: UInt32)
  /// The file's head does not match its checksum.
  case damagedHead
  /// The recording ends within a block, or without its end mark.
  case cut(atByte: UInt64)
  /// A block does not match its checksum, or says what cannot be.
  case damagedBlock(atByte: UInt64)
  /// A slice says what cannot be.
  case damagedSlice(StaticReason)
  /// A process was lost with what it had not handed over.
  case lostWriter

  /// What a slice has wrong.
  public enum StaticReason: String, Equatable, Sendable {
    case length, word, event, field
  }
}

extension TraceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason): "cannot open '\(path)': \(reason)"
    case .cannotWrite(let path, let reason): "cannot write '\(path)': \(reason)"
    case .empty: "the recording is empty (0 bytes); it may not have been finished"
    case .notARecording: "this is not a Quire recording (its first bytes are wrong)"
    case .otherVersion(let found, let known):
      "the recording has format version \(found), this program reads version \(known); record it again"
    case .damagedHead: "the recording's head is damaged (checksum)"
    case .cut(let byte): "the recording is cut off at byte \(byte); what comes before it was used"
    case .damagedBlock(let byte):
      "the recording is damaged in the block at byte \(byte) (checksum); what comes before it was used"
    case .damagedSlice(let reason):
      "the event stream is damaged (\(reason.rawValue) of a slice); what comes before it was used"
    case .lostWriter: "a traced process died while it handed over events; the rest is missing"
    }
  }
}
