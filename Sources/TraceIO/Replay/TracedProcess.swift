import LinuxMM

/// A process of the traced program.
public struct TracedProcess: Sendable {
  /// The program that it belongs to, by its place among those on the machine.
  public let program: Int
  public let pid: UInt32
  public let parent: UInt32?
  public let index: ProcessIndex
  /// The program and its arguments; a child's are its parent's until it executes something.
  public internal(set) var arguments: [String]
  public internal(set) var exitStatus: Int32?
  /// Programs it went on as that could not be traced.
  public internal(set) var untraced: [String] = []
  /// Whether it ended without saying so itself, so that its last slices may be missing.
  public internal(set) var endedUnseen = false
  /// A program it is about to go on as; it has if nothing more comes of it.
  var pendingUntraced: String?
  public internal(set) var threads: Set<UInt32> = []
  /// Accesses and instructions of all its threads.
  public internal(set) var accesses: UInt64 = 0
  public internal(set) var instructions: UInt64 = 0
  /// Whether the program's first brk call was seen, which tells where the heap begins.
  var knowsBreak = false

  /// The name of the program's file, without its folders.
  public var name: String {
    let path = arguments.first ?? "?"
    return path.split(separator: "/").last.map(String.init) ?? path
  }
}
