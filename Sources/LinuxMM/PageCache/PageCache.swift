/// The pages of files that are in memory.
///
/// A cached frame has one reference of the cache and one for each mapping.
struct PageCache: ~Copyable {
  /// Whether a page that is missing was read before the machine's clock started, and so costs no I/O.
  let startsWarm: Bool
  var files: Pool<CachedFile>
  var nodes: PageTreeNodes
  /// Cached pages that have a buffer.
  var buffers = 0
  var shadows = ShadowList()
  private var known = FileIndexTable()
  /// The number of the last object of shared memory without a name. Linux: inodes of `shm_mnt`.
  private var lastObject: UInt64 = 1024
  /// Files with dirty pages in the order they became so; those before ``firstDirty`` are done. Linux: `b_dirty`.
  private(set) var dirtyFiles: [UInt32] = []
  private(set) var firstDirty = 0

  /// No file is larger: 2^60 bytes.
  static let largestFile: UInt64 = 1 << 60

  init(startsWarm: Bool) {
    self.startsWarm = startsWarm
    files = Pool()
    nodes = PageTreeNodes()
  }

  /// The file's place, made at its first use; a larger size than known is taken over.
  ///
  /// - Parameter isSharedMemory: whether it is on a file system that lives in memory; told at the first use.
  mutating func file(
    _ identity: FileIdentity, size: UInt64, isSharedMemory: Bool = false
  ) -> FileIndex {
    let size = min(size, Self.largestFile)
    if let place = known.find(identity, in: files) {
      files[place].size = max(files[place].size, size)
      return FileIndex(place)
    }
    var file = CachedFile(identity: identity, size: size, isSharedMemory: isSharedMemory)
    // Its name is a use as long as the machine lives.
    if isSharedMemory { file.areas = 1 }
    let place = files.insert(file)
    known.insert(place, in: files)
    return FileIndex(place)
  }

  /// The place of a file, if it has been used.
  func file(knownAs identity: FileIdentity) -> FileIndex? { known.find(identity, in: files).map { FileIndex($0) } }

  /// A new object of shared memory. Linux: `shmem_zero_setup`.
  ///
  /// - Parameter committedPages: pages that were promised for it.
  mutating func sharedMemory(size: UInt64, committedPages: UInt64 = 0) -> FileIndex {
    lastObject += 1
    return FileIndex(
      files.insert(
        CachedFile(
          identity: FileIdentity(device: 1, inode: lastObject), size: size, isSharedMemory: true,
          committedPages: committedPages)))
  }

  func find(_ file: FileIndex, _ position: UInt64) -> FrameNumber? {
    files[file.rawValue].pages.find(position, in: nodes)
  }

  /// Where a page of shared memory is in swap.
  func slot(_ file: FileIndex, _ position: UInt64) -> SwapSlot? {
    files[file.rawValue].swapped == 0 ? nil : files[file.rawValue].pages.entry(position, in: nodes).slot
  }

  /// Adds a page with a frame that the cache takes over with its one reference.
  ///
  /// - Parameter hasSwap: whether private memory could be swapped, too.
  mutating func insert(
    _ frame: FrameNumber, _ file: FileIndex, _ position: UInt64, _ memory: inout PhysicalMemory, hasSwap: Bool
  ) {
    let (leaf, old) = files[file.rawValue].pages.insert(frame, at: position, in: &nodes)
    let shadow = old.shadow
    nodes[leaf].file = file.rawValue
    nodes[leaf].base = position & ~63
    shadows.set(ShadowList.fileNode(leaf), false)
    let shared = files[file.rawValue].isSharedMemory
    precondition(!shared || shadow == nil, "shadow of a page of shared memory")
    let group = memory.frames[frame.index].group
    memory.beginUse(frame, shared ? [.cached, .sharedMemory] : .cached)
    memory.frames[frame.index].group = group
    memory.frames[frame.index].owner = file.rawValue
    memory.frames[frame.index].fileOffset = position
    memory.countCached(frame, 1)
    if shared { memory.statistics.sharedMemoryPages += 1 }
    if let shadow { memory.refault(frame, shadow, hasSwap: hasSwap) }
    memory.addNewToList(frame)
  }

