/// What a program asks of mmap.
public struct MapRequest: Sendable {
  public var address: VirtualAddress
  /// In bytes.
  public var length: UInt64
  public var protection: Protection
  public var flags: MapFlags
  /// The file, or ``FileIndex/none``.
  public var file: FileIndex
  /// In bytes, a multiple of 4096.
  public var offset: UInt64

  public init(
    address: VirtualAddress = VirtualAddress(0), length: UInt64, protection: Protection,
    flags: MapFlags, file: FileIndex = .none, offset: UInt64 = 0
  ) {
    self.address = address
    self.length = length
    self.protection = protection
    self.flags = flags
    self.file = file
    self.offset = offset
  }
}

/// The flags of mmap, with the kernel's values (`include/uapi/linux/mman.h`).
public struct MapFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let shared = MapFlags(rawValue: 0x1)
  public static let `private` = MapFlags(rawValue: 0x2)
  public static let fixed = MapFlags(rawValue: 0x10)
  public static let anonymous = MapFlags(rawValue: 0x20)
  public static let growsDown = MapFlags(rawValue: 0x100)
  public static let locked = MapFlags(rawValue: 0x2000)
  public static let noReserve = MapFlags(rawValue: 0x4000)
  public static let populate = MapFlags(rawValue: 0x8000)
  public static let nonBlock = MapFlags(rawValue: 0x10000)
  public static let fixedNoReplace = MapFlags(rawValue: 0x10_0000)
}

extension AddressSpaces where P: ~Copyable {
  /// Lowest page a program may map: `vm.mmap_min_addr`, 65536.
  static var lowestPage: VirtualPage { VirtualPage(16) }

  /// Maps a file or memory (`mm/mmap.c:do_mmap`, `mmap_region`). Pages come with their first touch.
  ///
  /// - Parameter searchEnd: the page below which room is looked for when none is asked for.
  /// - Throws: `EINVAL`, `ENOMEM`, `EPERM`, `EEXIST`, `EOVERFLOW` as mmap(2) does, in its order.
  mutating func map(
    _ space: SpaceIndex, _ request: MapRequest, searchEnd: VirtualPage
  ) throws(Errno) -> VirtualAddress {
    guard request.offset & PageSize.mask == 0 else { throw .EINVAL }
    guard request.length > 0 else { throw .EINVAL }
    let pages =
      request.length > .max - PageSize.mask
      ? 0 : VirtualPage.end(of: VirtualAddress(0), length: request.length).rawValue
    guard pages > 0 else { throw .ENOMEM }
    let offset = request.offset >> UInt64(PageSize.shift)
    guard offset &+ pages >= offset, offset &+ pages <= 1 << 52 else { throw .EOVERFLOW }
    guard descriptors[space.rawValue].areas.count <= Self.areaLimit else { throw .ENOMEM }
    guard pages <= translation.geometry.userEnd.rawValue else { throw .ENOMEM }
    let start = try placement(space, request, pages, searchEnd)
    let kind = request.flags.intersection([.shared, .private])
    guard kind == .shared || kind == .private else { throw .EINVAL }
    let anonymous = request.flags.contains(.anonymous) || request.file == .none
    var flags = request.protection.areaFlags.union([.mayRead, .mayWrite, .mayExecute])
    if request.flags.contains(.growsDown) {
      guard anonymous, kind == .private else { throw .EINVAL }
      flags.insert(.growsDown)
    }
    if request.flags.contains(.locked) || descriptors[space.rawValue].locksNewAreas {
      flags.insert(.locked)
    }
    if request.flags.contains(.noReserve) { flags.insert(.noReserve) }
    if kind == .shared { flags.formUnion([.shared, .mayShare]) }
    if kind == .private && flags.contains(.write) && !flags.contains(.noReserve) {
      flags.insert(.accounted)
    }
    try unmapPages(space, start, start + pages)
    var area = Area(start: start, end: start + pages, flags: flags, offset: start.rawValue)
    if !anonymous {
      area.file = request.file
      area.offset = offset
    } else if kind == .shared {
      area.file = cache.sharedMemory(size: pages << UInt64(PageSize.shift))
      area.offset = 0
    }
    addArea(area, to: space)
    return start.address
  }

  /// Where the mapping goes (`mm/mmap.c:get_unmapped_area`).
  private func placement(
    _ space: SpaceIndex, _ request: MapRequest, _ pages: UInt64, _ searchEnd: VirtualPage
  ) throws(Errno) -> VirtualPage {
    let tree = descriptors[space.rawValue].areas
    let fixed = !request.flags.isDisjoint(with: [.fixed, .fixedNoReplace])
    if fixed {
      guard request.address.rawValue <= translation.geometry.userEnd.address.rawValue,
        request.address.page.rawValue + pages <= translation.geometry.userEnd.rawValue
      else { throw .ENOMEM }
      guard request.address.isPageAligned else { throw .EINVAL }
      guard !(request.address.page < Self.lowestPage) else { throw .EPERM }
      if request.flags.contains(.fixedNoReplace) {
        let next = tree.first(endingAbove: request.address.page, in: areas)
        if next != AreaTree.none, areas[next].start < request.address.page + pages {
          throw .EEXIST
        }
      }
      return request.address.page
    }
    if request.address.rawValue != 0,
      request.address.rawValue <= translation.geometry.userEnd.address.rawValue
    {
      let hint = max(request.address.page, Self.lowestPage)
      let next = tree.first(endingAbove: hint, in: areas)
      if hint.rawValue + pages <= translation.geometry.userEnd.rawValue,
        next == AreaTree.none || !(areas[next].guardedStart < hint + pages)
      {
        return hint
      }
    }
    if let page = tree.highestGap(pages, from: Self.lowestPage, to: searchEnd, in: areas) {
      return page
    }
    let legacyBase = VirtualPage(translation.geometry.userEnd.rawValue / 3)
    guard
      let page = tree.lowestGap(pages, from: legacyBase, to: translation.geometry.userEnd, in: areas)
    else { throw .ENOMEM }
    return page
  }
}
