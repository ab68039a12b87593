/// What several threads change by turns, behind a lock.
@safe final class Locked<Guarded: ~Copyable>: @unchecked Sendable {
  private let lock = SpinLock()
  // SAFETY: it is used only in `with`, by who holds the lock.
  @exclusivity(unchecked) private var state: Guarded

  init(_ state: consuming Guarded) { unsafe self.state = state }

  /// Lends the state to `body`, which must not ask for it again.
  @inline(__always)
  func with<Result, Thrown: Error>(_ body: (inout Guarded) throws(Thrown) -> Result) throws(Thrown) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try unsafe body(&state)
  }
}
