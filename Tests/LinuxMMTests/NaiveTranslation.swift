@testable import LinuxMM

/// Translation done the obvious way: mappings in dictionaries, buffers as lists with the most recently used first, flushes
/// by looking at everything. It stands beside the real one in the random tests.
final class NaiveTranslation {
  /// What the tables say of a page, or a buffer.
  struct Mapping: Equatable {
    var frame: UInt32
    /// Its level: 0, 1, 2.
    var size: Int
    var isWritable: Bool
    var isUser: Bool
    var isExecutable: Bool
    var isDirty = false
    var isGlobal = false
  }

  struct Line {
    /// 0 to 2 a page held in this size, 3 and up an entry of level kind − 2.
    var kind: Int
    var first: UInt64
    /// `nil` for all address spaces.
    var slot: Int?
    var mapping: Mapping
  }

  final class Cache {
    var sets: [[Line]]
    let ways: Int

    init(_ geometry: TLBGeometry) {
      sets = Array(repeating: [], count: geometry.sets)
      ways = geometry.ways
    }

    /// Finds a line and puts it first.
    func use(_ kind: Int, _ first: UInt64, _ number: UInt64, _ slot: Int?) -> Line? {
      let set = Int(number % UInt64(sets.count))
      guard let index = sets[set].firstIndex(where: { $0.kind == kind && $0.first == first && $0.slot == slot })
      else { return nil }
      let line = sets[set].remove(at: index)
      sets[set].insert(line, at: 0)
      return line
    }

    func add(_ line: Line, _ number: UInt64) {
      let set = Int(number % UInt64(sets.count))
      sets[set].insert(line, at: 0)
      if sets[set].count > ways { sets[set].removeLast() }
    }

    func remove(_ isUnwanted: (Line) -> Bool) {
      for set in sets.indices { sets[set].removeAll(where: isUnwanted) }
    }

    func set(_ mapping: Mapping, where isWanted: (Line) -> Bool) {
      for set in sets.indices {
        for index in sets[set].indices where isWanted(sets[set][index]) { sets[set][index].mapping = mapping }
      }
    }
  }

  struct Level {
    var caches: [Cache?]

    /// The size in which a page is held.
    func held(_ size: Int) -> Int? { (0...size).last { caches[$0] != nil } }
  }

  final class Unit {
    var slots: [(context: UInt64, generation: UInt64)] = Array(repeating: (0, 0), count: 6)
    var current = 0
    var next = 1
    var isLazy = false
    /// Reads, writes, fetches, second level of data and of fetches.
    let levels: [Level]
    let walkCaches: [Cache?]
    /// Each cache once.
    let all: [Cache]

    init(_ configuration: TLBConfiguration) {
      var all: [Cache] = []
      func make(_ geometry: TLBGeometry) -> Cache {
        let cache = Cache(geometry)
        all.append(cache)
        return cache
      }
      func level(_ level: TLBLevel) -> Level {
        guard let base = level.base.map(make) else { return Level(caches: [nil, nil, nil]) }
        func buffer(_ buffer: TLBLevel.Buffer) -> Cache? {
          switch buffer {
          case .none: nil
          case .shared: base
          case .own(let geometry): make(geometry)
          }
        }
        return Level(caches: [base, buffer(level.large), buffer(level.huge)])
      }
      let data = level(configuration.data)
      let store = configuration.store.map(level) ?? data
      let fetch = level(configuration.instruction)
      let second = level(configuration.second)
      let secondFetch = configuration.secondInstruction.map(level) ?? second
      levels = [data, store, fetch, second, secondFetch]
      var caches: [Cache?] = []
      let shapes = configuration.walkCaches
      for cache in [shapes.pde, shapes.pdpte, shapes.pml4e, shapes.pml5e] {
        switch cache {
        case .none: caches.append(nil)
        case .own(let geometry): caches.append(make(geometry))
        case .secondLevel: caches.append(second.caches[0])
        case .below: caches.append(caches.last ?? nil)
        }
      }
      walkCaches = caches
      self.all = all
    }
  }

  /// An address space: its mappings by level and first page, and the tables below each entry.
  struct Space {
    var mappings: [[UInt64: Mapping]] = [[:], [:], [:]]
    var tables: [Set<UInt64>] = Array(repeating: [], count: 5)
    var generation: UInt64 = 1
  }

  let geometry: PageTableGeometry
  let hasContexts: Bool
  var units: [Unit]
  var spaces: [UInt64: Space] = [:]
  var statistics = TLBStatistics()

  init(_ geometry: PageTableGeometry, _ configuration: TLBConfiguration, processors: Int) {
    self.geometry = geometry
    hasContexts = configuration.processContexts
    units = (0..<processors).map { _ in Unit(configuration) }
  }

