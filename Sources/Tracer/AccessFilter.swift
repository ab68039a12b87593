import CQemuPlugin

/// Leaves out accesses that cannot change any translation buffer; see ``FilterGeometry`` for the rule.
///
/// A page stands in a table at its number modulo 4096, so that the common question, "is it among the recent ones of
/// its set, with this right?", is one load and one comparison, and noting the use is one store. The members of each
/// set are listed beside; their order is worked out only when another page enters.
struct AccessFilter {
  let words: UnsafeMutablePointer<UInt64>

  /// Places of the table: so many that two busy pages seldom want the same.
  static let places = 4096
  /// Two words a place, on one cache line: page number << 1 | may write, or 0; and when the page was last used.
  static let tags = 0
  static let used = 1
  /// The number its last listing had, a word a place: listings are counted, since several happen at one time.
  static let listed = 2 * places
  /// The places of each set's members in the table, `ways` a set.
  static let members = 3 * places
  /// The number of members of each set.
  static let counts = members + FilterGeometry.sets * FilterGeometry.ways
  /// The number of the last listing.
  static let listing = counts + FilterGeometry.sets
  static let wordCount = listing + 1

  /// The place of a page.
  @inline(__always)
  static func place(_ page: UInt64) -> Int { Int(page & UInt64(places - 1)) }

  /// Forgets all pages.
  func clear() {
    for set in 0..<FilterGeometry.sets {
      let members = words + AccessFilter.members + set * FilterGeometry.ways
      for index in 0..<Int(words[AccessFilter.counts + set]) {
        words[AccessFilter.tags + 2 * Int(members[index])] = 0
      }
      words[AccessFilter.counts + set] = 0
    }
  }

  /// Lists an access that the table did not know, after those it would disturb.
  ///
  /// - Parameters:
  ///   - time: now, on the clock of `used`.
  ///   - list: called with the page of each access to be listed and whether it writes.
  @inline(__always)
  func enter(
    _ page: UInt64, writes: Bool, time: UInt64, list: (_ page: UInt64, _ writes: Bool) -> Void
  ) {
    let place = AccessFilter.place(page)
    let set = Int(page) & (FilterGeometry.sets - 1)
    let tag = words[AccessFilter.tags + 2 * place]
    if tag != 0 && tag >> 1 == page {
      // Known without the right to write. Its use now makes it the newest of its set.
      words[AccessFilter.tags + 2 * place] = page << 1 | 1
      words[AccessFilter.used + 2 * place] = time
      words[AccessFilter.listed + place] = nextListing()
      list(page, true)
      return
    }
    restoreOrder(set, list: list)
    var count = Int(words[AccessFilter.counts + set])
    let members = words + AccessFilter.members + set * FilterGeometry.ways
    if tag != 0 {
      // Another page of the set stands in the table's place. It leaves, and with it all that are older, so that the
      // members stay the most recently used pages without a gap: only then are they in every buffer.
      var index = 0
      while index < count && Int(members[index]) != place { index += 1 }
      remove(index + 1, from: members, &count)
    } else if count == FilterGeometry.ways {
      remove(1, from: members, &count)
    }
    members[count] = UInt64(place)
    words[AccessFilter.counts + set] = UInt64(count + 1)
    words[AccessFilter.tags + 2 * place] = page << 1 | (writes ? 1 : 0)
    words[AccessFilter.used + 2 * place] = time
    words[AccessFilter.listed + place] = nextListing()
    list(page, writes)
  }

  /// Lists again what is needed for every set's order to be known, before the filter is emptied.
  ///
  /// Adds at most ``mostRestored`` accesses.
  func restoreAllOrders(list: (_ page: UInt64, _ writes: Bool) -> Void) {
    for set in 0..<FilterGeometry.sets where words[AccessFilter.counts + set] > 1 {
      restoreOrder(set, list: list)
    }
  }

  static let mostRestored = FilterGeometry.sets * (FilterGeometry.ways - 1)

  @inline(__always)
  private func nextListing() -> UInt64 {
    words[AccessFilter.listing] += 1
    return words[AccessFilter.listing]
  }

  /// Forgets the oldest `number` members.
  @inline(__always)
  private func remove(
    _ number: Int, from members: UnsafeMutablePointer<UInt64>, _ count: inout Int
  ) {
    for index in 0..<number { words[AccessFilter.tags + 2 * Int(members[index])] = 0 }
    for index in number..<count { members[index - number] = members[index] }
    count -= number
  }

  /// Sorts a set's members by their last use, oldest first, and lists those again whose listed order differs.
  @inline(__always)
  private func restoreOrder(
    _ set: Int, list: (_ page: UInt64, _ writes: Bool) -> Void
  ) {
    let count = Int(words[AccessFilter.counts + set])
    let members = words + AccessFilter.members + set * FilterGeometry.ways
    var index = 1
    while index < count {
      var place = index
      while place > 0
        && words[AccessFilter.used + 2 * Int(members[place])]
          < words[AccessFilter.used + 2 * Int(members[place - 1])]
      {
        let other = members[place]
        members[place] = members[place - 1]
        members[place - 1] = other
        place -= 1
      }
      index += 1
    }
    // The members up to the first that was listed too early keep their order; the rest follows anew.
    var last: UInt64 = 0
    index = 0
    while index < count {
      let listed = words[AccessFilter.listed + Int(members[index])]
      if listed < last { break }
      last = listed
      index += 1
    }
    while index < count {
      let place = Int(members[index])
      words[AccessFilter.listed + place] = nextListing()
      list(words[AccessFilter.tags + 2 * place] >> 1, false)
      index += 1
    }
  }
}
