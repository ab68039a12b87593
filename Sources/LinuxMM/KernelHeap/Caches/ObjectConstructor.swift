/// Writes what an object of a cache is to have in it when somebody gets it for the first time; who frees it leaves it so. Linux:
/// `ctor` of `struct kmem_cache`.
///
/// - Parameters:
///   - object: the object's address.
///   - set: writes a word at an offset, a multiple of 8, in the object.
public typealias ObjectConstructor =
  @Sendable (_ object: VirtualAddress, _ set: (_ offset: Int, _ word: UInt64) -> Void) -> Void

/// The caches' constructors. They change only while nobody uses the heap.
final class ConstructorList: @unchecked Sendable {
  @exclusivity(unchecked) private var list: [ObjectConstructor?] = []

  func set(_ cache: SlabCacheIndex, _ constructor: ObjectConstructor?) {
    if constructor == nil && cache.index >= list.count { return }
    while list.count <= cache.index { list.append(nil) }
    list[cache.index] = constructor
  }

  subscript(cache: SlabCacheIndex) -> ObjectConstructor? { cache.index < list.count ? list[cache.index] : nil }
}
