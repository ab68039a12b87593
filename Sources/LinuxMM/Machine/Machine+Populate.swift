/// Pages brought before they are touched (`mm/gup.c`).
extension Machine where P: ~Copyable {
  /// Brings the pages of the areas in a range of pages (`mm/gup.c:__mm_populate`).
  ///
  /// - Parameter ignoresErrors: whether to go on with the next area where one fails.
  /// - Returns: `EFAULT` for pages that cannot be had, `ENOMEM` if there is no memory, or `nil`.
  mutating func populate(_ process: ProcessIndex, _ range: Range<UInt64>, ignoresErrors: Bool) -> Errno? {
    var next = VirtualPage(range.lowerBound)
    let end = VirtualPage(range.upperBound)
    while next < end {
      let space = processes[process.rawValue].space
      guard space != .none else { return nil }
      let place = spaces.firstArea(space, endingAbove: next)
      guard place != AreaTree.none, spaces.areas[place].start < end else { return nil }
      let area = spaces.areas[place]
      let stop = min(end, area.end)
      next = max(next, area.start)
      guard area.flags.isDisjoint(with: [.device, .frameMap]), !area.flags.contains(.lockOnFault) else {
        next = stop
        continue
      }
      // Writable private pages are copied at once; shared ones are not made dirty for nothing.
      let writes = area.flags.intersection([.write, .shared]) == .write
      var error: Errno? = area.isAccessible ? nil : .EFAULT
      while error == nil, next < stop {
        error = bring(process, place, next, writes: writes)
        if error == nil { next = next + 1 }
      }
      if error != nil {
        if !ignoresErrors { return error }
        next = stop
      }
    }
    return nil
  }

  /// MADV_POPULATE_READ and MADV_POPULATE_WRITE (`mm/madvise.c:madvise_populate`).
  mutating func populate(_ process: ProcessIndex, _ range: Range<VirtualPage>, writes: Bool) throws(Errno) {
    var next = range.lowerBound
    var hole = false
    while next < range.upperBound {
      let space = processes[process.rawValue].space
      guard space != .none else { return }
      let place = spaces.firstArea(space, endingAbove: next)
      guard place != AreaTree.none else { throw .ENOMEM }
      let area = spaces.areas[place]
      if next < area.start {
        if spaces.settings.rules.contains(.populateStopsAtHoles) { throw .ENOMEM }
        hole = true
        next = area.start
        continue
      }
      guard area.flags.isDisjoint(with: [.device, .frameMap]), area.flags.contains(writes ? .write : .read) else {
        throw .EINVAL
      }
      let stop = min(range.upperBound, area.end)
      while next < stop {
        if let error = bring(process, place, next, writes: writes) { throw error }
        next = next + 1
      }
    }
    if hole { throw .ENOMEM }
  }

  /// Brings one page of an area unless it is there (`mm/gup.c:__get_user_pages`).
  private mutating func bring(_ process: ProcessIndex, _ area: UInt32, _ page: VirtualPage, writes: Bool) -> Errno? {
    while true {
      let space = processes[process.rawValue].space
      guard space != .none else { return .EINTR }
      let root = spaces.descriptors[space.rawValue].context.root
      if let place = spaces.translation.place(root, page) {
        let entry = spaces.translation.entry(place)
        if entry.isPresent, !writes || entry.isWritable {
          if writes && !entry.isDirty { spaces.markDirty(entry.frame) }
          return nil
        }
      }
      switch resolve(process, space, area, page, writes: writes) {
      case .done: continue
      case .killed: return .EINTR
      case .refused, .waiting, .reading: return .EFAULT
      }
    }
  }
}
