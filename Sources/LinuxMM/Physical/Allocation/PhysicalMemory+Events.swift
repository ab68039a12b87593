extension PhysicalMemory {
  /// What was allocated and freed in a zone since boot, all processors together.
  ///
  /// - Complexity: O(processors).
  func events(zone: Int) -> ZoneEvents {
    var sum = zoneLists[zone].events
    for processor in 0..<processorCount { sum.add(processorPages[pagesIndex(zone, processor)].events) }
    return sum
  }

  /// The same over all zones of a kind.
  func events(_ kind: ZoneKind) -> ZoneEvents {
    var sum = ZoneEvents()
    for index in 0..<zones.count where zones[index].kind == kind { sum.add(events(zone: index)) }
    return sum
  }

  /// The same over all zones.
  func events() -> ZoneEvents {
    var sum = ZoneEvents()
    for index in 0..<zones.count { sum.add(events(zone: index)) }
    return sum
  }
}
