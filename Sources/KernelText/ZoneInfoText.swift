import LinuxMM

/// What a text of `/proc/zoneinfo` says, from any kernel since 5.0.
public struct ZoneInfoText: Sendable {
  /// One zone of the text.
  public struct Zone: Sendable {
    public var node: Int
    public var kind: ZoneKind
    public var free = 0
    public var boost: Int?
    public var minimum = 0
    public var low = 0
    public var high = 0
    public var spanned = 0
    public var present = 0
    public var managed = 0
    public var contiguous: Int?
    public var start: Int?
    public var protection: [Int] = []
    public var lists: [ProcessorList] = []
    /// Pages on the lists from which reclaim takes them.
    public var evictable = 0
    /// Pages on the list from which it does not.
    public var unevictable = 0
    /// Of the whole node, where its first zone says so: pages of slabs that shrinkers give back.
    public var reclaimableSlab = 0

    /// Frames that something keeps that cannot be taken back.
    public var inUse: Int {
      max(managed - free - evictable - lists.reduce(0) { $0 + $1.count }, 0)
    }
  }

  /// A processor's lists for a zone: `pagesets`.
  public struct ProcessorList: Sendable {
    public var processor: Int
    public var high: Int?
    /// The bounds between which newer kernels (6.7 on) move `high`.
    public var highMinimum: Int?
    public var highMaximum: Int?
    public var batch = 0
    /// Frames on them.
    public var count = 0
  }

  public var zones: [Zone]

  /// Linux: `NR_CPUS` of large configurations.
  private static let mostProcessors = 8192

  /// Why a text is none of zoneinfo.
  public struct Problem: Error, CustomStringConvertible, Equatable {
    /// From 1.
    public let line: Int
    public let what: String
    public var description: String { line > 0 ? "line \(line): \(what)" : what }
  }

