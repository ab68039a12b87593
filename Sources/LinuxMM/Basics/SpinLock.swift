import Synchronization

/// A lock that waits by trying again. Linux: `spinlock_t`.
///
/// The holders of the engine's locks do a bounded amount of work and never wait for anything themselves.
/// Nobody holds two of them at once, but for the lock of the reports on watched objects, which is taken last.
struct SpinLock: ~Copyable, Sendable {
  private let isHeld = Atomic<Bool>(false)

  /// Takes the lock if nobody holds it. Linux: `spin_trylock`.
  @inline(__always)
  borrowing func tryLock() -> Bool { !isHeld.exchange(true, ordering: .acquiring) }

  @inline(__always)
  borrowing func lock() {
    if !tryLock() { wait() }
  }

  @inline(never)
  private borrowing func wait() {
    repeat {
      while isHeld.load(ordering: .relaxed) {}
    } while !tryLock()
  }

  @inline(__always)
  borrowing func unlock() { isHeld.store(false, ordering: .releasing) }
}

/// A number that several threads read and that is changed only under one lock, or only by its owner.
///
/// Reads may be a moment old; a changed value is never torn.
struct SharedNumber: ~Copyable, Sendable {
  private let number: Atomic<Int>

  init(_ value: Int) { number = Atomic(value) }

  @inline(__always)
  var value: Int { borrowing get { number.load(ordering: .relaxed) } }

  /// - Precondition: the caller holds the lock that guards the number.
  @inline(__always)
  borrowing func set(_ value: Int) { number.store(value, ordering: .relaxed) }

  /// - Precondition: the caller holds the lock that guards the number.
  @inline(__always)
  borrowing func add(_ change: Int) { set(value &+ change) }
}
