/// All address spaces of the machine, on top of translation and page cache.
///
/// The verbs of the mmap family, fork and exit are extensions of this type, one file each.
struct AddressSpaces<P: Platform & ~Copyable>: ~Copyable {
  var translation: Translation<P>
  var cache: PageCache
  var descriptors: Pool<MemoryDescriptor>
  var areas: Pool<Area>
  var reverse = ReverseMap()
  /// The page of zeros, see ``FrameFlags/zeroPage``.
  let zeroPage: FrameNumber
  private var lastContext: UInt64 = 0

  /// Linux: `vm.max_map_count`.
  static var areaLimit: Int { 65530 }

  init(
    translation: consuming Translation<P>, cache: consuming PageCache
  ) throws(AllocationFailure) {
    let zero = try translation.memory.allocatePages(.single, [.kernel, .zero])
    translation.memory.beginUse(zero, .zeroPage)
    zeroPage = zero
    self.translation = translation
    self.cache = cache
    descriptors = Pool()
    areas = Pool()
  }

  /// Makes an empty address space. Linux: `mm_alloc`.
  mutating func makeSpace() throws(AllocationFailure) -> SpaceIndex {
    var tables = 0
    let root = try retrying { (spaces) throws(AllocationFailure) in
      try spaces.translation.makeRoot(
        for: UInt32(truncatingIfNeeded: spaces.descriptors.count), allocated: &tables)
    }
    lastContext += 1
    return SpaceIndex(
      descriptors.insert(
        MemoryDescriptor(context: TranslationContext(root: root, identifier: lastContext), tables: tables)))
  }

  /// Runs `attempt` and, as long as it fails for want of frames, takes page-cache frames back.
  mutating func retrying<Result>(
    _ attempt: (inout Self) throws(AllocationFailure) -> Result
  ) throws(AllocationFailure) -> Result {
    while true {
      do throws(AllocationFailure) {
        return try attempt(&self)
      } catch {
        if cache.reclaim(32, &translation.memory) == 0 { throw error }
      }
    }
  }

  /// Notes that translations of `start ..< end` changed, and drops them from the processors.
  mutating func flush(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage, freesTables: Bool = false) {
    descriptors[space.rawValue].context.generation += 1
    translation.processors.flush(
      descriptors[space.rawValue].context, start, end, freesTables: freesTables, by: translation.memory.processor)
  }

  /// Drops all translations of a space from the processors.
  mutating func flushAll(_ space: SpaceIndex, freesTables: Bool = false) {
    flush(space, VirtualPage(0), translation.geometry.userEnd, freesTables: freesTables)
  }

  /// Adds mapped pages to the space's account (`mm/mmap.c:vm_stat_account`).
  mutating func account(_ space: SpaceIndex, _ flags: AreaFlags, _ pages: Int64) {
    let change = UInt64(bitPattern: pages)
    descriptors[space.rawValue].totalPages &+= change
    if flags.contains(.execute) && flags.isDisjoint(with: [.write, .growsDown]) {
      descriptors[space.rawValue].executablePages &+= change
    } else if flags.contains(.growsDown) {
      descriptors[space.rawValue].stackPages &+= change
    } else if flags.contains(.write) && !flags.contains(.shared) {
      descriptors[space.rawValue].dataPages &+= change
    }
    descriptors[space.rawValue].peakTotalPages = max(
      descriptors[space.rawValue].peakTotalPages, descriptors[space.rawValue].totalPages)
  }
}
