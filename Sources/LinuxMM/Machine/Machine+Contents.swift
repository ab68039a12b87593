/// The bytes of a process's memory, where the platform holds them.
extension Machine where P: ~Copyable {
  /// The byte at an address, or `nil` if no page is there.
  public func byte(_ process: ProcessIndex, at address: VirtualAddress) -> UInt8? {
    guard let frame = residentFrame(process, address.page) else { return nil }
    let (index, shift) = place(of: address)
    return UInt8(truncatingIfNeeded: spaces.translation.platform.word(index, of: frame) >> shift)
  }

  /// Changes the byte at an address, whatever the process may do there; nothing if no page is there.
  public func setByte(_ process: ProcessIndex, at address: VirtualAddress, to value: UInt8) {
    guard let frame = residentFrame(process, address.page) else { return }
    let (index, shift) = place(of: address)
    let word = spaces.translation.platform.word(index, of: frame)
    spaces.translation.platform.setWord(
      index, of: frame, to: word & ~(0xff << shift) | UInt64(value) << shift)
  }

  /// The byte of a file, or `nil` if its page is neither in the page cache nor in swap.
  public func byte(_ file: FileIndex, at offset: UInt64) -> UInt8? {
    let (index, shift) = place(of: VirtualAddress(offset))
    let position = offset >> UInt64(PageSize.shift)
    if let slot = spaces.cache.slot(file, position) {
      return UInt8(truncatingIfNeeded: spaces.swap.contents[spaces.swap.place(slot) * 512 + index] >> shift)
    }
    guard let frame = spaces.cache.find(file, position) else { return nil }
    return UInt8(truncatingIfNeeded: spaces.translation.platform.word(index, of: frame) >> shift)
  }

  /// Changes the byte of a file; nothing if its page is not in the page cache.
  public func setByte(_ file: FileIndex, at offset: UInt64, to value: UInt8) {
    guard let frame = spaces.cache.find(file, offset >> UInt64(PageSize.shift)) else { return }
    let (index, shift) = place(of: VirtualAddress(offset))
    let word = spaces.translation.platform.word(index, of: frame)
    spaces.translation.platform.setWord(index, of: frame, to: word & ~(0xff << shift) | UInt64(value) << shift)
  }

  private func place(of address: VirtualAddress) -> (index: Int, shift: UInt64) {
    let offset = address.rawValue & PageSize.mask
    return (Int(offset >> 3), (offset & 7) * 8)
  }

  private func residentFrame(_ process: ProcessIndex, _ page: VirtualPage) -> FrameNumber? {
    let space = processes[process.rawValue].space
    guard space != .none else { return nil }
    let root = spaces.descriptors[space.rawValue].context.root
    guard let place = spaces.translation.place(root, page) else { return nil }
    let entry = spaces.translation.entry(place)
    return entry.holdsPage ? entry.frame : nil
  }
}
