extension Platform where Self: ~Copyable {
  /// The byte at an address of RAM.
  func byte(at address: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: word(at: PhysicalAddress(address & ~7)) >> ((address & 7) << 3))
  }

  /// Gives a range of bytes one value.
  func fill(_ start: UInt64, _ count: Int, with value: UInt8) {
    var address = start
    let end = start + UInt64(max(count, 0))
    while address < end && address & 7 != 0 {
      setByte(at: address, to: value)
      address += 1
    }
    while address + 8 <= end {
      setWord(at: PhysicalAddress(address), to: UInt64(value) &* 0x0101_0101_0101_0101)
      address += 8
    }
    while address < end {
      setByte(at: address, to: value)
      address += 1
    }
  }

  /// Copies bytes; both addresses are multiples of 8.
  func copy(_ source: UInt64, to target: UInt64, _ count: Int) {
    var offset: UInt64 = 0
    while offset + 8 <= UInt64(count) {
      setWord(at: PhysicalAddress(target + offset), to: word(at: PhysicalAddress(source + offset)))
      offset += 8
    }
    while offset < UInt64(count) {
      setByte(at: target + offset, to: byte(at: source + offset))
      offset += 1
    }
  }

  /// The first byte of a range that is not `value`, 0 if all are (`mm/slub.c:memchr_inv`).
  func firstOther(_ start: UInt64, _ count: Int, than value: UInt8) -> UInt64 {
    var address = start
    let end = start + UInt64(max(count, 0))
    let all = UInt64(value) &* 0x0101_0101_0101_0101
    while address < end {
      if address & 7 == 0 && address + 8 <= end && word(at: PhysicalAddress(address)) == all {
        address += 8
      } else if byte(at: address) != value {
        return address
      } else {
        address += 1
      }
    }
    return 0
  }
}

extension Platform where Self: ~Copyable {
  /// The two bytes at an even address of RAM, as a number with a sign.
  func half(at address: UInt64) -> Int16 {
    Int16(truncatingIfNeeded: word(at: PhysicalAddress(address & ~7)) >> ((address & 7) << 3))
  }

  func setHalf(at address: UInt64, to value: Int16) {
    setByte(at: address, to: UInt8(truncatingIfNeeded: value))
    setByte(at: address + 1, to: UInt8(truncatingIfNeeded: value >> 8))
  }
}
