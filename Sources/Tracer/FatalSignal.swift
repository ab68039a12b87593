import CQemuPlugin

/// Hands over what is left when a signal kills the program.
///
/// QEMU then ends itself with kill(2) and calls no plugin. So the tracer puts a function of its own into the place
/// where QEMU's program keeps the address of `kill`. Where that place is not found, the last slices are lost, and the
/// report says that they may be.
enum FatalSignal {
  /// Takes the place of `kill` in QEMU.
  static func watch() {
    guard let place = findKillPlace() else { return }
    let page = UInt(bitPattern: place) & ~4095
    guard mprotect(UnsafeMutableRawPointer(bitPattern: page), 4096, PROT_READ | PROT_WRITE) == 0 else { return }
    let replacement: @convention(c) (Int32, Int32) -> Int32 = killInstead
    place.storeBytes(of: UInt(bitPattern: unsafeBitCast(replacement, to: Int.self)), as: UInt.self)
  }

  /// Where the dynamic linker stored the address of `kill` for the main program: the relocation with that name
  /// (ELF: DT_RELA and DT_JMPREL, entries of 24 bytes).
  private static func findKillPlace() -> UnsafeMutableRawPointer? {
    guard let map = quire_main_link_map(), let first = map.pointee.l_ld else { return nil }
    var section = first
    var symbols: UInt = 0
    var names: UInt = 0
    var tables: (UInt, UInt) = (0, 0)
    var sizes: (UInt, UInt) = (0, 0)
    while section.pointee.d_tag != 0 {
      let value = UInt(section.pointee.d_un.d_val)
      switch section.pointee.d_tag {
      case 6: symbols = value  // DT_SYMTAB
      case 5: names = value  // DT_STRTAB
      case 7: tables.0 = value  // DT_RELA
      case 8: sizes.0 = value  // DT_RELASZ
      case 23: tables.1 = value  // DT_JMPREL
      case 2: sizes.1 = value  // DT_PLTRELSZ
      default: break
      }
      section += 1
    }
    guard symbols != 0, names != 0 else { return nil }
    func search(_ table: UInt, _ size: UInt) -> UnsafeMutableRawPointer? {
      guard table != 0 else { return nil }
      for entry in stride(from: UInt64(table), to: UInt64(table + size), by: 24) {
        let symbol = guestWord(entry + 8) >> 32
        let name = guestWord(UInt64(symbols) + symbol * 24) & 0xffff_ffff
        if symbol != 0, strcmp(guestText(UInt64(names) + name), "kill") == 0 {
          return UnsafeMutableRawPointer(bitPattern: UInt(map.pointee.l_addr) + UInt(guestWord(entry)))
        }
      }
      return nil
    }
    return search(tables.0, sizes.0) ?? search(tables.1, sizes.1)
  }
}

/// kill(2) for QEMU: when it ends itself, the slices of all threads go first.
private func killInstead(_ process: Int32, _ signal: Int32) -> Int32 {
  if process == getpid() {
    exitStatus = 128 + UInt64(signal)
    handOverRest()
  }
  return kill(process, signal)
}
