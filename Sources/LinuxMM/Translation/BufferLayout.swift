/// Which accesses a buffer serves.
enum BufferRole {
  /// First level of reads, writes and fetches: the raw values of ``AccessKind``.
  static let read = 0
  static let write = 1
  static let fetch = 2
  /// Second level of data and of fetches.
  static let secondData = 3
  static let secondFetch = 4
  static let count = 5

  @inline(__always)
  static func first(_ kind: AccessKind) -> Int { Int(kind.rawValue) }

  @inline(__always)
  static func second(_ kind: AccessKind) -> Int { kind == .fetch ? secondFetch : secondData }
}

/// A buffer's place in its processor's part of the tables.
struct BufferPlace: BitwiseCopyable {
  /// Its first entry.
  var offset = 0
  var setMask: UInt64 = 0
  /// 0 where there is no such buffer.
  var ways: UInt8 = 0
}

/// Where the buffers of a configuration stand: one after another, those of one processor together.
///
/// Buffers that several sizes, roles or levels share are one place under several names.
struct BufferLayout: ~Copyable {
  /// By role and page size, at index 3 · role + size.
  private let places = Table<BufferPlace>(count: 3 * BufferRole.count) { _ in BufferPlace() }
  /// Of the entries of levels 1 to 4.
  private let walkCaches = Table<BufferPlace>(count: 4) { _ in BufferPlace() }
  private(set) var hasWalkCaches = false
  /// See ``isSeparate(_:)``, a bit for each role.
  private var separateRoles: UInt8 = 0
  /// Each buffer once.
  private let buffers = Table<BufferPlace>(count: 32) { _ in BufferPlace() }
  private(set) var bufferCount = 0
  /// Entries of one processor.
  private(set) var stride = 0

  init(_ configuration: TLBConfiguration) {
    addLevel(configuration.data, BufferRole.read)
    if let store = configuration.store {
      addLevel(store, BufferRole.write)
    } else {
      copy(BufferRole.read, to: BufferRole.write)
    }
    addLevel(configuration.instruction, BufferRole.fetch)
    addLevel(configuration.second, BufferRole.secondData)
    if let second = configuration.secondInstruction {
      addLevel(second, BufferRole.secondFetch)
    } else {
      copy(BufferRole.secondData, to: BufferRole.secondFetch)
    }
    addCache(configuration.walkCaches.pde, 0)
    addCache(configuration.walkCaches.pdpte, 1)
    addCache(configuration.walkCaches.pml4e, 2)
    addCache(configuration.walkCaches.pml5e, 3)
    for role in 0..<BufferRole.count where place(role, 0).ways > 0 {
      let offset = place(role, 0).offset
      let isFirst = !(0..<role).contains { place($0, 0).ways > 0 && place($0, 0).offset == offset }
      if isFirst { separateRoles |= 1 << UInt8(role) }
    }
    // An entry that is never filled, for accesses that have no buffer.
    for index in places.indices where places[index].ways == 0 { places[index].offset = stride }
    stride += 1
  }

  private mutating func add(_ geometry: TLBGeometry) -> BufferPlace {
    let place = BufferPlace(offset: stride, setMask: UInt64(geometry.sets - 1), ways: UInt8(geometry.ways))
    stride += geometry.entries
    buffers[bufferCount] = place
    bufferCount += 1
    return place
  }

  private mutating func addLevel(_ level: TLBLevel, _ role: Int) {
    guard let base = level.base else { return }
    places[3 * role] = add(base)
    set(level.large, 3 * role + 1)
    set(level.huge, 3 * role + 2)

    func set(_ buffer: TLBLevel.Buffer, _ index: Int) {
      switch buffer {
      case .none: break
      case .shared: places[index] = places[3 * role]
      case .own(let geometry): places[index] = add(geometry)
      }
    }
  }

  private func copy(_ role: Int, to target: Int) {
    for size in 0..<3 { places[3 * target + size] = places[3 * role + size] }
  }

  private mutating func addCache(_ cache: WalkCaches.Cache, _ index: Int) {
    switch cache {
    case .none: return
    case .own(let geometry): walkCaches[index] = add(geometry)
    case .secondLevel: walkCaches[index] = places[3 * BufferRole.secondData]
    case .below: if index > 0 { walkCaches[index] = walkCaches[index - 1] }
    }
    if walkCaches[index].ways > 0 { hasWalkCaches = true }
  }

  @inline(__always)
  func place(_ role: Int, _ size: Int) -> BufferPlace { places[3 &* role &+ size] }

  /// Whether a role has a buffer for base pages that is no earlier role's.
  @inline(__always)
  func isSeparate(_ role: Int) -> Bool { separateRoles &>> UInt8(truncatingIfNeeded: role) & 1 != 0 }

  @inline(__always)
  func buffer(_ number: Int) -> BufferPlace { buffers[number] }

  /// The cache for entries of a level from 1 on.
  @inline(__always)
  func walkCache(_ level: Int) -> BufferPlace { walkCaches[level &- 1] }

  /// The size in which a page is held by a role: its own or the next smaller one that the role has a buffer for; -1 if it
  /// has none.
  func heldSize(_ role: Int, _ size: Int) -> Int {
    var held = size
    while held >= 0 && place(role, held).ways == 0 { held -= 1 }
    return held
  }
}
