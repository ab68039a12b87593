/// A fixed number of elements at fixed addresses, so that they may hold locks and be reached by several threads at once;
/// what a thread may touch is each table's own contract.
///
/// One of the engine's few places with raw pointers; every use is bounds-checked. Elements own nothing that has to be given
/// back: they are not deinitialized. (Embedded Swift 6.3 cannot compile the deinitializer of the standard library's
/// `Atomic`.)
@usableFromInline
@safe struct Table<Element: ~Copyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  /// Where the elements' memory came from, and how much it is; the heap if `nil`.
  private let memory: MemorySource?
  private let byteCount: Int
  @usableFromInline let count: Int

  /// A table of zeros that takes host memory only where it is written. The elements' type must read an all-zero pattern
  /// as its initial value.
  ///
  /// - Returns: `nil` when `memory` cannot reserve that much.
  init?(zeros count: Int, from memory: MemorySource) {
    let byteCount = (max(count, 1) * MemoryLayout<Element>.stride + 4095) & ~4095
    // SAFETY: the source promises byteCount zero-filled bytes, aligned to a page.
    guard let region = unsafe memory.reserve(byteCount) else { return nil }
    unsafe base = region.bindMemory(to: Element.self, capacity: count)
    self.memory = memory
    self.byteCount = byteCount
    self.count = count
  }

  /// A table of the elements that `element` makes.
  init(count: Int, _ element: (_ index: Int) -> Element) {
    // SAFETY: owned by this value; every element is initialized here.
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: max(count, 1))
    for index in 0..<count { unsafe (base + index).initialize(to: element(index)) }
    memory = nil
    byteCount = 0
    self.count = count
  }

  deinit {
    // SAFETY: the region came from the same source with the same size, or from the heap.
    if let memory {
      unsafe memory.release(UnsafeMutableRawPointer(base), byteCount)
    } else {
      unsafe base.deallocate()
    }
  }

  @inline(__always)
  var indices: Range<Int> { 0..<count }

  @inlinable
  subscript(index: Int) -> Element {
    @inline(__always) unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside the table")
      // SAFETY: index is below count, checked above.
      return unsafe UnsafePointer(base + index)
    }
    @inline(__always) nonmutating unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside the table")
      // SAFETY: index is below count, checked above.
      return unsafe base + index
    }
  }
}

extension Table where Element == UInt64 {
  /// Sets an element, but not if the one before it has a certain value: two uses with one check.
  ///
  /// - Precondition: `index` is above 0 and below ``count``.
  @inlinable @inline(__always)
  func set(_ index: Int, to value: UInt64, unlessPrevious excluded: UInt64) -> Bool {
    precondition(UInt(bitPattern: index &- 1) < UInt(bitPattern: count &- 1), "index outside the table")
    // SAFETY: index - 1 is below count - 1, checked above; a table of no elements has none below 0.
    if unsafe base[index &- 1] == excluded { return false }
    unsafe base[index] = value
    return true
  }
}

// SAFETY: the addresses never change; what several threads may touch is each table's own contract.
extension Table: @unchecked Sendable where Element: ~Copyable {}
