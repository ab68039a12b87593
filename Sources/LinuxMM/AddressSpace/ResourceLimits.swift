/// The limits of a process that concern its memory, in bytes. Linux: `struct rlimit` of a thread group.
public struct ResourceLimits: Equatable, Sendable, BitwiseCopyable {
  /// One limit: what holds, and how far it may be raised.
  public struct Limit: Equatable, Sendable, BitwiseCopyable {
    /// No limit. Linux: `RLIM_INFINITY`.
    public static let infinity = UInt64.max

    public var soft: UInt64
    public var hard: UInt64

    public init(soft: UInt64, hard: UInt64) {
      self.soft = soft
      self.hard = hard
    }

    public static let none = Limit(soft: infinity, hard: infinity)

    /// In pages, rounded down.
    var pages: UInt64 { soft >> UInt64(PageSize.shift) }
  }

  /// RLIMIT_AS: all mappings.
  public var addressSpace = Limit.none
  /// RLIMIT_DATA: private writable mappings.
  public var data = Limit.none
  /// RLIMIT_STACK: each stack.
  public var stack = Limit(soft: 8 << 20, hard: Limit.infinity)
  /// RLIMIT_MEMLOCK: locked mappings.
  public var locked = Limit(soft: 8 << 20, hard: 8 << 20)

  public init() {}

  /// The limits, by the kernel's numbers.
  public enum Resource: Int, Sendable {
    case data = 2
    case stack = 3
    case locked = 8
    case addressSpace = 9
  }

  public subscript(resource: Resource) -> Limit {
    get {
      switch resource {
      case .data: data
      case .stack: stack
      case .locked: locked
      case .addressSpace: addressSpace
      }
    }
    set {
      switch resource {
      case .data: data = newValue
      case .stack: stack = newValue
      case .locked: locked = newValue
      case .addressSpace: addressSpace = newValue
      }
    }
  }
}

/// What a process is privileged to do. Linux: `CAP_*`, by their numbers.
public struct Capabilities: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// CAP_IPC_LOCK: lock any amount of memory.
  public static let lockMemory = Capabilities(rawValue: 1 << 14)
  /// CAP_SYS_RAWIO: map below `vm.mmap_min_addr`.
  public static let mapLowest = Capabilities(rawValue: 1 << 17)
  /// CAP_SYS_PTRACE: watch the kernel's own accesses, and children.
  public static let trace = Capabilities(rawValue: 1 << 19)
  /// CAP_SYS_ADMIN: use the memory kept for administrators.
  public static let administer = Capabilities(rawValue: 1 << 21)
  /// CAP_SYS_NICE: advise on other processes' memory.
  public static let schedule = Capabilities(rawValue: 1 << 23)

  /// CAP_SYS_RESOURCE: raise hard limits.
  public static let exceedLimits = Capabilities(rawValue: 1 << 24)

  public static let all: Capabilities = [
    .lockMemory, .mapLowest, .trace, .administer, .schedule, .exceedLimits,
  ]
}

/// Who makes a system call: what decides about it beside the address space.
struct Caller: BitwiseCopyable {
  var limits = ResourceLimits()
  var capabilities = Capabilities.all

  func may(_ capability: Capabilities) -> Bool { capabilities.contains(capability) }

  /// Whether it may lock memory at all (`mm/mlock.c:can_do_mlock`).
  var mayLock: Bool { limits.locked.soft != 0 || may(.lockMemory) }
}
