/// A userfaultfd: who is asked about pages of areas that it watches. Linux: `struct userfaultfd_ctx`.
struct Watcher: BitwiseCopyable {
  /// Whose areas it watches, `.none` after the end of that address space. Linux: `mm`.
  var space: SpaceIndex
  /// One past the last page it may watch. Linux: `mm->task_size`.
  var end: VirtualPage
  /// Whether the kernel's own accesses are none of its business. Linux: `UFFD_USER_MODE_ONLY`.
  var isForUsersOnly: Bool
  /// What its owner asked for.
  var features: WatchFeatures = []
  /// Whether its owner has said what it asks for. Linux: `UFFD_FEATURE_INITIALIZED`.
  var isEnabled = false
  var isOpen = true
  /// Events that nobody has read. Linux: `mmap_changing`.
  var unreadEvents = 0
}

/// A userfaultfd's place in the machine.
public struct WatcherIndex: Hashable, Sendable, BitwiseCopyable {
  /// As areas note it, from 1.
  let rawValue: UInt32

  init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// Its place in the table.
  var place: UInt32 { rawValue - 1 }
}

/// What the owner of a userfaultfd may ask of it. Linux: `UFFD_FEATURE_*`, with the kernel's values.
public struct WatchFeatures: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let writeProtection = WatchFeatures(rawValue: 1 << 0)
  /// A child's areas stay watched, by a watcher of its own.
  public static let forkEvents = WatchFeatures(rawValue: 1 << 1)
  /// Areas that mremap moves stay watched.
  public static let remapEvents = WatchFeatures(rawValue: 1 << 2)
  public static let removeEvents = WatchFeatures(rawValue: 1 << 3)
  public static let missingHugePages = WatchFeatures(rawValue: 1 << 4)
  public static let missingSharedMemory = WatchFeatures(rawValue: 1 << 5)
  public static let unmapEvents = WatchFeatures(rawValue: 1 << 6)
  /// Nobody waits: accesses to watched pages get SIGBUS.
  public static let signals = WatchFeatures(rawValue: 1 << 7)
  public static let threadIdentifiers = WatchFeatures(rawValue: 1 << 8)
  public static let minorHugePages = WatchFeatures(rawValue: 1 << 9)
  public static let minorSharedMemory = WatchFeatures(rawValue: 1 << 10)
  public static let exactAddresses = WatchFeatures(rawValue: 1 << 11)
  /// Write protection of shared memory, also where no page is yet.
  public static let writeProtectedSharedMemory = WatchFeatures(rawValue: 1 << 12)

  /// What Linux 6.1 has. Linux: `UFFD_API_FEATURES`.
  static let linux61 = WatchFeatures(rawValue: 1 << 13 - 1)
  /// With unpopulated and asynchronous write protection, poison and move, which the model does not carry out.
  static let linux618 = WatchFeatures(rawValue: 1 << 17 - 1)
  /// What only 64-bit machines have.
  static let wide: WatchFeatures = [
    .writeProtection, .minorHugePages, .minorSharedMemory, .writeProtectedSharedMemory,
  ]
}

/// Which faults on an area its watcher is told of. Linux: `UFFDIO_REGISTER_MODE_*`, with the kernel's values.
public struct WatchModes: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// On pages that are not there.
  public static let missing = WatchModes(rawValue: 1)
  /// Writes to pages that the watcher protected.
  public static let write = WatchModes(rawValue: 2)
  /// On pages of shared memory that are there but not mapped.
  public static let minor = WatchModes(rawValue: 4)

  var areaFlags: AreaFlags {
    var flags: AreaFlags = []
    if contains(.missing) { flags.insert(.userFaultMissing) }
    if contains(.write) { flags.insert(.userFaultWrite) }
    if contains(.minor) { flags.insert(.userFaultMinor) }
    return flags
  }
}

/// The calls of a userfaultfd, as bits. Linux: `1 << _UFFDIO_*`.
public struct WatchCalls: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  public static let register = WatchCalls(rawValue: 1 << 0)
  public static let unregister = WatchCalls(rawValue: 1 << 1)
  public static let wake = WatchCalls(rawValue: 1 << 2)
  public static let copy = WatchCalls(rawValue: 1 << 3)
  public static let zeroPage = WatchCalls(rawValue: 1 << 4)
  /// Since Linux 6.8.
  public static let move = WatchCalls(rawValue: 1 << 5)
  public static let writeProtect = WatchCalls(rawValue: 1 << 6)
  public static let `continue` = WatchCalls(rawValue: 1 << 7)
  /// Since Linux 6.6.
  public static let poison = WatchCalls(rawValue: 1 << 8)
  public static let api = WatchCalls(rawValue: 1 << 63)
}

/// How a call that supplies pages does it. Linux: `UFFDIO_COPY_MODE_*`, with the kernel's values.
public struct SupplyModes: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Those who wait for the pages are woken later.
  public static let keepsWaiting = SupplyModes(rawValue: 1)
  /// The pages are write-protected from the start.
  public static let writeProtected = SupplyModes(rawValue: 2)
}

/// Why a watcher is asked. Linux: the `reason` of `handle_userfault`.
public enum WatchReason: Equatable, Sendable, BitwiseCopyable {
  /// The page is not there.
  case missing
  /// The watcher has write-protected it.
  case writeProtected
  /// It is there, but not mapped.
  case minor
}

/// What a watcher is told beside faults. Linux: `struct uffd_msg`, `UFFD_EVENT_*`.
public enum WatchEvent: Equatable, Sendable {
  /// A process that is watched has a child, whose areas have a watcher of their own.
  case fork(WatcherIndex)
  case remap(from: VirtualAddress, to: VirtualAddress, length: UInt64)
  case remove(Range<VirtualAddress>)
  case unmap(Range<VirtualAddress>)
}

/// An event that has not been read.
struct UnreadEvent {
  var watcher: WatcherIndex
  var event: WatchEvent
}
