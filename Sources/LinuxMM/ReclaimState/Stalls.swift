/// Who makes progress and who waits for memory, by control groups.
struct Stalls {
  /// By group, the machine's in front.
  var accounts: [StallAccount] = []
  /// The group of the process that makes progress, if one does.
  var running: UInt16?
  /// Whether the one that runs waits for memory, and what comes after that.
  var isStalled = false
  var resumes: UInt16?
  /// Processes that were left waiting, the one that goes on first at the end.
  var waits: [(end: UInt64, group: UInt16)] = []
}