  private func span(_ level: Int) -> UInt64 { geometry.span(level) }
  private func first(_ page: UInt64, _ level: Int) -> UInt64 { page / span(level) * span(level) }

  // MARK: Tables

  func set(_ context: UInt64, _ page: UInt64, _ mapping: Mapping?, size: Int = 0) {
    spaces[context, default: Space()].mappings[size][first(page, size)] = mapping
    for level in (size + 1)..<max(geometry.levelCount, size + 1) {
      spaces[context]?.tables[level].insert(first(page, level))
    }
  }

  // MARK: Accesses

  enum Outcome: Equatable {
    case done(frame: UInt32)
    case fault
  }

  private func permits(_ mapping: Mapping, _ kind: AccessKind, isUser: Bool) -> Bool {
    switch kind {
    case .read: isUser ? mapping.isUser : !mapping.isUser
    case .write: (isUser ? mapping.isUser : !mapping.isUser) && mapping.isWritable
    case .fetch: (isUser ? mapping.isUser : !mapping.isUser) && mapping.isExecutable
    }
  }

  private func use(_ level: Level, _ page: UInt64, _ slot: Int) -> Line? {
    if let line = level.caches[0]?.use(0, page, page, slot) { return line }
    for size in 0..<3 {
      guard let cache = level.caches[size] else { continue }
      let first = first(page, size)
      if let line = cache.use(size, first, first / span(size), slot) { return line }
      if let line = cache.use(size, first, first / span(size), nil) { return line }
    }
    return nil
  }

  private func fill(_ level: Level, _ page: UInt64, _ mapping: Mapping, _ slot: Int) {
    guard let size = level.held(mapping.size) else { return }
    let first = first(page, size)
    level.caches[size]?.add(
      Line(kind: size, first: first, slot: mapping.isGlobal ? nil : slot, mapping: mapping), first / span(size))
  }

  func access(
    _ context: UInt64, _ page: UInt64, _ kind: AccessKind, isUser: Bool, on processor: Int
  ) -> Outcome {
    let unit = units[processor]
    let first = unit.levels[Int(kind.rawValue)]
    let second = unit.levels[kind == .fetch ? 4 : 3]
    var line = use(first, page, unit.current)
    if line == nil {
      statistics.firstLevelMisses += 1
      line = use(second, page, unit.current)
      if let line {
        statistics.secondLevelHits += 1
        fill(first, page, line.mapping, unit.current)
      }
    }
    if let mapping = line?.mapping, permits(mapping, kind, isUser: isUser), kind != .write || mapping.isDirty {
      return .done(frame: mapping.frame + UInt32(page % span(mapping.size)))
    }
    return walk(context, page, kind, isUser, unit, first, second, isHeld: line != nil)
  }

  private func walk(
    _ context: UInt64, _ page: UInt64, _ kind: AccessKind, _ isUser: Bool, _ unit: Unit, _ firstLevel: Level,
    _ secondLevel: Level, isHeld: Bool
  ) -> Outcome {
    statistics.walks += 1
    let space = spaces[context] ?? Space()
    var level = geometry.levelCount - 1
    if geometry.hasRootRegisters {
      guard space.tables[level].contains(first(page, level)) else { return fault(page, unit) }
      level -= 1
    }
    for deepest in 1..<geometry.levelCount {
      let first = first(page, deepest)
      if unit.walkCaches[deepest - 1]?.use(deepest + 2, first, first / span(deepest), unit.current) != nil {
        statistics.walkCacheHits.count(level: deepest)
        level = deepest - 1
        break
      }
    }
    while true {
      statistics.walkReferences += 1
      if level <= 2, let mapping = space.mappings[level][first(page, level)] {
        return finish(context, page, kind, isUser, unit, firstLevel, secondLevel, isHeld, mapping)
      }
      guard level > 0, space.tables[level].contains(first(page, level)) else { return fault(page, unit) }
      let first = first(page, level)
      unit.walkCaches[level - 1]?.add(
        Line(
          kind: level + 2, first: first, slot: unit.current,
          mapping: Mapping(frame: 0, size: 0, isWritable: true, isUser: true, isExecutable: true)),
        first / span(level))
      level -= 1
    }
  }