  /// Removes a page that nothing maps.
  ///
  /// - Parameter shadow: what is remembered of it.
  mutating func remove(_ frame: FrameNumber, _ memory: inout PhysicalMemory, leaving shadow: Shadow? = nil) {
    let state = memory.frames[frame.index]
    precondition(state.flags.contains(.cached) && state.mappings == 0, "page removed that is in use")
    if let shadow {
      let leaf = files[state.owner].pages.evict(state.fileOffset, leaving: CacheEntry(shadow), in: &nodes)
      shadows.set(ShadowList.fileNode(leaf), nodes[leaf].holdsShadowsOnly)
    } else {
      removeEntry(FileIndex(state.owner), state.fileOffset)
    }
    memory.countCached(frame, -1)
    if state.flags.contains(.buffered) { buffers -= 1 }
    if state.flags.contains(.sharedMemory) { memory.statistics.sharedMemoryPages -= 1 }
    if state.flags.intersection([.dirty, .sharedMemory]) == .dirty { memory.countDirty(frame, -1) }
    memory.setUse(frame, [])
    memory.release(frame)
  }

  /// Lets a page of shared memory that nothing maps belong to swap, with the cache's use of it.
  mutating func moveOut(_ frame: FrameNumber, to slot: SwapSlot, _ memory: inout PhysicalMemory) {
    let state = memory.frames[frame.index]
    _ = files[state.owner].pages.evict(state.fileOffset, leaving: CacheEntry(slot), in: &nodes)
    files[state.owner].swapped += 1
    memory.frames[frame.index].flags.subtract([.cached, .sharedMemory])
    memory.frames[frame.index].flags.insert(.anonymous)
    memory.frames[frame.index].owner = ReverseMap.none
    memory.countCached(frame, -1)
    memory.statistics.sharedMemoryPages -= 1
  }

  /// Takes a page that is in the swap cache back, in the place of its slot, with a use for the cache.
  mutating func moveIn(_ frame: FrameNumber, _ file: FileIndex, _ position: UInt64, _ memory: inout PhysicalMemory) {
    files[file.rawValue].pages.insert(frame, at: position, in: &nodes)
    files[file.rawValue].swapped -= 1
    memory.retain(frame)
    memory.frames[frame.index].flags.remove(.anonymous)
    memory.frames[frame.index].flags.formUnion([.cached, .sharedMemory])
    memory.frames[frame.index].owner = file.rawValue
    memory.frames[frame.index].fileOffset = position
    memory.countCached(frame, 1)
    memory.statistics.sharedMemoryPages += 1
  }

  /// Forgets where a page of shared memory was in swap.
  mutating func removeSlot(_ file: FileIndex, _ position: UInt64) {
    files[file.rawValue].pages.remove(position, in: &nodes)
    files[file.rawValue].swapped -= 1
  }

  /// The pages of a part of shared memory that are in swap.
  func slots(of file: FileIndex, _ positions: Range<UInt64>) -> [(position: UInt64, slot: SwapSlot)] {
    guard files[file.rawValue].swapped > 0 else { return [] }
    var result: [(position: UInt64, slot: SwapSlot)] = []
    files[file.rawValue].pages.forEach(in: positions, nodes) {
      if let slot = $1.slot { result.append(($0, slot)) }
    }
    return result
  }

  /// Removes the page or shadow of a position that has one.
  private mutating func removeEntry(_ file: FileIndex, _ position: UInt64) {
    let leaf = files[file.rawValue].pages.leaf(position, in: nodes)
    let isLast = nodes[leaf].used == 1
    files[file.rawValue].pages.remove(position, in: &nodes)
    // Of shared memory, slots remain.
    guard !files[file.rawValue].isSharedMemory else { return }
    shadows.set(ShadowList.fileNode(leaf), !isLast && nodes[leaf].holdsShadowsOnly)
  }

  /// Forgets the pages that a node remembers, all of which are gone.
  mutating func removeShadows(ofNode node: UInt32) {
    let file = FileIndex(nodes[node].file)
    let base = nodes[node].base
    var left = nodes[node].used
    for place in 0..<64 where left > 0 && !nodes[node, place].isEmpty {
      left -= 1
      removeEntry(file, base + UInt64(place))
    }
  }

  /// Puts another frame in the place of a page's frame.
  mutating func replace(_ frame: FrameNumber, by target: FrameNumber, _ memory: borrowing PhysicalMemory) {
    let state = memory.frames[target.index]
    files[state.owner].pages.replace(state.fileOffset, by: target, in: &nodes)
  }

