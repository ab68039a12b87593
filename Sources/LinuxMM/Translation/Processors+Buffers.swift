/// Looking up and filling buffers.
extension Processors {
  /// A processor's buffers as its accesses see them now.
  @inline(__always)
  mutating func view(_ processor: Int) -> BufferView {
    BufferView(base: processor &* layout.stride, slotBits: states[processor].slotBits)
  }

  /// The set for a page number in a buffer.
  @inline(__always)
  mutating func set(_ number: UInt64, _ place: BufferPlace, _ view: BufferView) -> BufferSet {
    let index = Int(truncatingIfNeeded: number & place.setMask)
    return BufferSet(base: view.base &+ place.offset &+ index &* Int(place.ways), ways: place.ways)
  }

  /// Looks a base page up in the first level, the entry used last first, and notes that it is used.
  ///
  /// - Returns: where it stands, or -1.
  @inline(__always)
  mutating func findFirst(_ page: VirtualPage, _ kind: AccessKind, _ view: BufferView) -> Int {
    let key = BufferedEntry.key(page, view.slotBits)
    let set = set(page.rawValue, layout.place(BufferRole.first(kind), 0), view)
    let front = entries.front(set)
    return entries.tag(front) & BufferedEntry.key == key ? front : entries.find(key, set)
  }

  /// Whether an entry was found that lets a user make an access.
  @inline(__always)
  mutating func permitsUser(_ index: Int, _ kind: AccessKind) -> Bool {
    index >= 0 && entries.tag(index) & BufferedEntry.right(kind) != 0
  }

  /// Looks a page up in the second level.
  @inline(__always)
  mutating func findSecond(_ page: VirtualPage, _ kind: AccessKind, _ view: BufferView) -> Int {
    let role = BufferRole.second(kind)
    let set = set(page.rawValue, layout.place(role, 0), view)
    let found = entries.find(BufferedEntry.key(page, view.slotBits), set)
    return found < 0 && holdsOthers ? findOther(page, role, view) : found
  }

  /// The same in the buffers of a role for pages that are large or hold for all address spaces.
  @inline(never)
  mutating func findOther(_ page: VirtualPage, _ role: Int, _ view: BufferView) -> Int {
    for size in 0..<3 {
      let shift = geometry.shift(size)
      let set = set(page.rawValue &>> shift, layout.place(role, size), view)
      var found = entries.find(BufferedEntry.key(page, view.slotBits, size: size, shift: shift), set)
      if found < 0 {
        found = entries.find(BufferedEntry.key(page, BufferedEntry.globalBits, size: size, shift: shift), set)
      }
      if found >= 0 { return found }
    }
    return -1
  }

  /// Takes a page into the buffer of a role, in the size that this holds.
  @inline(__always)
  mutating func fill(
    _ page: VirtualPage, _ translation: PageTranslation, _ rights: UInt64, _ role: Int, _ view: BufferView
  ) {
    if translation.isOrdinary {
      let set = set(page.rawValue, layout.place(role, 0), view)
      if set.ways > 0 { entries.insert(BufferedEntry.key(page, view.slotBits) | rights, translation, set) }
    } else {
      fillOther(page, translation, rights, role, view)
    }
  }

  @inline(never)
  private mutating func fillOther(
    _ page: VirtualPage, _ translation: PageTranslation, _ rights: UInt64, _ role: Int, _ view: BufferView
  ) {
    let size = layout.heldSize(role, translation.size)
    guard size >= 0 else { return }
    holdsOthers = true
    if size < translation.size { holdsParts = true }
    let shift = geometry.shift(size)
    let key = BufferedEntry.key(
      page, translation.isGlobal ? BufferedEntry.globalBits : view.slotBits, size: size, shift: shift)
    entries.insert(
      key | rights, translation, set(page.rawValue >> shift, layout.place(role, size), view))
  }

  /// Puts what a walk has found in the place of what the buffers of a role had of the page.
  mutating func replace(
    _ page: VirtualPage, _ translation: PageTranslation, _ rights: UInt64, _ role: Int, _ view: BufferView
  ) {
    forEachEntry(of: page, role, view) { entries, index, set in
      let tag = entries.tag(index)
      let isGlobal = BufferedEntry.slot(tag) == BufferedEntry.globalSlot
      if entries.translation(index).size == translation.size && isGlobal == translation.isGlobal {
        entries.set(index, tag & BufferedEntry.key | rights, translation)
      } else {
        entries.drop(index, set)
      }
    }
  }

  /// Calls `body` with each entry of a role that translates a page for the slot in use.
  @inline(__always)
  mutating func forEachEntry(
    of page: VirtualPage, _ role: Int, _ view: BufferView,
    _ body: (inout BufferEntries, _ index: Int, BufferSet) -> Void
  ) {
    for size in 0..<(holdsOthers ? 3 : 1) {
      let shift = geometry.shift(size)
      let set = set(page.rawValue &>> shift, layout.place(role, size), view)
      let own = BufferedEntry.key(page, view.slotBits, size: size, shift: shift)
      let global = BufferedEntry.key(page, BufferedEntry.globalBits, size: size, shift: shift)
      for index in set.base..<(set.base + Int(set.ways)) {
        let key = entries.tag(index) & BufferedEntry.key
        if key == own || key == global { body(&entries, index, set) }
      }
    }
  }
}

/// A processor's part of the buffers: where it begins, and what the keys of the address space in use have.
struct BufferView: BitwiseCopyable {
  var base: Int
  var slotBits: UInt64
}
