/// Faults, counted for the machine and for the control group that runs (`count_vm_event`, `count_memcg_event_mm`).
extension AddressSpaces where P: ~Copyable {
  /// Groups count what belongs to no node on the first one.
  private var eventVector: UInt32 { UInt32(currentGroup) &* UInt32(truncatingIfNeeded: memory.nodeCount) }

  @inline(__always)
  mutating func countFault() {
    translation.memory.statistics.faults &+= 1
    translation.memory.vectors[eventVector].events.faults &+= 1
  }

  /// Takes one back that goes on where it waits instead of beginning anew.
  mutating func uncountFault() {
    translation.memory.statistics.faults &-= 1
    translation.memory.vectors[eventVector].events.faults &-= 1
  }

  mutating func countMajorFault() {
    translation.memory.statistics.majorFaults &+= 1
    translation.memory.vectors[eventVector].events.majorFaults &+= 1
  }
}
