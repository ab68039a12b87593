import Glibc
import HostMemory
import LinuxMM

/// What the heap's workloads run on.
protocol ObjectAllocator: ~Copyable, Sendable {
  func allocate(_ size: Int, _ thread: Int) -> UnsafeMutableRawPointer
  func free(_ object: UnsafeMutableRawPointer, _ thread: Int)
}

/// This process's malloc: glibc's, or another one that was loaded before it. Its functions are looked up, so that the
/// compiler cannot know that nobody misses what is freed at once.
@safe struct Malloc: ObjectAllocator, ~Copyable {
  private let take: @convention(c) (Int) -> UnsafeMutableRawPointer?
  private let give: @convention(c) (UnsafeMutableRawPointer?) -> Void

  init() {
    // SAFETY: the C library's functions have these types.
    unsafe take = unsafeBitCast(dlsym(nil, "malloc"), to: (@convention(c) (Int) -> UnsafeMutableRawPointer?).self)
    unsafe give = unsafeBitCast(dlsym(nil, "free"), to: (@convention(c) (UnsafeMutableRawPointer?) -> Void).self)
  }

  @inline(__always)
  func allocate(_ size: Int, _ thread: Int) -> UnsafeMutableRawPointer {
    // SAFETY: sizes are above 0 and small.
    unsafe take(size).unsafelyUnwrapped
  }

  @inline(__always)
  func free(_ object: UnsafeMutableRawPointer, _ thread: Int) {
    // SAFETY: allocated by the same allocator.
    unsafe give(object)
  }
}

/// The engine's kmalloc.
struct Kmalloc: ObjectAllocator, ~Copyable {
  let heap: KernelHeap<SimulatedPlatform>

  /// - Parameter bytes: RAM.
  init(bytes: Int, processors: Int, from source: MemorySource = .hostInHugePages) throws {
    let frames = UInt32(bytes >> 12)
    let map = try MemoryMap(regions: [.init(FrameRange(FrameNumber(256), FrameNumber(256 + frames)))], reserved: [])
    let topology = try NodeTopology(nodeOfProcessor: [Int](repeating: 0, count: processors))
    let configuration = try PhysicalConfiguration(map: map, topology: topology)
    guard let memory = PhysicalMemory(configuration, metadata: .host),
      let platform = SimulatedPlatform(end: map.end, from: source)
    else { throw Problem("no address space for the machine") }
    guard let heap = KernelHeap(memory, platform, metadata: .host) else { throw Problem("no memory for the metadata") }
    self.heap = heap
  }

  @inline(__always)
  func allocate(_ size: Int, _ thread: Int) -> UnsafeMutableRawPointer {
    do {
      let address = try heap.allocate(bytes: size, processor: thread)
      return unsafe heap.platform.pointer(to: DirectMap.physical(address))
    } catch {
      fatalError("out of memory")
    }
  }

  @inline(__always)
  func free(_ object: UnsafeMutableRawPointer, _ thread: Int) {
    do {
      try unsafe heap.free(DirectMap.address(of: heap.platform.address(of: object)), processor: thread)
    } catch {
      fatalError("\(error)")
    }
  }
}
