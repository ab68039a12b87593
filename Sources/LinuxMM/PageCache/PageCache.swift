/// The pages of files that are in memory.
///
/// A cached frame has one reference of the cache and one for each mapping. Cached frames stand on one
/// list in the order they came, from which memory is taken back when allocation fails.
struct PageCache: ~Copyable {
  /// Whether a page that is missing was read before the machine's clock started, and so costs no I/O.
  let startsWarm: Bool
  var files: Pool<CachedFile>
  var nodes: Pool<PageTreeNode>
  private var known = FileIndexTable()
  /// The number of the last object of shared memory without a name. Linux: inodes of `shm_mnt`.
  private var lastObject: UInt64 = 1024
  /// Cached frames, newest first.
  private var list = FreeList()
  /// Pages read by one request to the disk: 128 KiB. Linux: `ra_pages` (`read_ahead_kb`).
  static let readaheadPages: UInt64 = 32

  /// No file is larger: 2^60 bytes.
  static let largestFile: UInt64 = 1 << 60

  init(startsWarm: Bool) {
    self.startsWarm = startsWarm
    files = Pool()
    nodes = Pool()
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

  /// Adds a page with a frame that the cache takes over with its one reference.
  mutating func insert(
    _ frame: FrameNumber, _ file: FileIndex, _ position: UInt64, _ memory: inout PhysicalMemory
  ) {
    files[file.rawValue].pages.insert(frame, at: position, in: &nodes)
    let shared = files[file.rawValue].isSharedMemory
    memory.beginUse(frame, shared ? [.cached, .sharedMemory] : .cached)
    memory.frames[frame.index].owner = file.rawValue
    memory.frames[frame.index].fileOffset = position
    memory.statistics.filePages += 1
    if shared { memory.statistics.sharedMemoryPages += 1 }
    list.prepend(frame, in: memory.links)
  }

  /// Removes a page that nothing maps.
  mutating func remove(_ frame: FrameNumber, _ memory: inout PhysicalMemory) {
    let state = memory.frames[frame.index]
    precondition(state.flags.contains(.cached) && state.mappings == 0, "page removed that is in use")
    files[state.owner].pages.remove(state.fileOffset, in: &nodes)
    list.remove(frame, in: memory.links)
    memory.statistics.filePages -= 1
    if state.flags.contains(.sharedMemory) { memory.statistics.sharedMemoryPages -= 1 }
    if state.flags.intersection([.dirty, .sharedMemory]) == .dirty { memory.statistics.dirtyPages -= 1 }
    memory.setUse(frame, [])
    memory.release(frame)
  }

  /// Puts another frame in the place of a page's frame.
  mutating func replace(_ frame: FrameNumber, by target: FrameNumber, _ memory: borrowing PhysicalMemory) {
    let state = memory.frames[target.index]
    files[state.owner].pages.replace(state.fileOffset, by: target, in: &nodes)
    list.replace(frame, by: target, in: memory.links)
  }

  /// Takes back up to `wanted` frames that only the cache uses, the oldest first; dirty ones are written to the disk.
  ///
  /// - Returns: the number of frames freed.
  mutating func reclaim(_ wanted: Int, _ memory: inout PhysicalMemory) -> Int {
    var freed = 0
    var looked = list.count
    while looked > 0 && freed < wanted {
      let frame = list.last
      memory.statistics.pagesScanned += 1
      let state = memory.frames[frame.index]
      if state.references == 1 && !state.flags.contains(.sharedMemory) {
        if state.flags.contains(.dirty) { clean(frame, &memory) }
        remove(frame, &memory)
        memory.statistics.pagesReclaimed += 1
        freed += 1
      } else {
        list.remove(frame, in: memory.links)
        list.prepend(frame, in: memory.links)
      }
      looked -= 1
    }
    return freed
  }

  /// Ends an object of shared memory that nothing maps or names any more, with its pages.
  mutating func end(_ object: FileIndex, _ memory: inout PhysicalMemory) {
    precondition(
      files[object.rawValue].isSharedMemory && files[object.rawValue].areas == 0,
      "object of shared memory ended that is in use")
    dropPages(&memory) { $0.owner == object.rawValue }
    files.remove(object.rawValue)
  }

  /// Removes all clean pages of files that only the cache uses.
  /// Linux: `echo 1 > /proc/sys/vm/drop_caches`.
  mutating func dropClean(_ memory: inout PhysicalMemory) {
    dropPages(&memory) { $0.flags.isDisjoint(with: [.dirty, .sharedMemory]) }
  }

  /// Writes all dirty pages to the disk. Linux: sync(2).
  ///
  /// - Returns: the number of pages written.
  mutating func clean(_ memory: inout PhysicalMemory) -> Int {
    var frame = list.first
    var written = 0
    while frame != .none {
      if memory.frames[frame.index].flags.intersection([.dirty, .sharedMemory]) == .dirty {
        clean(frame, &memory)
        written += 1
      }
      frame = memory.links[frame.index].next
    }
    return written
  }

  /// Notes that a page has been written to its disk.
  mutating func clean(_ frame: FrameNumber, _ memory: inout PhysicalMemory) {
    memory.frames[frame.index].flags.subtract([.dirty, .readahead])
    memory.statistics.dirtyPages -= 1
    memory.statistics.kilobytesWritten += PageSize.bytes / 1024
  }

  /// Removes a part of a file; pages that are mapped still stay with their mappings.
  ///
  /// - Parameter positions: in pages.
  mutating func removePages(of file: FileIndex, _ positions: Range<UInt64>, _ memory: inout PhysicalMemory) {
    for (_, frame) in pages(of: file, positions) where memory.frames[frame.index].mappings == 0 {
      remove(frame, &memory)
    }
  }

  /// The cached pages of a part of a file.
  func pages(of file: FileIndex, _ positions: Range<UInt64>) -> [(position: UInt64, frame: FrameNumber)] {
    var result: [(position: UInt64, frame: FrameNumber)] = []
    files[file.rawValue].pages.forEach(in: positions, nodes) { result.append(($0, $1)) }
    return result
  }

  private mutating func dropPages(
    _ memory: inout PhysicalMemory, _ isWanted: (_ state: Frame) -> Bool
  ) {
    var frame = list.first
    while frame != .none {
      let state = memory.frames[frame.index]
      let next = memory.links[frame.index].next
      if state.references == 1 && isWanted(state) { remove(frame, &memory) }
      frame = next
    }
  }

  /// Cached pages, those of shared memory included.
  var pageCount: Int { Int(list.count) }
}
