extension GFPFlags {
  /// What of a request for an object goes on to the page allocator. Linux: and `GFP_CONSTRAINT_MASK`.
  static let forSlabs: GFPFlags = forNested.union([.hardWall, .thisNode])

  /// What an allocation that serves another one takes over from it. Linux: `GFP_RECLAIM_MASK`.
  static let forNested: GFPFlags = [
    .reclaim, .high, .io, .fs, .noWarn, .retryMayFail, .noFail, .noRetry, .memoryAllocation, .noReserve, .atomic,
  ]
}
