extension AddressSpaces where P: ~Copyable {
  /// The mapping that stands for a call of remap_file_pages (`mm/mmap.c:remap_file_pages`).
  ///
  /// - Parameters:
  ///   - protection: must be 0.
  ///   - position: of the file's page that is to be at `address`, in pages.
  /// - Throws: `EINVAL` unless the range is mapped shared, from one file, in areas alike.
  func remapFilePages(
    _ space: SpaceIndex, _ address: VirtualAddress, length: UInt64, protection: UInt64, position: UInt64,
    _ flags: MapFlags
  ) throws(Errno) -> MapRequest {
    let start = address.rawValue & ~PageSize.mask
    let size = length & ~PageSize.mask
    guard protection == 0, start &+ size > start, position &+ size >> UInt64(PageSize.shift) >= position
    else { throw .EINVAL }
    let first = area(space, containing: VirtualAddress(start).page)
    guard first != AreaTree.none, areas[first].flags.contains(.shared) else { throw .EINVAL }
    let wanted = areas[first]
    let end = VirtualAddress(start &+ size).page
    var last = first
    while areas[last].end < end {
      let next = areas[last].next
      guard next != AreaTree.none, areas[next].start == areas[last].end, areas[next].file == wanted.file,
        areas[next].opening == wanted.opening, areas[next].flags == wanted.flags
      else { throw .EINVAL }
      last = next
    }
    var mapFlags = flags.intersection(.nonBlock).union([.shared, .fixed, .populate])
    if wanted.flags.contains(.locked) { mapFlags.insert(.locked) }
    var request = MapRequest(
      address: VirtualAddress(start), length: size,
      protection: Protection(rawValue: wanted.flags.intersection(.access).rawValue), flags: mapFlags, file: wanted.file,
      opening: wanted.opening, offset: position << UInt64(PageSize.shift))
    request.isRemapped = true
    return request
  }
}
