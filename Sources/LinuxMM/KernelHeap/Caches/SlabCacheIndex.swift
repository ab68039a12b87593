/// A cache of objects, by its number. Those of kmalloc come first.
public struct SlabCacheIndex: Hashable, Sendable, BitwiseCopyable {
  @usableFromInline let rawValue: UInt16

  @inlinable @inline(__always)
  init(_ rawValue: Int) { self.rawValue = UInt16(truncatingIfNeeded: rawValue) }

  /// The cache that serves a request to kmalloc.
  @inline(__always)
  init(_ kind: KmallocKind, _ sizeClass: SizeClass) {
    rawValue = UInt16(kind.rawValue) * UInt16(SizeClass.count) + UInt16(sizeClass.index)
  }

  /// The cache that serves a plain request to kmalloc.
  ///
  /// - Parameter size: 1 to ``SizeClass/largestSize``.
  @inlinable @inline(__always)
  init(serving size: Int) { rawValue = UInt16(truncatingIfNeeded: SizeClass(serving: size).index) }

  @inlinable @inline(__always)
  var index: Int { Int(rawValue) }

  /// The number of those of kmalloc.
  static let kmallocCount = KmallocKind.allCases.count * SizeClass.count
  /// More than there can be caches, by three at least.
  @inlinable static var most: Int { 4096 }
}