  /// Ends an object of shared memory that nothing maps or names any more, with its pages.
  mutating func end(_ object: FileIndex, _ memory: inout PhysicalMemory) {
    precondition(
      files[object.rawValue].isSharedMemory && files[object.rawValue].areas == 0,
      "object of shared memory ended that is in use")
    for (_, frame) in pages(of: object, 0..<Self.largestFile) { remove(frame, &memory) }
    removeShadows(of: object, 0..<Self.largestFile)
    files.remove(object.rawValue)
  }

  /// Removes all clean pages of files that only the cache uses.
  /// Linux: `echo 1 > /proc/sys/vm/drop_caches`.
  mutating func dropClean(_ memory: inout PhysicalMemory) {
    for frame in memory.listed(where: { $0.flags.contains(.cached) }) {
      let state = memory.frames[frame.index]
      if state.references == 1 && state.flags.isDisjoint(with: [.dirty, .sharedMemory, .writeback, .reading]) {
        remove(frame, &memory)
      }
    }
  }

  /// Writes all dirty pages to the disk. Linux: sync(2).
  ///
  /// - Returns: the number of pages written.
  mutating func clean(_ memory: inout PhysicalMemory) -> Int {
    let dirty = memory.listed { $0.flags.intersection([.cached, .dirty, .sharedMemory]) == [.cached, .dirty] }
    for frame in dirty { clean(frame, &memory) }
    return dirty.count
  }

  /// Notes that a page of a file is dirty.
  mutating func noteDirty(_ file: UInt32, _ position: UInt64, at now: UInt64) {
    files[file].pages.mark(position, in: &nodes)
    guard !files[file].isListedDirty else { return }
    files[file].isListedDirty = true
    files[file].dirtySince = now
    dirtyFiles.append(file)
  }

  /// Notes that the first file of the list has no dirty pages any more.
  mutating func dropFirstDirty() {
    files[dirtyFiles[firstDirty]].isListedDirty = false
    firstDirty += 1
    if firstDirty == dirtyFiles.count {
      dirtyFiles.removeAll(keepingCapacity: true)
      firstDirty = 0
    }
  }

  /// Notes that a page has been written to its disk.
  mutating func clean(_ frame: FrameNumber, _ memory: inout PhysicalMemory) {
    memory.frames[frame.index].flags.subtract([.dirty, .readahead])
    files[memory.frames[frame.index].owner].pages.unmark(memory.frames[frame.index].fileOffset, in: &nodes)
    memory.countDirty(frame, -1)
    memory.statistics.kilobytesWritten += PageSize.bytes / 1024
  }

  /// Removes a part of a file; pages that are mapped still stay with their mappings.
  ///
  /// - Parameter positions: in pages.
  mutating func removePages(of file: FileIndex, _ positions: Range<UInt64>, _ memory: inout PhysicalMemory) {
    for (_, frame) in pages(of: file, positions) where memory.frames[frame.index].mappings == 0 {
      remove(frame, &memory)
    }
    removeShadows(of: file, positions)
  }

  /// Forgets the evicted pages of a part of a file.
  private mutating func removeShadows(of file: FileIndex, _ positions: Range<UInt64>) {
    var places: [UInt64] = []
    files[file.rawValue].pages.forEach(in: positions, nodes) { if $1.shadow != nil { places.append($0) } }
    for place in places { removeEntry(file, place) }
  }

  /// Last nodes with shadows only, counted. O(pages and shadows).
  var shadowLeaves: Int {
    var count = 0
    var index: UInt32 = 0
    while Int(index) < files.limit {
      var last = UInt64.max
      var hasFrame = true
      // What is shared memory's has slots instead of shadows.
      let positions = files[index].isSharedMemory ? 0..<0 : 0..<Self.largestFile
      files[index].pages.forEach(in: positions, nodes) { position, entry in
        if position >> 6 != last {
          if !hasFrame { count += 1 }
          last = position >> 6
          hasFrame = false
        }
        if entry.frame != nil { hasFrame = true }
      }
      if !hasFrame { count += 1 }
      index += 1
    }
    return count
  }

  /// The cached pages of a part of a file.
  func pages(of file: FileIndex, _ positions: Range<UInt64>) -> [(position: UInt64, frame: FrameNumber)] {
    var result: [(position: UInt64, frame: FrameNumber)] = []
    files[file.rawValue].pages.forEach(in: positions, nodes) {
      if let frame = $1.frame { result.append(($0, frame)) }
    }
    return result
  }
}
