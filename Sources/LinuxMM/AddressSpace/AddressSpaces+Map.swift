/// What a program asks of mmap.
public struct MapRequest: Sendable {
  public var address: VirtualAddress
  /// In bytes.
  public var length: UInt64
  public var protection: Protection
  public var flags: MapFlags
  /// The file, or ``FileIndex/none``.
  public var file: FileIndex
  public var opening: FileOpening
  /// In bytes, a multiple of 4096.
  public var offset: UInt64
  /// Maps anew what the caller holds by its file alone, so that a System V segment without a name may have gone meanwhile
  /// (`mm/mmap.c:remap_file_pages`).
  var isRemapped = false

  public init(
    address: VirtualAddress = VirtualAddress(0), length: UInt64, protection: Protection,
    flags: MapFlags, file: FileIndex = .none, opening: FileOpening = FileOpening(), offset: UInt64 = 0
  ) {
    self.address = address
    self.length = length
    self.protection = protection
    self.flags = flags
    self.file = file
    self.opening = opening
    self.offset = offset
  }
}

/// The flags of mmap, with the kernel's values (`include/uapi/linux/mman.h`).
public struct MapFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let shared = MapFlags(rawValue: 0x1)
  public static let `private` = MapFlags(rawValue: 0x2)
  /// Shared, and flags that the file cannot have are refused.
  public static let sharedValidated = MapFlags(rawValue: 0x3)
  /// Private, and dropped when memory is short; see ``KernelRules/droppable``.
  public static let droppable = MapFlags(rawValue: 0x8)
  public static let fixed = MapFlags(rawValue: 0x10)
  public static let anonymous = MapFlags(rawValue: 0x20)
  /// In the first 2 GiB. Linux: `MAP_32BIT`.
  public static let below2GiB = MapFlags(rawValue: 0x40)
  /// Above the first 4 GiB, see ``KernelRules/aboveFourGiB``.
  public static let above4GiB = MapFlags(rawValue: 0x80)
  public static let growsDown = MapFlags(rawValue: 0x100)
  public static let denyWrite = MapFlags(rawValue: 0x800)
  public static let executable = MapFlags(rawValue: 0x1000)
  public static let locked = MapFlags(rawValue: 0x2000)
  public static let noReserve = MapFlags(rawValue: 0x4000)
  public static let populate = MapFlags(rawValue: 0x8000)
  public static let nonBlock = MapFlags(rawValue: 0x10000)
  public static let stack = MapFlags(rawValue: 0x2_0000)
  public static let hugeTLB = MapFlags(rawValue: 0x4_0000)
  public static let synchronous = MapFlags(rawValue: 0x8_0000)
  public static let fixedNoReplace = MapFlags(rawValue: 0x10_0000)

  /// Linux: `MAP_TYPE`.
  var kind: MapFlags { intersection(MapFlags(rawValue: 0xf)) }
  /// What a file need not know. Linux: `LEGACY_MAP_MASK`.
  static let legacy: MapFlags = [
    .shared, .private, .fixed, .anonymous, .below2GiB, .growsDown, .denyWrite, .executable, .locked, .noReserve,
    .populate, .nonBlock, .stack, .hugeTLB,  // MAP_HUGE_2MB, MAP_HUGE_1GB.
    MapFlags(rawValue: (21 | 30) << 26),
  ]
}

extension AddressSpaces where P: ~Copyable {
  /// Maps a file or memory (`mm/mmap.c:do_mmap`, `mmap_region`). Pages come with their first touch.
  ///
  /// - Returns: where it is, and whether its pages are to be brought at once.
  /// - Throws: `EBADF`, `EINVAL`, `ENOMEM`, `EOVERFLOW`, `EPERM`, `EEXIST`, `EAGAIN`, `EOPNOTSUPP`, `EACCES`, `ENODEV`
  ///   as mmap(2) does, in its order.
  /// - Complexity: O(log areas), and the pages that were there before.
  mutating func map(
    _ space: SpaceIndex, _ request: MapRequest, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Bool) {
    guard request.offset & PageSize.mask == 0 else { throw .EINVAL }
    // The model has no huge pages yet: their pool is empty.
    if request.flags.contains(.hugeTLB) { throw request.flags.contains(.anonymous) ? .ENOMEM : .EINVAL }
    return try mapPages(space, request, caller)
  }

