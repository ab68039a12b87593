/// The walk of one address through the tables, entry by entry: what the hardware reads, without marking, checking rights
/// or buffering anything.
///
/// It reads memory only through ``PageTableMemory``, so that the same walk goes over a machine's tables, those of a
/// saved state, and those that a real processor uses.
///
/// Source: Intel SDM volume 3, 4.3 to 4.5; Linux: `lookup_address_in_pgd`, `dump_pagetable` (`arch/x86/mm/fault.c`).
public struct PageTableWalk: Sendable {
  /// One entry on the way.
  public struct Step: Sendable, BitwiseCopyable {
    /// From 0 for the last; see ``PageTableGeometry/name(_:)``.
    public let level: Int
    /// Which entry of its table it is.
    public let index: Int
    /// Where the entry stands.
    public let place: PhysicalAddress
    /// The entry as it stands in memory: 8 bytes, or 4 with two levels.
    public let rawValue: UInt64
    /// The same in the wide format.
    let entry: PageTableEntry

    /// What the entry's bits say.
    public var bits: PageTableEntryBits { PageTableEntryBits(entry, isBase: level == 0) }
    /// The frame it names: the next table, or the page's first frame; `nil` if it names none.
    public func frame(_ geometry: PageTableGeometry) -> FrameNumber? {
      guard entry.holdsPage else { return nil }
      return level > 0 && entry.isLarge ? entry.frame(span: geometry.span(level)) : entry.frame
    }
    /// 0 to 15. Only pages of 64-bit machines have one.
    public var protectionKey: Int { entry.holdsPage ? entry.protectionKey : 0 }
  }

  /// What stands at the walk's end.
  public enum End: Equatable, Sendable, BitwiseCopyable {
    /// A page; the address lies there.
    case mapped(PhysicalAddress)
    /// The processor accepts no such address (#GP), or has none so wide: nothing is read.
    case notCanonical
    /// The last step's entry names no table.
    case noTable
    /// The page's entry is empty.
    case empty
    /// A page that nobody may access: PROT_NONE. The address would lie there.
    case inaccessible(PhysicalAddress)
    /// The page is in this slot of a swap device.
    case swapped(device: Int, offset: UInt64)
    /// The page is being moved away from a frame.
    case migrating(FrameNumber)
    /// The frame's memory is broken. Linux: `SWP_HWPOISON`.
    case poisoned(FrameNumber)
    /// A note for the next fault. Linux: `SWP_PTE_MARKER`.
    case marker(UInt64)
    /// The page could not be read back from swap. Linux: `SWP_SWAPIN_ERROR`.
    case lost
    /// The last step's entry has bits set that must be clear: a page fault with ``PageFaultCode/reserved``.
    case reserved
  }

  public let address: VirtualAddress
  public let geometry: PageTableGeometry
  /// The frame of the highest table, which CR3 names.
  public let root: FrameNumber
  /// The entries read, of which ``stepCount`` are, from the root's on.
  public private(set) var steps: InlineArray<5, Step>
  public private(set) var stepCount = 0
  public private(set) var end = End.notCanonical

  /// Walks.
  ///
  /// - Parameters:
  ///   - root: the frame of the highest table.
  ///   - memory: where the tables stand; it must have every frame that present entries of upper levels name.
  /// - Complexity: O(levels), without allocating.
  public init<Memory: PageTableMemory & ~Copyable>(
    _ address: VirtualAddress, from root: FrameNumber, _ geometry: PageTableGeometry, reading memory: borrowing Memory
  ) {
    self.address = address
    self.geometry = geometry
    self.root = root
    steps = InlineArray(
      repeating: Step(level: 0, index: 0, place: PhysicalAddress(0), rawValue: 0, entry: .empty))
    guard geometry.isCanonical(address.page) else { return }
    var table = root
    var level = geometry.top
    while true {
      let step = Self.step(
        EntryPlace(table: table, index: geometry.index(address.page, level)), level, geometry, memory)
      steps[stepCount] = step
      stepCount += 1
      if let end = Self.end(step, address, geometry) {
        self.end = end
        return
      }
      table = step.entry.frame
      level -= 1
    }
  }

