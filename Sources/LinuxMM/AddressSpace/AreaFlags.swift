/// The properties of an area. Linux: `vm_flags` (`include/linux/mm.h`), with the kernel's values.
public struct AreaFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let read = AreaFlags(rawValue: 0x1)
  public static let write = AreaFlags(rawValue: 0x2)
  public static let execute = AreaFlags(rawValue: 0x4)
  /// Writes are seen by all who map the object.
  public static let shared = AreaFlags(rawValue: 0x8)
  public static let mayRead = AreaFlags(rawValue: 0x10)
  public static let mayWrite = AreaFlags(rawValue: 0x20)
  public static let mayExecute = AreaFlags(rawValue: 0x40)
  public static let mayShare = AreaFlags(rawValue: 0x80)
  /// Grows down when the pages below it are touched: a stack.
  public static let growsDown = AreaFlags(rawValue: 0x100)
  /// Faults on missing pages go to a userfaultfd.
  public static let userFaultMissing = AreaFlags(rawValue: 0x200)
  /// Maps frame numbers, not pages that are counted.
  public static let frameMap = AreaFlags(rawValue: 0x400)
  /// Writes to protected pages go to a userfaultfd.
  public static let userFaultWrite = AreaFlags(rawValue: 0x1000)
  public static let locked = AreaFlags(rawValue: 0x2000)
  /// Memory of a device.
  public static let device = AreaFlags(rawValue: 0x4000)
  /// Expected to be read in order: MADV_SEQUENTIAL.
  public static let sequential = AreaFlags(rawValue: 0x8000)
  /// Expected to be read in no order: MADV_RANDOM.
  public static let random = AreaFlags(rawValue: 0x1_0000)
  /// Not inherited by a child: MADV_DONTFORK.
  public static let dontCopy = AreaFlags(rawValue: 0x2_0000)
  /// Cannot be made larger by mremap.
  public static let dontExpand = AreaFlags(rawValue: 0x4_0000)
  /// Locked, but pages come with their first touch.
  public static let lockOnFault = AreaFlags(rawValue: 0x8_0000)
  /// Its pages are charged to the memory promised to programs.
  public static let accounted = AreaFlags(rawValue: 0x10_0000)
  public static let noReserve = AreaFlags(rawValue: 0x20_0000)
  public static let hugeTLB = AreaFlags(rawValue: 0x40_0000)
  /// Writes reach a persistent device at once: MAP_SYNC.
  public static let synchronous = AreaFlags(rawValue: 0x80_0000)
  /// Empty in a child: MADV_WIPEONFORK.
  public static let wipeOnFork = AreaFlags(rawValue: 0x200_0000)
  /// Left out of core dumps: MADV_DONTDUMP.
  public static let dontDump = AreaFlags(rawValue: 0x400_0000)
  /// New or moved since the last `clear_refs`.
  public static let softDirty = AreaFlags(rawValue: 0x800_0000)
  public static let mixedMap = AreaFlags(rawValue: 0x1000_0000)
  /// Dropped when memory is short; shares its bit with one of hardware. Linux: `VM_DROPPABLE`.
  public static let droppable = AreaFlags(rawValue: 1 << 40)
  public static let hugePage = AreaFlags(rawValue: 0x2000_0000)
  public static let noHugePage = AreaFlags(rawValue: 0x4000_0000)
  public static let mergeable = AreaFlags(rawValue: 0x8000_0000)

  /// Faults on pages that are in the page cache but not mapped go to a userfaultfd.
  public static let userFaultMinor = AreaFlags(rawValue: 1 << 37)

  /// What never merges and is never locked. Linux: `VM_SPECIAL`.
  static let special: AreaFlags = [.device, .dontExpand, .frameMap, .mixedMap]
  /// Linux: the complement of `VM_LOCKED_CLEAR_MASK`.
  static let locking: AreaFlags = [.locked, .lockOnFault]
  static let mayAccess: AreaFlags = [.mayRead, .mayWrite, .mayExecute]
  /// Private memory that programs ask for. Linux: `VM_DATA_DEFAULT_FLAGS`.
  static let data: AreaFlags = [.read, .write, .mayRead, .mayWrite, .mayExecute]
  /// The three rights.
  static let access: AreaFlags = [.read, .write, .execute]
}

/// The rights a program asks for: `PROT_READ`, `PROT_WRITE`, `PROT_EXEC`.
public struct Protection: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let read = Protection(rawValue: 1)
  public static let write = Protection(rawValue: 2)
  public static let execute = Protection(rawValue: 4)
  /// May be used for atomic operations; changes nothing. Linux: `PROT_SEM`.
  public static let semaphore = Protection(rawValue: 8)
  /// mprotect: down to the start of a stack.
  public static let growsDown = Protection(rawValue: 0x100_0000)
  public static let growsUp = Protection(rawValue: 0x200_0000)

  /// The same bits stand for the same rights in ``AreaFlags``.
  var areaFlags: AreaFlags { AreaFlags(rawValue: rawValue & 7) }
}
