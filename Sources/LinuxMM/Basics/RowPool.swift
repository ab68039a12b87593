/// A growing table of rows of the same width. An element is read and written without those beside it, which an array inside of
/// a ``Pool``'s elements would be copied for.
struct RowPool<Element: BitwiseCopyable>: ~Copyable {
  let width: Int
  private var elements = Pool<Element>()

  /// - Parameter width: elements of a row.
  init(width: Int) { self.width = width }

  /// Rows so far.
  var count: Int { elements.limit / width }

  /// Adds a row behind the others.
  mutating func append(repeating element: Element) {
    for _ in 0..<width { _ = elements.insert(element) }
  }

  /// - Precondition: the row exists, and `column` is below ``width``.
  subscript(row: UInt32, column: Int) -> Element {
    @inline(__always) _read { yield elements[place(row, column)] }
    @inline(__always) _modify { yield &elements[place(row, column)] }
  }

  @inline(__always)
  private func place(_ row: UInt32, _ column: Int) -> UInt32 {
    precondition(UInt(bitPattern: column) < UInt(bitPattern: width), "no such column")
    return UInt32(truncatingIfNeeded: Int(row) &* width &+ column)
  }
}
