/// Memory of type-safe caches that was freed, and stays until all who may still look at it are done. Linux: `call_rcu`.
final class DeferredFrees: @unchecked Sendable {
  enum Item {
    case frames(FrameNumber, PageOrder)
    /// A block of SLOB.
    case block(UInt64, size: Int)
  }

  private let lock = SpinLock()
  @exclusivity(unchecked) private var items: [Item] = []

  func add(_ frame: FrameNumber, _ order: PageOrder) { add(.frames(frame, order)) }
  func add(block: UInt64, size: Int) { add(.block(block, size: size)) }

  private func add(_ item: Item) {
    lock.lock()
    items.append(item)
    lock.unlock()
  }

  func take() -> [Item] {
    lock.lock()
    defer { lock.unlock() }
    let taken = items
    items = []
    return taken
  }
}
