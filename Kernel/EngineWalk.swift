/// The walk of an address through a process's tables. Stands in for the engine's own `Machine.walk`, of which it has
/// the names used here: once that is there, this file goes.
struct PageTableWalk {
  struct Step {
    let level: Int
    /// Where the entry stands.
    let place: PhysicalAddress
    let entry: PageTableEntry
  }

  enum End: Equatable {
    case mapped(PhysicalAddress)
    case notCanonical
    /// No page, for whatever reason.
    case empty
  }

  private(set) var steps: InlineArray<5, Step>
  private(set) var stepCount = 0
  private(set) var end = End.notCanonical

  fileprivate init<P: Platform & ~Copyable>(
    _ address: VirtualAddress, _ root: FrameNumber, _ translation: borrowing Translation<P>
  ) {
    let geometry = translation.geometry
    steps = InlineArray(repeating: Step(level: 0, place: PhysicalAddress(0), entry: .empty))
    guard geometry.isCanonical(address.page) else { return }
    var table = root
    var level = geometry.top
    while true {
      let place = EntryPlace(table: table, index: geometry.index(address.page, level))
      let entry = translation.entry(place)
      steps[stepCount] = Step(
        level: level, place: PhysicalAddress(table.address.rawValue + UInt64(place.index * 8)), entry: entry)
      stepCount += 1
      guard entry.isPresent else {
        end = .empty
        return
      }
      if level == 0 || entry.isLarge {
        let span = geometry.span(level)
        let offset = address.rawValue & (span << UInt64(PageSize.shift) - 1)
        end = .mapped(PhysicalAddress(entry.frame(span: span).address.rawValue + offset))
        return
      }
      table = entry.frame
      level -= 1
    }
  }

  var last: Step? { stepCount == 0 ? nil : steps[stepCount - 1] }
  var isWritable: Bool { allows { $0.isWritable } }
  var isUser: Bool { allows { $0.rawValue & PageTableEntry.user != 0 } }
  var isExecutable: Bool { allows { $0.isExecutable } }

  private func allows(_ right: (PageTableEntry) -> Bool) -> Bool {
    guard case .mapped = end else { return false }
    for number in 0..<stepCount where !right(steps[number].entry) { return false }
    return true
  }
}

extension Machine where P: ~Copyable {
  func walk(_ process: ProcessIndex, _ address: VirtualAddress) -> PageTableWalk? {
    let space = processes[process.rawValue].space
    guard space != .none else { return nil }
    return PageTableWalk(address, spaces.descriptors[space.rawValue].context.root, spaces.translation)
  }
}
