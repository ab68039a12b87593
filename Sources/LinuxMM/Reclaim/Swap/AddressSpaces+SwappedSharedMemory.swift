/// Pages of shared memory that are in swap (`mm/shmem.c`). Their slots stand in the tree of their object, which is the one
/// that names them.
extension AddressSpaces where P: ~Copyable {
  /// Gives a page of shared memory that nothing maps a slot, and takes it out of its object (`shmem_writepage`).
  ///
  /// - Returns: whether there was a slot, and nobody else uses the page.
  mutating func moveToSwap(sharedMemory frame: FrameNumber) -> Bool {
    guard memory.frames[frame.index].references == 1, let slot = takeSlot(for: frame) else { return false }
    cache.moveOut(frame, to: slot, &translation.memory)
    enter(frame, slot)
    swap.counts[swap.place(slot)] = 1
    return true
  }

  /// The page of a slot of shared memory: back in its object, or with its reading begun (`shmem_swapin_folio`).
  ///
  /// - Returns: the frame, with a use for the caller; still in the swap cache if it is being read or could not be. Whether it
  ///   had to be read.
  mutating func bringBack(
    _ file: FileIndex, _ position: UInt64, _ slot: SwapSlot
  ) throws(AllocationFailure) -> (frame: FrameNumber, isMajor: Bool) {
    var isMajor = false
    var found = lookUpSlot(slot)
    if found == nil {
      isMajor = true
      countMajorFault()
      found = try readAhead(slot)
    }
    // Only the object names the slot, so that nobody else can have freed it.
    guard let frame = found else { preconditionFailure("slot of shared memory that holds nothing") }
    memory.retain(frame)
    waitForPage(frame, .writeback)
    guard memory.frames[frame.index].flags.isDisjoint(with: [.reading, .failed]),
      cache.slot(file, position) == slot
    else { return (frame, isMajor) }
    cache.moveIn(frame, file, position, &translation.memory)
    deleteFromSwapCache(frame)
    memory.frames[frame.index].flags.insert(.dirty)
    dropSlot(slot)
    return (frame, isMajor)
  }

  /// Gives up the swapped pages of a part of shared memory that is no more.
  mutating func dropSlots(of file: FileIndex, _ positions: Range<UInt64>) {
    for (position, slot) in cache.slots(of: file, positions) {
      cache.removeSlot(file, position)
      dropSlotAndPage(slot)
    }
  }
}
