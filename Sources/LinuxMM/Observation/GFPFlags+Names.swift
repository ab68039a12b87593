extension GFPFlags {
  /// The kernel's names in the order in which its reports and tracepoints look for them
  /// (`include/trace/events/mmflags.h`).
  public static var names: [(flags: GFPFlags, name: StaticString)] {
    [
      (.hugePage, "GFP_TRANSHUGE"), (.hugePageLight, "GFP_TRANSHUGE_LIGHT"), (.highUserMovable, "GFP_HIGHUSER_MOVABLE"),
      (.highUser, "GFP_HIGHUSER"), (.user, "GFP_USER"), (.kernelAccount, "GFP_KERNEL_ACCOUNT"), (.kernel, "GFP_KERNEL"),
      (.noFS, "GFP_NOFS"), (.atomicRequest, "GFP_ATOMIC"), (.noIO, "GFP_NOIO"), (.noWait, "GFP_NOWAIT"),
      (.dma, "GFP_DMA"), (.highmem, "__GFP_HIGHMEM"), (.dma32, "GFP_DMA32"), (.high, "__GFP_HIGH"),
      (.atomic, "__GFP_ATOMIC"), (.io, "__GFP_IO"), (.fs, "__GFP_FS"), (.noWarn, "__GFP_NOWARN"),
      (.retryMayFail, "__GFP_RETRY_MAYFAIL"), (.noFail, "__GFP_NOFAIL"), (.noRetry, "__GFP_NORETRY"),
      (.compound, "__GFP_COMP"), (.zero, "__GFP_ZERO"), (.noReserve, "__GFP_NOMEMALLOC"),
      (.memoryAllocation, "__GFP_MEMALLOC"), (.hardWall, "__GFP_HARDWALL"), (.thisNode, "__GFP_THISNODE"),
      (.reclaimable, "__GFP_RECLAIMABLE"), (.movable, "__GFP_MOVABLE"), (.account, "__GFP_ACCOUNT"),
      (.write, "__GFP_WRITE"), (.reclaim, "__GFP_RECLAIM"), (.directReclaim, "__GFP_DIRECT_RECLAIM"),
      (.kswapdReclaim, "__GFP_KSWAPD_RECLAIM"), (.zeroTags, "__GFP_ZEROTAGS"),
    ]
  }

  /// Appends the names joined by `|`, as `%pGg` prints them.
  func write(to text: inout ProcText) {
    var left = self
    var isFirst = true
    for (flags, name) in Self.names where left.contains(flags) {
      if !isFirst { text.text("|") }
      text.text(name)
      left.subtract(flags)
      isFirst = false
    }
    if isFirst { text.text("none") }
  }
}
