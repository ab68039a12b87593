/// A request for a block of frames, made ready. Linux: `struct alloc_context`.
struct PageRequest: BitwiseCopyable {
  let order: PageOrder
  let flags: GFPFlags
  let type: MigrationType
  /// The highest kind of zone that will do.
  let highest: ZoneKind
  /// Whose order of nodes is followed.
  let node: Int
  let processor: Int
  /// The nodes that may serve it, as bits. Linux: `nodemask`.
  let nodes: UInt64

  static let allNodes = UInt64.max
}

/// Who asks for memory, as far as it changes what it may have. Linux: `current->flags`.
public struct TaskContext: OptionSet, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  @inline(__always)
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Frees memory itself, as the background reclaimer does. Linux: `PF_MEMALLOC`.
  public static let freesMemory = TaskContext(rawValue: 1)
  /// Must not start I/O. Linux: `PF_MEMALLOC_NOIO`.
  public static let noIO = TaskContext(rawValue: 2)
  /// Must not enter file systems. Linux: `PF_MEMALLOC_NOFS`.
  public static let noFS = TaskContext(rawValue: 4)
  /// Pins its pages, which therefore cannot be movable. Linux: `PF_MEMALLOC_PIN`.
  public static let pins = TaskContext(rawValue: 8)
  /// Was killed for memory and may use reserves to end. Linux: `tsk_is_oom_victim`.
  public static let outOfMemoryVictim = TaskContext(rawValue: 16)
  /// Scheduled in real time. Linux: `rt_task`.
  public static let realTime = TaskContext(rawValue: 32)

  /// What of a request's permissions is left (`include/linux/sched/mm.h:current_gfp_context`).
  @inline(__always)
  func apply(_ flags: GFPFlags) -> GFPFlags {
    if rawValue & 14 == 0 { return flags }
    var flags = flags
    if contains(.noIO) {
      flags.subtract([.io, .fs])
    } else if contains(.noFS) {
      flags.remove(.fs)
    }
    if contains(.pins) { flags.remove(.movable) }
    return flags
  }
}
