/// Memory control groups.
extension Machine where P: ~Copyable {
  /// Makes a group below another one.
  ///
  /// - Returns: `nil` if there are 65535 of them.
  @_specialize(where P == SimulatedPlatform)
  public mutating func makeGroup(below parent: GroupIndex = .root, _ limits: GroupLimits = GroupLimits()) -> GroupIndex?
  {
    spaces.memory.makeGroup(parent: parent.rawValue, limits).map { GroupIndex(rawValue: $0) }
  }

  /// Tells the path of a group, for reports.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setPath(of group: GroupIndex, _ path: [UInt8]) {
    while groupPaths.count <= Int(group.rawValue) { groupPaths.append([]) }
    groupPaths[Int(group.rawValue)] = path
  }

  /// All groups, the root in front.
  public var groups: [GroupIndex] {
    (0..<spaces.memory.groups.limit).map { GroupIndex(rawValue: UInt16(truncatingIfNeeded: $0)) }
  }

  /// Moves a process to a group; what it has stays charged to the group it leaves. Linux: `cgroup.procs`.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setGroup(_ process: ProcessIndex, _ group: GroupIndex) {
    processes[process.rawValue].group = group.rawValue
    let space = processes[process.rawValue].space
    if space != .none { spaces.descriptors[space.rawValue].group = group.rawValue }
  }

  /// A group's settings; what it has beyond a new limit is taken back at its next charge.
  public func limits(of group: GroupIndex) -> GroupLimits { spaces.memory.groups[UInt32(group.rawValue)].limits }

  @_specialize(where P == SimulatedPlatform)
  public mutating func setLimits(of group: GroupIndex, _ limits: GroupLimits) {
    spaces.memory.groups[UInt32(group.rawValue)].limits = limits
  }

  /// `memory.current`, `memory.peak` and `memory.swap.current`, in pages, and `memory.events`.
  public func figures(of group: GroupIndex) -> (usage: Int, peak: Int, swap: Int, events: GroupEvents) {
    let state = spaces.memory.groups[UInt32(group.rawValue)]
    return (state.usage, state.peak, state.swapUsage, state.events)
  }

  /// Takes pages back from a group and those below it. Linux: a write to `memory.reclaim`.
  ///
  /// - Returns: the pages freed.
  @discardableResult
  @_specialize(where P == SimulatedPlatform)
  public mutating func reclaim(pages: Int, from group: GroupIndex = .root) -> Int {
    spaces.reclaim(fromGroup: group.rawValue, pages: pages)
  }

  /// How much time a group's processes have lost for want of memory, up to now; the root's figures are the machine's. Linux:
  /// `memory.pressure`, `/proc/pressure/memory`.
  @_specialize(where P == SimulatedPlatform)
  public mutating func pressure(of group: GroupIndex = .root) -> PressureFigures {
    spaces.pressure(of: group.rawValue)
  }

  /// The group that programs begin in.
  public var groupOfPrograms: GroupIndex { GroupIndex(rawValue: programGroup) }
}