  private func finish(
    _ context: UInt64, _ page: UInt64, _ kind: AccessKind, _ isUser: Bool, _ unit: Unit, _ firstLevel: Level,
    _ secondLevel: Level, _ isHeld: Bool, _ mapping: Mapping
  ) -> Outcome {
    guard permits(mapping, kind, isUser: isUser) else { return fault(page, unit) }
    var marked = mapping
    if kind == .write { marked.isDirty = true }
    spaces[context]?.mappings[mapping.size][first(page, mapping.size)] = marked
    if mapping.isGlobal && kind == .write {
      // The kernel's pages are the same in all spaces.
      for other in spaces.keys { spaces[other]?.mappings[mapping.size][first(page, mapping.size)] = marked }
    }
    if isHeld {
      for level in [firstLevel, secondLevel] {
        for size in 0..<3 {
          level.caches[size]?.set(marked) {
            $0.kind == size && $0.first == self.first(page, size) && ($0.slot == unit.current || $0.slot == nil)
          }
        }
      }
    } else {
      fill(secondLevel, page, marked, unit.current)
      fill(firstLevel, page, marked, unit.current)
    }
    return .done(frame: mapping.frame + UInt32(page % span(mapping.size)))
  }

  private func fault(_ page: UInt64, _ unit: Unit) -> Outcome {
    drop(page, unit)
    for level in 1..<geometry.levelCount {
      unit.walkCaches[level - 1]?.remove {
        $0.kind == level + 2 && $0.first == self.first(page, level) && $0.slot == unit.current
      }
    }
    return .fault
  }

  /// Forgets a page, with all parts of the page that was broken up for it.
  private func drop(_ page: UInt64, _ unit: Unit) {
    for cache in unit.all {
      cache.remove {
        $0.kind <= 2 && ($0.slot == unit.current || $0.slot == nil)
          && self.first(page, $0.mapping.size) == self.first($0.first, $0.mapping.size)
          && ($0.kind < $0.mapping.size || $0.first == self.first(page, $0.kind))
      }
    }
  }

  // MARK: Switches and flushes

  func load(_ context: UInt64, on processor: Int) {
    load(context, generation: spaces[context]?.generation ?? 1, on: units[processor])
  }

  private func load(_ context: UInt64, generation: UInt64, on unit: Unit) {
    let wasLazy = unit.isLazy
    unit.isLazy = false
    if unit.slots[unit.current].context == context {
      if wasLazy && unit.slots[unit.current].generation < generation { empty(unit, unit.current) }
      unit.slots[unit.current].generation = generation
      return
    }
    if !hasContexts {
      if unit.slots[0].context != 0 { empty(unit, 0) }
    } else if let known = unit.slots.firstIndex(where: { $0.context == context }) {
      unit.current = known
      if unit.slots[known].generation < generation { empty(unit, known) }
    } else {
      unit.current = unit.next
      unit.next = (unit.next + 1) % 6
      if unit.slots[unit.current].context != 0 { empty(unit, unit.current) }
    }
    unit.slots[unit.current] = (context, generation)
  }

  func enterLazy(_ context: UInt64, on processor: Int) {
    if units[processor].slots[units[processor].current].context == context { units[processor].isLazy = true }
  }

  private func empty(_ unit: Unit, _ slot: Int) {
    statistics.fullFlushes += 1
    for cache in unit.all { cache.remove { $0.slot == slot } }
  }

  func flush(
    _ context: UInt64, _ start: UInt64, _ end: UInt64, stride: UInt64, freesTables: Bool, by initiator: Int
  ) {
    spaces[context]?.generation += 1
    let generation = spaces[context]?.generation ?? 0
    let loaded = units.indices.filter { units[$0].slots[units[$0].current].context == context }
    let isShared = loaded.contains { $0 != initiator }
    for processor in loaded {
      let unit = units[processor]
      if unit.isLazy && isShared && !freesTables { continue }
      if processor != initiator { statistics.interrupts += 1 }
      if unit.isLazy {
        load(.max, generation: 1, on: unit)
        continue
      }
      let isFull = (end - start) >> stride > 33 || freesTables && geometry.hasRootRegisters
      if isFull || unit.slots[unit.current].generation + 1 != generation {
        empty(unit, unit.current)
      } else {
        invalidate(start, end, stride, unit)
      }
      unit.slots[unit.current].generation = generation
    }
  }

  private func invalidate(_ start: UInt64, _ end: UInt64, _ stride: UInt64, _ unit: Unit) {
    var page = start
    while page < end {
      statistics.pageFlushes += 1
      drop(page, unit)
      page += 1 << stride
    }
    for cache in unit.all { cache.remove { $0.kind > 2 && $0.slot == unit.current } }
  }

  func flushKernel(_ start: UInt64, _ end: UInt64, by initiator: Int) {
    for (processor, unit) in units.enumerated() {
      if processor != initiator { statistics.interrupts += 1 }
      if end - start > 33 {
        statistics.fullFlushes += 1
        for cache in unit.all { cache.remove { _ in true } }
      } else {
        invalidate(start, end, 0, unit)
      }
    }
  }
}