  /// The same for callers within the kernel (`mm/mmap.c:do_mmap`).
  mutating func mapPages(
    _ space: SpaceIndex, _ request: MapRequest, _ caller: Caller
  ) throws(Errno) -> (address: VirtualAddress, populates: Bool) {
    guard request.length > 0 else { throw .EINVAL }
    var mapFlags = request.flags
    if mapFlags.contains(.fixedNoReplace) { mapFlags.insert(.fixed) }
    var address = request.address
    if !mapFlags.contains(.fixed) {
      // A hint below the lowest permitted address is raised (`round_hint_to_min`).
      address = VirtualAddress(address.rawValue & ~PageSize.mask)
      if address.rawValue != 0 { address = max(address, VirtualAddress(settings.lowestHint)) }
    }
    let pages = request.length > .max - PageSize.mask ? 0 : PageSize.pages(request.length)
    guard pages > 0 else { throw .ENOMEM }
    var offset = request.offset >> UInt64(PageSize.shift)
    guard offset &+ pages >= offset else { throw .EOVERFLOW }
    guard descriptors[space.rawValue].areas.count <= settings.maximumAreas else { throw .ENOMEM }
    let isFile = !mapFlags.contains(.anonymous) && request.file != .none
    let start = try findRoom(
      space, address, pages, mapFlags, isFile ? request.file : .none, offset: offset, caller)
    if mapFlags.contains(.fixedNoReplace) {
      let next = firstArea(space, endingAbove: start)
      if next != AreaTree.none, areas[next].start < start + pages { throw .EEXIST }
    }
    var flags = request.protection.areaFlags.union(.mayAccess).union(descriptors[space.rawValue].newAreaFlags)
    if mapFlags.contains(.growsDown) { flags.insert(.growsDown) }
    if mapFlags.contains(.locked) { flags.insert(.locked) }
    if mapFlags.contains(.synchronous) { flags.insert(.synchronous) }
    if mapFlags.contains(.stack) && settings.rules.contains(.stacksWithoutHugePages) { flags.insert(.noHugePage) }
    if mapFlags.contains(.locked) && !caller.mayLock { throw .EPERM }
    if exceedsLockLimit(space, flags, pages, caller) { throw .EAGAIN }
    if isFile {
      try checkFile(request, mapFlags, pages, &flags)
    } else if mapFlags.kind == .shared {
      guard !flags.contains(.growsDown) else { throw .EINVAL }
      flags.formUnion([.shared, .mayShare])
      offset = 0
    } else if mapFlags.kind == .private {
      offset = start.rawValue
    } else if mapFlags.kind == .droppable && settings.rules.contains(.droppable) {
      guard mapFlags.isDisjoint(with: [.locked, .hugeTLB]), !flags.contains(.growsDown) else { throw .EINVAL }
      // What is dropped anyway is neither promised nor copied.
      flags.formUnion([.noReserve, .wipeOnFork, .dontDump, .droppable])
      offset = start.rawValue
    } else {
      throw .EINVAL
    }
    if mapFlags.contains(.noReserve) && settings.overcommitMemory != .never { flags.insert(.noReserve) }
    var area = Area(start: start, end: start + pages, flags: flags, offset: offset)
    if isFile {
      area.file = request.file
      area.opening = request.opening
    }
    try place(area, in: space, caller, isRemapped: request.isRemapped)
    let locks = flags.contains(.locked)
    return (start.address, locks || mapFlags.intersection([.populate, .nonBlock]) == .populate)
  }

  /// Checks a mapping of a file against how it was opened (`mm/mmap.c:do_mmap`).
  private func checkFile(
    _ request: MapRequest, _ mapFlags: MapFlags, _ pages: UInt64, _ flags: inout AreaFlags
  ) throws(Errno) {
    let opening = request.opening.traits
    // Only a file of a file system has a largest size.
    let limit = opening.contains(.notMappable) ? .max : cache.files[request.file.rawValue].largestSize
    let bytes = pages << UInt64(PageSize.shift)
    guard bytes <= limit, request.offset >> UInt64(PageSize.shift) <= (limit - bytes) >> UInt64(PageSize.shift)
    else {
      throw .EOVERFLOW
    }
    switch mapFlags.kind {
    case .shared, .sharedValidated:
      var known = MapFlags.legacy
      if settings.rules.contains(.aboveFourGiB) { known.insert(.above4GiB) }
      // File systems of disks know of persistent memory, whether they are on some or not.
      if isOnDisk(request.file) { known.insert(.synchronous) }
      if mapFlags.kind == .sharedValidated, !mapFlags.isSubset(of: known) {
        throw .EOPNOTSUPP
      }
      if request.protection.contains(.write) && !opening.contains(.writable) { throw .EACCES }
      if opening.contains([.appendOnly, .writable]) { throw .EACCES }
      flags.formUnion([.shared, .mayShare])
      if !opening.contains(.writable) { flags.subtract([.mayWrite, .shared]) }
    case .private: break
    default: throw .EINVAL
    }
    guard opening.contains(.readable) else { throw .EACCES }
    let isPseudo = opening.contains(.notMappable) && settings.rules.contains(.pseudoFilesNotExecutable)
    if opening.contains(.notExecutable) || isPseudo {
      if flags.contains(.execute) { throw .EPERM }
      flags.remove(.mayExecute)
    }
    if opening.contains(.notMappable) { throw .ENODEV }
    if flags.contains(.growsDown) { throw .EINVAL }
  }

