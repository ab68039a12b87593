/// Writes what an object of a cache is to have in it when somebody gets it for the first time; who frees it leaves it so. Linux:
/// `ctor` of `struct kmem_cache`.
///
/// - Parameters:
///   - object: the object's address.
///   - set: writes a word at an offset, a multiple of 8, in the object.
public typealias ObjectConstructor =
  @Sendable (_ object: VirtualAddress, _ set: (_ offset: Int, _ word: UInt64) -> Void) -> Void
