import Synchronization

/// What a processor keeps of a cache: free objects, and slabs with more of them. The first line of the processor's cache is
/// what every allocation and free looks at. Linux: `struct kmem_cache_cpu`, and from 6.18 on `struct slub_percpu_sheaves`.
///
/// Only its processor touches it, but for ``returned``. All zero before its cache is created.
@usableFromInline
struct ProcessorSlot: ~Copyable {
  /// The magazine that it fires and loads, as places of ``Magazines``: where its objects begin, where they end now, and where
  /// there is no room any more. All are 0 if there is none. Linux: `main`.
  @usableFromInline var first = 0
  @usableFromInline var top = 0
  @usableFromInline var limit = 0
  /// From where on no object of the newest slab has been allocated yet, and their end.
  @usableFromInline var fresh: UInt64 = 0
  @usableFromInline var end: UInt64 = 0
  /// From one object to the next.
  @usableFromInline var size: UInt32 = 0
  /// What frames of the cache's slabs of the usual size, near the processor, have.
  @usableFromInline var tag = FrameTag.none
  /// The bits of an address that say where in such a slab it is.
  @usableFromInline var offsetMask: UInt32 = 0
  /// Tells where in a slab objects begin: an offset is a multiple of the size if their product, cut off to 64 bits, is below
  /// this (Lemire, Kaser and Kurz, "Faster remainder by direct computation", 2019). 0 lets nothing pass.
  @usableFromInline var divisor: UInt64 = 0
  /// How many objects a magazine of the cache takes.
  var capacity: UInt32 = 0

  /// A second magazine, full or empty; 0 if there is none. Linux: `spare`.
  var spare = 0
  var isSpareFull = false
  /// Whether SLAB has filled the array since the last look. Linux: `touched`.
  var isTouched = false
  /// The first free object of the slab it allocates from, by its address, and how many there are; 0 if there is none. Each has
  /// the next one's address in it. Linux: `freelist`.
  var head: UInt64 = 0
  var free: UInt32 = 0
  /// Its slabs with free objects. Linux: `partial`.
  var partial: UInt32 = 0
  /// How many there are, how many of them it keeps when others want some, and how many if they are empty. Linux:
  /// `cpu_partial_slabs`, `min_partial`.
  var partialCount: UInt32 = 0
  var wantedPartial: UInt32 = 0
  var keptEmpty: UInt32 = 0
  /// The first of its slabs to which others have returned objects, and which it has not looked at since.
  let returned: Atomic<UInt32>
  private var padding: UInt64 = 0

  /// Objects in the magazine.
  var rounds: Int { top - first }
}
