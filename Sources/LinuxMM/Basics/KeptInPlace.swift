// swift-format-ignore-file: UseSynthesizedInitializer

/// A field of no size that keeps the structure around it at its place: the compiler lends such a structure by its address.
///
/// Without it, a large noncopyable structure is lent to a method that does not change it by copying all of its words to the
/// stack, 2 KiB for each call on all address spaces. (Embedded Swift 6.3 cannot compile the deinitializer of a type with a
/// layout of its own: there, structures are lent as ever.)
#if hasFeature(Embedded)
  struct KeptInPlace: ~Copyable {}
#else
  @_rawLayout(size: 0, alignment: 1)
  struct KeptInPlace: ~Copyable {
    init() {}
  }
#endif

extension KeptInPlace: @unchecked Sendable {}
