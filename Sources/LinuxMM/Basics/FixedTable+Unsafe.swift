/// A fixed number of elements at fixed addresses, so that they may hold locks and be reached by several
/// threads at once; what a thread may touch is each element's own contract.
///
/// Elements own nothing that has to be given back: they are not deinitialized. (Embedded Swift 6.3 cannot compile the
/// deinitializer of the standard library's `Atomic`.)
@safe struct FixedTable<Element: ~Copyable>: ~Copyable {
  private let base: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int, _ element: (_ index: Int) -> Element) {
    // SAFETY: owned by this value; every element is initialized here.
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: max(count, 1))
    for index in 0..<count { unsafe (base + index).initialize(to: element(index)) }
    self.count = count
  }

  deinit {
    // SAFETY: allocated in init; elements need no deinitialization.
    unsafe base.deallocate()
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

// SAFETY: the addresses never change; what several threads may touch is each element's own contract.
extension FixedTable: @unchecked Sendable where Element: ~Copyable {}

extension FixedTable where Element: ~Copyable {
  @inline(__always)
  var indices: Range<Int> { 0..<count }
}
