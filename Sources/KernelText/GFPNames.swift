import LinuxMM

extension GFPFlags {
  /// The kernel's names of single flags and of combinations, as its tracepoints print them.
  private static let names: [String: GFPFlags] = [
    "GFP_TRANSHUGE": .hugePage, "GFP_TRANSHUGE_LIGHT": .hugePageLight, "GFP_HIGHUSER_MOVABLE": .highUserMovable,
    "GFP_HIGHUSER": .highUser, "GFP_USER": .user, "GFP_KERNEL_ACCOUNT": .kernelAccount, "GFP_KERNEL": .kernel,
    "GFP_NOFS": .noFS, "GFP_ATOMIC": .atomicRequest, "GFP_NOIO": .noIO, "GFP_NOWAIT": .noWait, "GFP_DMA": .dma,
    "GFP_DMA32": .dma32, "__GFP_DMA": .dma, "__GFP_DMA32": .dma32, "__GFP_HIGHMEM": .highmem, "__GFP_HIGH": .high,
    "__GFP_ATOMIC": .atomic, "__GFP_IO": .io, "__GFP_FS": .fs, "__GFP_NOWARN": .noWarn,
    "__GFP_RETRY_MAYFAIL": .retryMayFail, "__GFP_NOFAIL": .noFail, "__GFP_NORETRY": .noRetry, "__GFP_COMP": .compound,
    "__GFP_ZERO": .zero, "__GFP_NOMEMALLOC": .noReserve, "__GFP_MEMALLOC": .memoryAllocation,
    "__GFP_HARDWALL": .hardWall, "__GFP_THISNODE": .thisNode, "__GFP_RECLAIMABLE": .reclaimable,
    "__GFP_MOVABLE": .movable, "__GFP_ACCOUNT": .account, "__GFP_WRITE": .write, "__GFP_RECLAIM": .reclaim,
    "__GFP_DIRECT_RECLAIM": .directReclaim, "__GFP_KSWAPD_RECLAIM": .kswapdReclaim, "__GFP_ZEROTAGS": .zeroTags,
    "none": [],
  ]

  /// The flags of a text such as `GFP_KERNEL|__GFP_ZERO`; names that are not known, and the numbers newer kernels print for
  /// flags of theirs, are left out.
  public init(names text: some StringProtocol) {
    self = []
    for name in text.split(separator: "|") {
      if let flags = Self.names[String(name)] { formUnion(flags) }
    }
  }
}
