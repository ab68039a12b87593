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
  public static let locked = AreaFlags(rawValue: 0x2000)
  /// Expected to be read in order: MADV_SEQUENTIAL.
  public static let sequential = AreaFlags(rawValue: 0x8000)
  /// Expected to be read in no order: MADV_RANDOM.
  public static let random = AreaFlags(rawValue: 0x1_0000)
  /// Not inherited by a child: MADV_DONTFORK.
  public static let dontCopy = AreaFlags(rawValue: 0x2_0000)
  public static let accounted = AreaFlags(rawValue: 0x10_0000)
  public static let noReserve = AreaFlags(rawValue: 0x20_0000)
  /// Empty in a child: MADV_WIPEONFORK.
  public static let wipeOnFork = AreaFlags(rawValue: 0x200_0000)
  /// Left out of core dumps: MADV_DONTDUMP.
  public static let dontDump = AreaFlags(rawValue: 0x400_0000)
  public static let hugePage = AreaFlags(rawValue: 0x2000_0000)
  public static let noHugePage = AreaFlags(rawValue: 0x4000_0000)
  public static let mergeable = AreaFlags(rawValue: 0x8000_0000)

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

  /// The same bits stand for the same rights in ``AreaFlags``.
  var areaFlags: AreaFlags { AreaFlags(rawValue: rawValue & 7) }
}
