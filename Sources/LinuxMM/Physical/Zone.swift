/// A range of frames of one kind with its free blocks. Linux: `struct zone`.
struct Zone {
  let kind: ZoneKind
  /// From the first to one past the last frame, holes included. Linux: `spanned_pages`.
  var span: FrameRange
  /// Frames of RAM in the span. Linux: `present_pages`.
  var present: Int
  /// Frames given to the buddy system. Linux: `managed_pages`.
  var managed: Int
  /// Frames in free blocks. Linux: `NR_FREE_PAGES`.
  var free: Int
  /// Free blocks by order, most recently used first. Linux: `free_area`.
  var lists: InlineArray<11, FreeList>
  /// Runs of never-used blocks of the largest order, ascending.
  ///
  /// They stand behind the list of order 10, as the blocks freed at boot do in Linux, without the cost
  /// of writing the metadata of every block at boot.
  var pristine: [FrameRange]
  /// The first run of `pristine` that is not used up.
  var firstPristine: Int
  var watermarks: Watermarks

  init(kind: ZoneKind) {
    self.kind = kind
    span = FrameRange(.none, FrameNumber(0))
    present = 0
    managed = 0
    free = 0
    lists = InlineArray(repeating: FreeList())
    pristine = []
    firstPristine = 0
    watermarks = Watermarks()
  }

  /// Blocks in the pristine runs.
  var pristineBlocks: Int {
    var sum = 0
    var run = firstPristine
    while run < pristine.count {
      sum += pristine[run].count / PageOrder.largest.frameCount
      run += 1
    }
    return sum
  }
}

/// A doubly linked list of free blocks of one order.
struct FreeList: BitwiseCopyable {
  var first: FrameNumber = .none
  var last: FrameNumber = .none
  var count = 0
}
