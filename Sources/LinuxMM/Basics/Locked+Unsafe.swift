/// What several threads change by turns, behind a lock.
@safe final class Locked<State: ~Copyable>: @unchecked Sendable {
  private let lock = SpinLock()
  // SAFETY: it is used only in `with`, by who holds the lock.
  @exclusivity(unchecked) private var state: State

  init(_ state: consuming State) { unsafe self.state = state }

  /// Lends the state to `body`, which must not ask for it again.
  @inline(__always)
  func with<Result, Failure: Error>(_ body: (inout State) throws(Failure) -> Result) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try unsafe body(&state)
  }
}