  /// The frame that an entry names, as it stands in memory at some level.
  public static func frame(ofEntry stored: UInt64, _ level: Int, _ geometry: PageTableGeometry) -> FrameNumber? {
    Step(level: level, index: 0, place: PhysicalAddress(0), rawValue: stored, entry: decoded(stored, geometry))
      .frame(geometry)
  }

  private static func decoded(_ stored: UInt64, _ geometry: PageTableGeometry) -> PageTableEntry {
    geometry.hasNarrowEntries
      ? NarrowEntry.decode(UInt32(truncatingIfNeeded: stored)) : PageTableEntry(rawValue: stored)
  }

  private static func step<Memory: PageTableMemory & ~Copyable>(
    _ place: EntryPlace, _ level: Int, _ geometry: PageTableGeometry, _ memory: borrowing Memory
  ) -> Step {
    let stored =
      geometry.hasNarrowEntries ? UInt64(memory.narrowWord(place)) : memory.word(place.index, of: place.table)
    let offset = UInt64(truncatingIfNeeded: place.index * geometry.entryBytes)
    return Step(
      level: level, index: place.index, place: PhysicalAddress(place.table.address.rawValue + offset),
      rawValue: stored, entry: decoded(stored, geometry))
  }

  /// Where a walk ends with this entry; `nil` if it goes on.
  private static func end(_ step: Step, _ address: VirtualAddress, _ geometry: PageTableGeometry) -> End? {
    let entry = step.entry
    let level = step.level
    if entry.isEmpty { return level == 0 ? .empty : .noTable }
    let isPage = level == 0 || entry.isLarge
    guard entry.isPresent else {
      if isPage && entry.holdsPage { return .inaccessible(physical(entry, level, address, geometry)) }
      switch entry.nonPresent {
      case .swap(let device, let offset): return .swapped(device: device, offset: offset)
      case .poisoned(let frame): return .poisoned(frame)
      case .migration(let frame, _): return .migrating(frame)
      case .marker(let marks): return .marker(marks)
      case .swapInError: return .lost
      case nil: return .noTable
      }
    }
    // The root of PAE is loaded into registers, whose entries have bits of their own.
    let isRegister = geometry.hasRootRegisters && level == geometry.top
    if !isRegister && entry.rawValue & geometry.reservedBits(level, isPage: isPage, noExecute: true) != 0 {
      return .reserved
    }
    return isPage ? .mapped(physical(entry, level, address, geometry)) : nil
  }

  private static func physical(
    _ entry: PageTableEntry, _ level: Int, _ address: VirtualAddress, _ geometry: PageTableGeometry
  ) -> PhysicalAddress {
    let span = geometry.span(level)
    let offset = address.rawValue & (span << UInt64(PageSize.shift) - 1)
    return PhysicalAddress(entry.frame(span: span).address.rawValue + offset)
  }

  // MARK: What all entries say together

  /// The last entry read; `nil` if the address is not canonical.
  public var last: Step? { stepCount == 0 ? nil : steps[stepCount - 1] }

  /// Whether programs may write there: every level must permit it.
  public var isWritable: Bool { allows(PageTableEntry.writable) }

  /// Whether programs may access it at all.
  public var isUser: Bool { allows(PageTableEntry.user) }

  /// Whether instructions may be fetched from it.
  public var isExecutable: Bool {
    guard case .mapped = end else { return false }
    for number in firstWithRights..<stepCount where !steps[number].entry.isExecutable { return false }
    return true
  }

  private func allows(_ right: UInt64) -> Bool {
    guard case .mapped = end else { return false }
    for number in firstWithRights..<stepCount where steps[number].entry.rawValue & right == 0 { return false }
    return true
  }

  private var firstWithRights: Int { geometry.hasRootRegisters ? 1 : 0 }

  /// The bytes that the last entry read covers.
  public var spanBytes: UInt64 {
    guard let last else { return 0 }
    return geometry.span(last.level) << UInt64(PageSize.shift)
  }
}

extension PageTableGeometry {
  /// The bits of an address that choose an entry of `level`, e.g. 12 ... 20.
  public func addressBits(of level: Int) -> ClosedRange<Int> {
    let low = PageSize.shift + indexBits * level
    return low...(min(low + indexBits, addressBits) - 1)
  }

  /// Whether the processor accepts an address at all.
  public func isCanonical(_ address: VirtualAddress) -> Bool { isCanonical(address.page) }
}