  /// Puts an area where it has been decided to go (`mm/mmap.c:mmap_region`).
  private mutating func place(
    _ wanted: Area, in space: SpaceIndex, _ caller: Caller, isRemapped: Bool
  ) throws(Errno) {
    var area = wanted
    let pages = area.pageCount
    let keepsOld = settings.rules.contains(.refusedMapKeepsOld)
    if !mayGrow(space, area.flags, pages, caller.limits) {
      let replaced = mappedPages(space, area.start, area.end)
      if !mayGrow(space, area.flags, pages - replaced, caller.limits) {
        if keepsOld { try splitAround(space, area.start, area.end) }
        throw .ENOMEM
      }
    }
    if keepsOld && area.flags.isAccountable {
      let kept = accountedPages(space, area.start, area.end)
      do throws(Errno) {
        try promise(pages - kept, to: space, caller)
      } catch {
        try splitAround(space, area.start, area.end)
        throw error
      }
      commit.add(kept)
    }
    do throws(Errno) {
      try unmapPages(space, area.start, area.end)
    } catch {
      if keepsOld && area.flags.isAccountable { commit.release(pages) }
      throw .ENOMEM
    }
    // A segment without a name went with the last of its attachments; only the caller holds it still (`ipc/shm.c:shm_mmap`).
    if isRemapped, area.opening.traits.contains(.attachment), cache.files[area.file.rawValue].isNameRemoved,
      cache.files[area.file.rawValue].areas == 1
    {
      throw .EINVAL
    }
    if area.flags.isAccountable {
      if !keepsOld { try promise(pages, to: space, caller) }
      area.flags.insert(.accounted)
    }
    if area.flags.contains(.synchronous) && isOnDisk(area.file) { throw .EOPNOTSUPP }
    if area.flags.contains(.shared) && area.file == .none {
      area.file = try makeSharedMemory(pages, area.flags, space, caller)
    }
    var placed = expand(area, in: space)
    if placed == AreaTree.none { placed = insertArea(area, to: space) }
    account(space, area.flags, Int64(pages))
    if area.flags.contains(.locked) {
      if area.flags.isDisjoint(with: AreaFlags.special.union(.droppable)) {
        descriptors[space.rawValue].lockedPages += pages
      } else {
        areas[placed].flags.subtract(.locking)
      }
    }
    areas[placed].flags.insert(.softDirty)
  }

  /// Lets a new mapping become part of its neighbours (`mm/mmap.c:mmap_region`, `vma_expand`). Other than
  /// ``merge(_:after:in:)`` it asks the lower neighbour with the family of the upper one.
  ///
  /// - Returns: the area it is part of now, or `AreaTree.none`.
  private mutating func expand(_ wanted: Area, in space: SpaceIndex) -> UInt32 {
    guard wanted.flags.isDisjoint(with: .special) else { return AreaTree.none }
    let previous = areaBefore(space, wanted.start)
    let next = previous == AreaTree.none ? descriptors[space.rawValue].areas.first : areas[previous].next
    let joinsNext = next != AreaTree.none && areas[next].start == wanted.end && mayFollow(next, wanted)
    var joined = wanted
    let joinsLowerFirst = settings.rules.contains(.touchedAreasMerge)
    if joinsNext && !joinsLowerFirst { joined.family = areas[next].family }
    if previous != AreaTree.none, areas[previous].end == wanted.start, mayPrecede(previous, joined) {
      var end = wanted.end
      if joinsNext, !joinsLowerFirst || familiesAgree(areas[previous].family, areas[next].family) {
        end = areas[next].end
        importFamilies(of: next, to: previous)
        drop(next, from: space)
      }
      setBounds(previous, areas[previous].start, end, in: space)
      return previous
    }
    guard joinsNext else { return AreaTree.none }
    setBounds(next, wanted.start, areas[next].end, in: space)
    return next
  }

  /// Whether a file is on a disk, which unlike persistent memory cannot be written to at once.
  private func isOnDisk(_ file: FileIndex) -> Bool { file != .none && !cache.files[file.rawValue].isSharedMemory }

  /// An object for shared memory without a name (`mm/shmem.c:shmem_zero_setup`).
  private mutating func makeSharedMemory(
    _ pages: UInt64, _ flags: AreaFlags, _ space: SpaceIndex, _ caller: Caller
  ) throws(Errno) -> FileIndex {
    let committed = flags.contains(.noReserve) ? 0 : pages
    if committed > 0 { try promise(committed, to: space, caller) }
    return cache.sharedMemory(size: pages << UInt64(PageSize.shift), committedPages: committed)
  }

  /// Mapped pages within a range (`mm/mmap.c:count_vma_pages_range`).
  private func mappedPages(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage) -> UInt64 {
    pages(space, start, end) { _ in true }
  }

  /// Those of them that are promised.
  private func accountedPages(_ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage) -> UInt64 {
    pages(space, start, end) { $0.contains(.accounted) }
  }

  private func pages(
    _ space: SpaceIndex, _ start: VirtualPage, _ end: VirtualPage, where counts: (AreaFlags) -> Bool
  ) -> UInt64 {
    var count: UInt64 = 0
    var place = firstArea(space, endingAbove: start)
    while place != AreaTree.none, areas[place].start < end {
      if counts(areas[place].flags) { count += min(end, areas[place].end) - max(start, areas[place].start) }
      place = areas[place].next
    }
    return count
  }
}

extension AreaFlags {
  /// Whether its pages are charged when it is made. Linux: `accountable_mapping`.
  var isAccountable: Bool { intersection([.noReserve, .shared, .write]) == .write }
}
