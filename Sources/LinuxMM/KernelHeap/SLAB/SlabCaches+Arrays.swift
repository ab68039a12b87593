/// A processor's array, in its slot's magazine.
extension SlabCaches {
  /// Lets a processor have an array, if there is a magazine for it.
  func setArray(_ slot: Int, _ limit: Int) {
    let magazine = magazines.take()
    guard magazine != 0 else { return }
    slots[slot].first = Magazines.place(magazine)
    slots[slot].top = slots[slot].first
    slots[slot].limit = slots[slot].first + limit
  }

  /// Takes a processor's empty array away.
  func dropArray(_ slot: Int) {
    guard slots[slot].first != 0 else { return }
    magazines.give(Magazines.magazine(at: slots[slot].first))
    slots[slot].first = 0
    slots[slot].top = 0
    slots[slot].limit = 0
  }

  func push(_ object: UInt64, _ slot: Int) {
    magazines.places[slots[slot].top] = object
    slots[slot].top += 1
  }

  /// Lets the newer ones move up.
  func removeOldest(_ count: Int, _ slot: Int) {
    let first = slots[slot].first
    slots[slot].top -= count
    for place in first..<slots[slot].top { magazines.places[place] = magazines.places[place + count] }
  }
}
