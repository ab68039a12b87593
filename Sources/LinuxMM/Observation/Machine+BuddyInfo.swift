extension Machine where P: ~Copyable {
  /// The text of `/proc/buddyinfo`: free blocks by order, a line for each zone that has frames.
  public var buddyInfo: [UInt8] {
    var text: [UInt8] = []
    func pad(_ count: Int) { for _ in 0..<max(count, 0) { text.append(0x20) } }
    for kind in ZoneKind.allCases {
      let zone = kind.rawValue
      guard spaces.translation.memory.zones[zone].managed > 0 else { continue }
      text.append(text: "Node 0, zone ")
      pad(8 - kind.name.utf8CodeUnitCount)
      text.append(text: kind.name)
      text.append(0x20)
      for order in 0..<PageOrder.count {
        var count = spaces.translation.memory.zones[zone].lists[order].count
        if order == PageOrder.largest.index {
          count += spaces.translation.memory.zones[zone].pristineBlocks
        }
        var digits: [UInt8] = []
        repeat {
          digits.append(UInt8(0x30 + count % 10))
          count /= 10
        } while count > 0
        pad(6 - digits.count)
        text.append(contentsOf: digits.reversed())
        text.append(0x20)
      }
      text.append(0x0a)
    }
    return text
  }
}
