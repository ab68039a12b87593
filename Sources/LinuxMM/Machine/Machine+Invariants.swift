/// Where frames are that the buddy system does not have.
public struct FrameAccount: Equatable, Sendable {
  /// Given to the buddy system at boot.
  public var managed = 0
  /// In the zones' free blocks.
  public var free = 0
  /// Free, on the processors' lists.
  public var listed = 0
  /// In the page cache.
  public var cached = 0
  /// In the swap cache, and mapped by nobody.
  public var swapCached = 0
  public var anonymous = 0
  public var pageTables = 0
  /// The page of zeros.
  public var zeroPage = 0
  /// Allocated by the kernel for itself.
  public var kernel = 0

  /// Frames that nobody accounts for: 0, or the engine has lost them.
  public var lost: Int { managed - free - listed - cached - swapCached - anonymous - pageTables - zeroPage - kernel }
}

extension Machine where P: ~Copyable {
  /// Where all frames are. After the end of all processes and ``dropCaches()``, everything but the page of
  /// zeros is free.
  public var frameAccount: FrameAccount {
    FrameAccount(
      managed: spaces.translation.memory.managedFrames,
      free: spaces.translation.memory.freeFrames,
      listed: spaces.translation.memory.listedFrames,
      cached: spaces.translation.memory.statistics.filePages - spaces.translation.memory.statistics.swapCachedPages,
      swapCached: spaces.translation.memory.statistics.unmappedSwapPages,
      anonymous: spaces.translation.memory.statistics.anonymousPages,
      pageTables: spaces.translation.memory.statistics.pageTablePages,
      zeroPage: 1,
      kernel: kernelFrames + spaces.treeSlabs.frames + spaces.bufferSlabs.frames
        + spaces.translation.memory.statistics.compressedFrames)
  }

  /// Checks every structure and recounts every counter.
  public func checkInvariants() throws(BrokenInvariant) {
    try spaces.translation.memory.checkInvariants()
    try spaces.translation.memory.checkLists()
    try spaces.translation.memory.checkNodeFigures()
    try spaces.checkSwap()
    try spaces.checkShadows()
    var number: UInt32 = 0
    while Int(number) < processes.limit {
      let process = processes[number]
      if process.isAlive {
        try spaces.checkInvariants(process.space)
        try spaces.translation.checkBuffers(of: spaces.descriptors[process.space.rawValue].context)
      }
      number += 1
    }
    if frameAccount.lost != 0 { throw BrokenInvariant("frames lost", frameAccount.lost) }
  }
}
