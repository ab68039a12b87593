import LinuxMM

/// Which pages of one or several areas are where, in slices of equally many pages.
struct PageStrip {
  /// Where a page is.
  enum Residence: Int, CaseIterable {
    /// In memory, for this process alone.
    case own
    /// In memory, mapped by others too; also the page of zeros.
    case shared
    case swapped
  }

  /// The shares of a slice by kind and place, from 0 to 1; the rest is nowhere.
  struct Slice: Equatable {
    private var pages = [Double](repeating: 0, count: AreaKind.allCases.count * Residence.allCases.count)

    mutating func add(_ kind: AreaKind, _ place: Residence, _ share: Double) {
      pages[kind.rawValue * Residence.allCases.count + place.rawValue] += share
    }

    func share(_ kind: AreaKind, _ place: Residence) -> Double {
      pages[kind.rawValue * Residence.allCases.count + place.rawValue]
    }
  }

  private(set) var slices: [Slice]
  private let total: Double

  /// - Parameters:
  ///   - areas: with their kinds, ascending.
  ///   - most: the largest number of slices; there are no more than pages.
  init(_ areas: ArraySlice<(area: ProcessArea, kind: AreaKind)>, _ tables: KeptPageTables, most: Int) {
    let count = areas.reduce(0) { $0 + $1.area.pages.count }
    slices = Array(repeating: Slice(), count: max(1, min(most, count)))
    total = Double(max(1, count))
    var before: UInt64 = 0
    for (area, kind) in areas {
      tables.forEach(area.pages, isNew: false) { pages, entry in
        guard entry.isPresent || entry.isSwapped else { return }
        let place: Residence = entry.isSwapped ? .swapped : entry.isExclusive ? .own : .shared
        for page in pages { add(Double(before + page - area.pages.lowerBound), kind, place) }
      }
      before += UInt64(area.pages.count)
    }
  }

  /// Adds a page to the slices that it lies in.
  private mutating func add(_ position: Double, _ kind: AreaKind, _ place: Residence) {
    let scale = Double(slices.count) / total
    let low = position * scale
    let high = (position + 1) * scale
    for slice in Int(low)...min(Int(high), slices.count - 1) {
      let share = min(high, Double(slice + 1)) - max(low, Double(slice))
      if share > 0 { slices[slice].add(kind, place, share) }
    }
  }
}
