import LinuxMM

/// The settings of the kernel's heap: its boot options under their names, and what the kernel was built with.
struct HeapOptions {
  private var changes: [(inout HeapSettings) -> Void] = []

  static let keys = [
    "slab", "slub_min_objects", "slub_min_order", "slub_max_order", "slub_debug", "slab_nomerge", "slab_max_order",
    "slab_freelist_hardened", "slab_freelist_random",
  ]

  /// The letters of `slub_debug`.
  private static let letters: [Character: SlabCacheFlags] = [
    "F": .checked, "Z": .redZone, "P": .poison, "U": .storeUser, "T": .trace, "A": .failing, "-": [],
  ]

  /// Sets one key.
  ///
  /// - Returns: `false` if it is none of these.
  mutating func set(_ key: String, _ value: String, _ wrong: (_ accepted: String) -> Failure) throws -> Bool {
    func number(_ range: ClosedRange<Int>) throws -> Int { try SettingValue.number(value, range, wrong) }
    switch key {
    case "slab":
      guard let allocator = HeapAllocator.allCases.first(where: { "\($0)" == value }) else {
        throw wrong(HeapAllocator.allCases.map { "'\($0)'" }.joined(separator: ", "))
      }
      changes.append { $0.allocator = allocator }
    case "slub_min_objects":
      let objects = try number(0...32767)
      changes.append { $0.minimumObjects = objects }
    case "slub_min_order":
      let order = PageOrder(try number(0...10))
      changes.append { $0.minimumOrder = order }
    case "slub_max_order":
      let order = PageOrder(try number(0...10))
      changes.append { $0.maximumOrder = order }
    case "slab_max_order":
      let order = PageOrder(try number(0...10))
      changes.append { $0.slabMaximumOrder = order }
    case "slub_debug":
      var flags: SlabCacheFlags = value.isEmpty ? .debugging : []
      for letter in value {
        guard let flag = Self.letters[letter] else {
          throw wrong("some of the letters F, Z, P, U, T and A, '-' for none, or nothing for FZPU")
        }
        flags.formUnion(flag)
      }
      changes.append { $0.debugging = flags }
    case "slab_nomerge":
      let keepsApart = try number(0...1) == 1
      changes.append { $0.keepsCachesApart = keepsApart }
    case "slab_freelist_hardened":
      let hides = try number(0...1) == 1
      changes.append { $0.hidesLinks = hides }
    case "slab_freelist_random":
      let shuffles = try number(0...1) == 1
      changes.append { $0.shufflesSlabs = shuffles }
    default: return false
    }
    return true
  }

  func apply(to settings: inout HeapSettings) {
    for change in changes { change(&settings) }
  }
}
