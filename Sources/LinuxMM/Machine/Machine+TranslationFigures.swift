/// Whose accesses miss the translation buffers.
extension Machine where P: ~Copyable {
  /// The areas that missed the first level, in the order they first did so.
  public var areaFigures: [AreaFigures] {
    var result: [AreaFigures] = []
    for number in 0..<areaFigureTable.limit { result.append(areaFigureTable[UInt32(number)]) }
    if owner.area.figures != Area.noFigures { result[Int(owner.area.figures)].figures.add(now, since: owner.since) }
    return result
  }

  /// What a process's accesses did in the translation buffers.
  func translationFigures(of process: ProcessIndex) -> TranslationFigures {
    var result = processes[process.rawValue].translation
    if owner.process == process { result.add(now, since: owner.since) }
    return result
  }

  private var now: TranslationFigures { TranslationFigures(spaces.translation.processors.statistics) }

  /// Lets what the buffers do from here on be that of a process and its area around a page.
  ///
  /// - Complexity: O(1) as a rule, O(log areas) where the area was not used lately.
  @inline(__always)
  mutating func attribute(_ process: ProcessIndex, _ page: VirtualPage) {
    if owner.process == process && owner.area.holds(page, spaces.areaChanges) { return }
    changeOwner(process, page)
  }

  /// The area around a page of a process, if its accesses have just been there, else `AreaTree.none`.
  @inline(__always)
  func recentArea(_ process: ProcessIndex, _ page: VirtualPage) -> UInt32 {
    owner.process == process && owner.area.holds(page, spaces.areaChanges) ? owner.area.area : AreaTree.none
  }

  @inline(never)
  private mutating func changeOwner(_ process: ProcessIndex, _ page: VirtualPage) {
    let now = now
    if let last = owner.process {
      processes[last.rawValue].translation.add(now, since: owner.since)
      let figures = owner.area.figures
      if figures != Area.noFigures { areaFigureTable[figures].figures.add(now, since: owner.since) }
    }
    let space = processes[process.rawValue].space
    let context = spaces.descriptors[space.rawValue].context.identifier
    let index = AreaLookaside.index(context, page)
    if areaLookasides[index].space != context || !areaLookasides[index].holds(page, spaces.areaChanges) {
      areaLookasides[index] = lookaside(process, space, page)
    }
    owner = TranslationOwner(process: process, area: areaLookasides[index], since: now)
  }

  @inline(never)
  private mutating func lookaside(
    _ process: ProcessIndex, _ space: SpaceIndex, _ page: VirtualPage
  ) -> AreaLookaside {
    let place = spaces.area(space, containing: page)
    guard place != AreaTree.none else { return AreaLookaside() }
    let area = spaces.areas[place]
    let context = spaces.descriptors[space.rawValue].context.identifier
    var figures = area.figures
    if figures == Area.noFigures || areaFigureTable[figures].space != context {
      figures = Area.noFigures
      if areaFigureTable.limit < AreaFigures.most {
        figures = areaFigureTable.insert(
          AreaFigures(
            process: process, start: area.start, end: area.end, flags: area.flags, kind: kind(of: area, space),
            space: context))
      }
      spaces.areas[place].figures = figures
    } else {
      areaFigureTable[figures].start = min(areaFigureTable[figures].start, area.start)
      areaFigureTable[figures].end = max(areaFigureTable[figures].end, area.end)
    }
    return AreaLookaside(
      changes: spaces.areaChanges, space: context, start: area.start, end: area.end, area: place, figures: figures)
  }

  private func kind(of area: Area, _ space: SpaceIndex) -> AreaFigures.Kind {
    if area.file != .none {
      let file = spaces.cache.files[area.file.rawValue]
      // Objects without a name are on the kernel's own file system, 0:1.
      return file.isSharedMemory && file.identity.device == 1 ? .sharedMemory : .file(file.identity)
    }
    let descriptor = spaces.descriptors[space.rawValue]
    if area.start < VirtualPage.end(of: descriptor.breakEnd, length: 0) && descriptor.breakStart.page < area.end {
      return .heap
    }
    return area.flags.contains(.growsDown) ? .stack : .anonymous
  }
}
