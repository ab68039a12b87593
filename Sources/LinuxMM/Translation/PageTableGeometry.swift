/// The shape of a machine's page tables: how many levels there are, how many entries a table has and how wide they are.
///
/// Levels are numbered from the last: an entry of level 0 holds a base page, one of level 1 a table of level 0 or a
/// page of 2 MiB (4 MiB with two levels), and so on up to the level of the root. The kernel gives each level a name
/// (``PageTableLevel``); levels a machine does not have are folded into the root.
///
/// Sources: Intel SDM volume 3, 4.3 to 4.5; Linux: `arch/x86/include/asm/pgtable_64_types.h`,
/// `pgtable-2level_types.h`, `pgtable-3level_types.h`.
public struct PageTableGeometry: Hashable, Sendable, BitwiseCopyable {
  /// The number of levels, 2 to 5. Linux: `CONFIG_PGTABLE_LEVELS` less what is folded at run time.
  public let levelCount: Int
  /// Bits of an address that choose an entry of a table, 9 or 10.
  let indexBits: Int
  /// Whether entries are 4 bytes wide rather than 8.
  let hasNarrowEntries: Bool
  /// Bytes of an entry.
  public var entryBytes: Int { hasNarrowEntries ? 4 : 8 }
  /// Bits of a linear address: 32, 48 or 57.
  public let addressBits: Int
  /// Bits of a physical address that an entry may hold. Linux: `MAX_PHYSMEM_BITS`.
  let physicalBits: Int

  /// x86-64: PGD, PUD, PMD, PTE.
  public static let fourLevels = PageTableGeometry(
    levelCount: 4, indexBits: 9, hasNarrowEntries: false, addressBits: 48, physicalBits: 46)
  /// x86-64 with 57-bit addresses (LA57): PGD, P4D, PUD, PMD, PTE.
  public static let fiveLevels = PageTableGeometry(
    levelCount: 5, indexBits: 9, hasNarrowEntries: false, addressBits: 57, physicalBits: 52)
  /// 32-bit x86: PGD, PTE; 1024 entries of 4 bytes.
  public static let twoLevels = PageTableGeometry(
    levelCount: 2, indexBits: 10, hasNarrowEntries: true, addressBits: 32, physicalBits: 32)
  /// 32-bit x86 with physical address extension (PAE): a PGD of 4 entries, PMD, PTE.
  public static let physicalAddressExtension = PageTableGeometry(
    levelCount: 3, indexBits: 9, hasNarrowEntries: false, addressBits: 32, physicalBits: 36)

  /// The tables a kernel for `architecture` uses.
  ///
  /// - Parameter fiveLevels: whether a 64-bit machine has 57-bit addresses.
  public init(_ architecture: Architecture, fiveLevels: Bool = false) {
    switch architecture {
    case .x86_64: self = fiveLevels ? .fiveLevels : .fourLevels
    case .i386: self = .twoLevels
    case .i386PAE: self = .physicalAddressExtension
    }
  }

  /// The tables with so many levels; `nil` if there are none such.
  public init?(levelCount: Int) {
    switch levelCount {
    case 2: self = .twoLevels
    case 3: self = .physicalAddressExtension
    case 4: self = .fourLevels
    case 5: self = .fiveLevels
    default: return nil
    }
  }

  private init(levelCount: Int, indexBits: Int, hasNarrowEntries: Bool, addressBits: Int, physicalBits: Int) {
    self.levelCount = levelCount
    self.indexBits = indexBits
    self.hasNarrowEntries = hasNarrowEntries
    self.addressBits = addressBits
    self.physicalBits = physicalBits
  }

  /// The level of the root.
  @inline(__always)
  var top: Int { levelCount &- 1 }

  /// Entries of a table below the root.
  var entryCount: Int { 1 << indexBits }

  /// Whether the root's four entries stand in registers that are loaded with it (PAE), so that a walk reads none of
  /// them from memory.
  @inline(__always)
  var hasRootRegisters: Bool { levelCount == 3 }

  /// The position in a page number of the bits that choose an entry of `level`.
  @inline(__always)
  func shift(_ level: Int) -> UInt64 { UInt64(truncatingIfNeeded: indexBits &* level) }

  /// The number of base pages an entry of `level` covers.
  @inline(__always)
  func span(_ level: Int) -> UInt64 { 1 &<< shift(level) }