  /// - Complexity: O(text).
  public init(_ text: String) throws(Problem) {
    zones = []
    var number = 0
    for raw in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      let words = raw.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
      guard let key = words.first else { continue }
      if key == "Node" {
        zones.append(try Self.zone(words, number))
        continue
      }
      guard !zones.isEmpty else { throw Problem(line: number, what: "expected 'Node N, zone NAME', found '\(key)'") }
      try read(key, words, String(raw), number)
    }
    guard !zones.isEmpty else { throw Problem(line: max(number, 1), what: "no 'Node N, zone NAME' in it") }
  }

  private static func zone(_ words: [Substring], _ line: Int) throws(Problem) -> Zone {
    guard words.count == 4, words[2] == "zone", words[1].hasSuffix(","), let node = Int(words[1].dropLast()),
      (0..<MemoryMap.mostNodes).contains(node)
    else { throw Problem(line: line, what: "expected 'Node N, zone NAME' with N from 0 to 63") }
    guard let kind = ZoneKind.allCases.first(where: { $0.name.description == words[3] }) else {
      throw Problem(line: line, what: "there is no zone '\(words[3])'")
    }
    return Zone(node: node, kind: kind)
  }

  private mutating func read(_ key: Substring, _ words: [Substring], _ raw: String, _ line: Int) throws(Problem) {
    let last = zones.count - 1
    func figure(_ index: Int = 1) throws(Problem) -> Int {
      guard words.indices.contains(index), let value = Int(words[index]), value >= 0, value < 1 << 40 else {
        throw Problem(line: line, what: "expected a number after '\(key)'")
      }
      return value
    }
    switch key {
    case "pages" where words.count > 1 && words[1] == "free": zones[last].free = try figure(2)
    case "boost": zones[last].boost = try figure()
    case "min": zones[last].minimum = try figure()
    case "low": zones[last].low = try figure()
    case "high": zones[last].high = try figure()
    case "spanned": zones[last].spanned = try figure()
    case "present": zones[last].present = try figure()
    case "managed": zones[last].managed = try figure()
    case "cma": zones[last].contiguous = try figure()
    case "start_pfn:": zones[last].start = try figure()
    case "protection:":
      let inner = raw.drop(while: { $0 != "(" }).dropFirst().prefix(while: { $0 != ")" })
      for part in inner.split(separator: ",") {
        guard let value = Int(part.filter { $0 != " " }), value >= 0 else {
          throw Problem(line: line, what: "'\(part)' in protection is no number")
        }
        zones[last].protection.append(value)
      }
    case "cpu:":
      let processor = try figure()
      guard processor < Self.mostProcessors else {
        throw Problem(line: line, what: "processor \(processor): expected 0 to \(Self.mostProcessors - 1)")
      }
      zones[last].lists.append(ProcessorList(processor: processor))
    case "nr_zone_inactive_anon", "nr_zone_active_anon", "nr_zone_inactive_file", "nr_zone_active_file":
      zones[last].evictable += try figure()
    case "nr_zone_unevictable": zones[last].unevictable = try figure()
    case "nr_slab_reclaimable": zones[last].reclaimableSlab = try figure()
    case "count:", "high:", "high_min:", "high_max:", "batch:":
      guard !zones[last].lists.isEmpty else { throw Problem(line: line, what: "'\(key)' before any 'cpu:'") }
      let list = zones[last].lists.count - 1
      let value = try figure()
      switch key {
      case "count:": zones[last].lists[list].count = value
      case "high:": zones[last].lists[list].high = value
      case "high_min:": zones[last].lists[list].highMinimum = value
      case "high_max:": zones[last].lists[list].highMaximum = value
      default: zones[last].lists[list].batch = value
      }
    default: break
    }
  }

  /// What was in use that cannot be taken back, by zone. The slabs of a node are taken to lie where most is in use.
  public var uses: [PhysicalConfiguration.ZoneUse] {
    var slabs: [Int: Int] = [:]
    for zone in zones { slabs[zone.node, default: 0] += zone.reclaimableSlab }
    let order = zones.indices.filter { zones[$0].managed > 0 }.sorted { zones[$0].inUse > zones[$1].inUse }
    return order.map { place in
      let zone = zones[place]
      let movable = min(zone.unevictable, zone.inUse)
      let reclaimable = min(slabs[zone.node] ?? 0, zone.inUse - movable)
      slabs[zone.node]? -= reclaimable
      return PhysicalConfiguration.ZoneUse(
        node: zone.node, kind: zone.kind, frames: zone.inUse, reclaimable: reclaimable, movable: movable)
    }
  }

  /// The number of processors that have lists.
  public var processorCount: Int { zones.reduce(0) { max($0, ($1.lists.map(\.processor).max() ?? -1) + 1) } }

  public var nodeCount: Int { zones.reduce(0) { max($0, $1.node + 1) } }

  /// Whether a kernel wrote it that resizes the processors' lists as it goes (from 6.7 on).
  public var hasVariableLists: Bool { zones.contains { $0.lists.contains { $0.highMinimum != nil } } }

  /// A 32-bit kernel has a HighMem zone or, without CONFIG_HIGHMEM, no DMA32 and no Device zone.
  public var architecture: Architecture {
    let kinds = Set(zones.map(\.kind))
    return kinds.contains(.highmem) ? .i386PAE : .x86_64
  }

  /// The zones as a map of memory: each as large, with as many frames present and managed as the text says.
  ///
  /// Where the holes and the kernel's own frames lie, the text does not say: a zone's hole is put before its last frame, or
  /// where a PC's BIOS is if it finds room there, and what it does not manage at its start, both clear of the frames in
  /// `free`.
  public func memoryMap(
    _ architecture: Architecture, free: FreeFramesText? = nil
  ) throws(Problem) -> MemoryMap {
    var regions: [MemoryMap.Region] = []
    var reserved: [FrameRange] = []
    var movable = [FrameNumber](repeating: .none, count: nodeCount)
    var lowMemoryEnd = Architecture.usualLowMemoryEnd
    for zone in zones where zone.present > 0 {
      guard let start = zone.start, zone.spanned >= zone.present, zone.present >= zone.managed,
        start + zone.spanned <= Int(architecture.frameLimit)
      else {
        throw Problem(
          line: 0,
          what: "node \(zone.node), zone \(zone.kind.name): expected start_pfn, and spanned >= present >= managed")
      }
      func frame(_ number: Int) -> FrameNumber { FrameNumber(UInt32(number)) }
      let end = start + zone.spanned
      if zone.kind == .movable { movable[zone.node] = frame(start) }
      if zone.kind == .highmem { lowMemoryEnd = frame(start) }
      var gaps = Self.gaps(start..<end, free)
      let hole = zone.spanned - zone.present
      var parts = [start..<end]
      if hole > 0 {
        guard let holeEnd = Self.holeEnd(of: hole, in: start..<end, gaps) else {
          throw Problem(line: 0, what: "node \(zone.node), zone \(zone.kind.name): no room for its holes")
        }
        parts = [start..<(holeEnd - hole), holeEnd..<end]
        gaps = gaps.flatMap { range in parts.map { range.clamped(to: $0) } }.filter { !$0.isEmpty }
      }
      for part in parts {
        regions.append(MemoryMap.Region(FrameRange(frame(part.lowerBound), frame(part.upperBound)), node: zone.node))
      }
      var left = zone.present - zone.managed
      for gap in gaps where left > 0 {
        let taken = min(left, gap.count)
        reserved.append(FrameRange(frame(gap.lowerBound), frame(gap.lowerBound + taken)))
        left -= taken
      }
      guard left == 0 else {
        throw Problem(line: 0, what: "node \(zone.node), zone \(zone.kind.name): more frames free than managed")
      }
    }
    regions.sort { $0.range.start < $1.range.start }
    reserved.sort { $0.start < $1.start }
    do throws(MemoryMap.Problem) {
      return try MemoryMap(
        regions: regions, reserved: reserved, architecture: architecture, lowMemoryEnd: lowMemoryEnd,
        movableStarts: movable)
    } catch {
      throw Problem(line: 0, what: "these zones cannot be one machine's: \(error)")
    }
  }

  /// Where the hole of a zone ends: below 1 MiB, else as late as there is room between the first and the last frame.
  private static func holeEnd(of hole: Int, in zone: Range<Int>, _ gaps: [Range<Int>]) -> Int? {
    func hasRoom(_ gap: Range<Int>, until end: Int) -> Bool {
      min(gap.upperBound, end) - max(gap.lowerBound, zone.lowerBound + 1) >= hole
    }
    let lowEnd = 256
    if lowEnd < zone.upperBound, gaps.contains(where: { $0.upperBound >= lowEnd && hasRoom($0, until: lowEnd) }) {
      return lowEnd
    }
    let last = zone.upperBound - 1
    return gaps.last { hasRoom($0, until: last) }.map { min($0.upperBound, last) }
  }

  /// The parts of a range in which nothing is known to be free.
  private static func gaps(_ range: Range<Int>, _ free: FreeFramesText?) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var start = range.lowerBound
    let runs = (free?.runs ?? []).map { Int($0.first)..<Int($0.first + $0.count) }.sorted {
      $0.lowerBound < $1.lowerBound
    }
    for run in runs {
      let part = run.clamped(to: range)
      if part.isEmpty { continue }
      if part.lowerBound > start { gaps.append(start..<part.lowerBound) }
      start = max(start, part.upperBound)
    }
    if start < range.upperBound { gaps.append(start..<range.upperBound) }
    return gaps
  }

  /// The processors spread evenly over the nodes: the text does not say whose they are.
  public var nodeOfProcessor: [Int] {
    (0..<max(processorCount, 1)).map { $0 % nodeCount }
  }
}

extension FrameNumber {
  var index: Int { Int(rawValue) }
}
