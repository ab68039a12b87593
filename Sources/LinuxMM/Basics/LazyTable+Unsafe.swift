/// A fixed number of zero-initialized elements that take host memory only where they are written.
///
/// One of the engine's few places with raw pointers; every use is bounds-checked. The elements' type must read an
/// all-zero pattern as its initial value and own nothing. What several threads may touch is each table's own contract.
@safe struct LazyTable<Element: ~Copyable>: ~Copyable {
  private let base: UnsafeMutablePointer<Element>
  private let byteCount: Int
  private let memory: MemorySource
  let count: Int

  /// - Returns: `nil` when `memory` cannot reserve that much.
  init?(count: Int, from memory: MemorySource) {
    let byteCount = (max(count, 1) * MemoryLayout<Element>.stride + 4095) & ~4095
    // SAFETY: the source promises byteCount zero-filled bytes, aligned to a page.
    guard let region = unsafe memory.reserve(byteCount) else { return nil }
    unsafe self.base = region.bindMemory(to: Element.self, capacity: count)
    self.byteCount = byteCount
    self.memory = memory
    self.count = count
  }

  deinit {
    // SAFETY: the region came from the same source, with the same size.
    unsafe memory.release(UnsafeMutableRawPointer(base), byteCount)
  }

  @inline(__always)
  subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside the table")
      // SAFETY: index is below count, checked above.
      return unsafe UnsafePointer(base + index)
    }
    nonmutating unsafeMutableAddress {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index outside the table")
      // SAFETY: index is below count, checked above.
      return unsafe base + index
    }
  }
}

// SAFETY: the addresses never change; what several threads may touch is each table's own contract.
extension LazyTable: @unchecked Sendable where Element: ~Copyable {}