  /// The index of the entry of `level` for a page.
  @inline(__always)
  func index(_ page: VirtualPage, _ level: Int) -> Int {
    Int(truncatingIfNeeded: page.rawValue &>> shift(level)) & (1 &<< indexBits &- 1)
  }

  /// The first page after those whose entries stand in the same last-level table as that of `page`.
  func tableEnd(_ page: VirtualPage) -> VirtualPage { VirtualPage((page.rawValue | (span(1) - 1)) + 1) }

  /// Whether an entry of `level` can hold a page of its own size rather than a table.
  @inline(__always)
  func holdsPages(_ level: Int) -> Bool { level <= 1 || level == 2 && levelCount >= 4 }

  /// Whether a table of entries of `level` counts as a process's memory: PTE, PMD and PUD tables do, P4D tables and
  /// the root do not. Linux: `mm->pgtables_bytes`, `VmPTE`.
  func isAccounted(_ level: Int) -> Bool { level < top && level <= 2 }

  /// Whether the processor accepts an address in `page` at all: the bits above ``addressBits`` must equal the highest
  /// of them.
  @inline(__always)
  func isCanonical(_ page: VirtualPage) -> Bool {
    if addressBits == 32 { return page.rawValue >> 20 == 0 }
    let unused = UInt64(truncatingIfNeeded: 64 &- addressBits)
    let address = Int64(bitPattern: page.address.rawValue)
    return (address << unused) >> unused == address
  }

  /// One past the last page a program may map: the lower half less a guard page, or the lower 3 GiB of 32-bit machines.
  ///
  /// Linux: `TASK_SIZE_MAX` (`arch/x86/include/asm/page_64_types.h`), `TASK_SIZE` of 32-bit kernels.
  public var userEnd: VirtualPage {
    addressBits == 32 ? VirtualPage(0xc0000) : VirtualPage(1 << UInt64(addressBits - 13) - 1)
  }

  /// Whether a range of bytes ends below the kernel's half, which system calls ask of addresses before they use them.
  /// Linux: `access_ok`.
  func holdsUser(_ address: VirtualAddress, length: UInt64) -> Bool {
    let end = userEnd.address.rawValue
    return length <= end && address.rawValue <= end - length
  }

  /// Where the kernel's half begins in the tables: no table of a program reaches beyond it. Linux: `USER_PGTABLES_CEILING`.
  var userCeiling: VirtualPage {
    let span = span(top)
    return VirtualPage((userEnd.rawValue + span - 1) / span * span)
  }

  /// One past the last page a program gets unless it asks for a higher one: with five levels still that of four.
  /// Linux: `DEFAULT_MAP_WINDOW`.
  public var usualMapEnd: VirtualPage { min(userEnd, Self.fourLevelEnd) }

  private static let fourLevelEnd = VirtualPage(1 << 35 - 1)

  /// Bits that must be zero in a present entry of `level`, or the access faults (SDM 4.4.2, 4.5.2, tables 4-9 to 4-20).
  ///
  /// - Parameters:
  ///   - isPage: whether the entry holds a page rather than a table.
  ///   - noExecute: whether the no-execute bit is on (EFER.NXE).
  @inline(__always)
  func reservedBits(_ level: Int, isPage: Bool, noExecute: Bool) -> UInt64 {
    if hasNarrowEntries { return isPage && level == 1 ? 0x3f_e000 : 0 }
    // Bits 52 to 62 are the kernel's on 64-bit machines only.
    let end: UInt64 = levelCount == 3 ? 63 : 52
    var bits: UInt64 = (1 &<< end &- 1) & ~(1 &<< UInt64(truncatingIfNeeded: physicalBits) &- 1)
    if !noExecute { bits |= PageTableEntry.noExecute }
    if level > 0 && isPage { bits |= (span(level) &- 1) << 12 & ~PageTableEntry.attributeLarge }
    if !holdsPages(level) { bits |= PageTableEntry.large }
    return bits
  }
}

/// The kernel's name of a level of page tables.
public enum PageTableLevel: Int, Sendable, CaseIterable {
  case pte
  case pmd
  case pud
  case p4d
  case pgd
}

extension PageTableGeometry {
  /// The level that has this name: its own, or the root where it is folded.
  public func level(_ name: PageTableLevel) -> Int { min(name.rawValue, levelCount - 1) }

  /// The name of a level.
  public func name(_ level: Int) -> PageTableLevel {
    level == levelCount - 1 ? .pgd : PageTableLevel(rawValue: level) ?? .pgd
  }
}
