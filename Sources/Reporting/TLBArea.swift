import LinuxMM

extension Report.TLBArea {
  /// The areas with most walks, then most misses, at most 100; those that became one area are one.
  static func most(
    _ figures: [AreaFigures], pids: [ProcessIndex: UInt32], names: [FileIdentity: String]
  ) -> [Report.TLBArea] {
    var areas: [Report.TLBArea] = []
    for area in figures where area.figures.misses > 0 || area.figures.walks > 0 {
      areas.append(
        Report.TLBArea(
          pid: pids[area.process] ?? 0, start: area.start.address.rawValue, end: area.end.address.rawValue,
          perms: area.flags.perms, name: area.kind.name(names), misses: area.figures.misses,
          l2Hits: area.figures.secondLevelHits, walks: area.figures.walks,
          walkReferences: area.figures.walkReferences))
    }
    areas.sort { ($0.pid, $0.start, $0.end) < ($1.pid, $1.start, $1.end) }
    var joined: [Report.TLBArea] = []
    for area in areas {
      if let last = joined.last, last.pid == area.pid, last.name == area.name, last.perms == area.perms,
        area.start < last.end
      {
        joined[joined.count - 1].add(area)
      } else {
        joined.append(area)
      }
    }
    joined.sort { ($0.walks, $0.misses, $1.pid, $1.start) > ($1.walks, $1.misses, $0.pid, $0.start) }
    return Array(joined.prefix(100))
  }

  private mutating func add(_ other: Report.TLBArea) {
    end = max(end, other.end)
    misses += other.misses
    l2Hits += other.l2Hits
    walks += other.walks
    walkReferences += other.walkReferences
  }
}

extension AreaFlags {
  /// As `/proc/PID/maps` has them.
  fileprivate var perms: String {
    (contains(.read) ? "r" : "-") + (contains(.write) ? "w" : "-") + (contains(.execute) ? "x" : "-")
      + (contains(.shared) ? "s" : "p")
  }
}

extension AreaFigures.Kind {
  fileprivate func name(_ names: [FileIdentity: String]) -> String {
    switch self {
    case .anonymous: "[anon]"
    case .heap: "[heap]"
    case .stack: "[stack]"
    case .sharedMemory: "[shmem]"
    case .file(let identity): names[identity] ?? "file \(identity.device):\(identity.inode)"
    }
  }
}
