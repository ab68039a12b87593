import CLinux
import CQemuPlugin

/// Holds a parent back until its vforked child executes a program or ends, as the kernel does. QEMU makes a vfork a
/// fork and lets both go on; in the model they share one address space, and the parent would take away what the child
/// still uses.
enum VforkGate {
  /// A word that parent and child share: 1 when the child is done with the parent's memory.
  nonisolated(unsafe) private static var word: UnsafeMutablePointer<UInt32>? = nil
  /// Whether the fork under way is a vfork.
  nonisolated(unsafe) static var isPrepared = false
  /// Whether this process is a vforked child that has neither executed nor ended.
  nonisolated(unsafe) static var isChild = false

  /// Before the fork.
  static func prepare() {
    if word == nil {
      let region = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
      guard let region, region != UnsafeMutableRawPointer(bitPattern: -1) else { return }
      word = region.bindMemory(to: UInt32.self, capacity: 1)
    }
    word?.pointee = 0
    isPrepared = true
  }

  /// In the child, when it no longer needs the parent's memory. Its own children get a word of their own.
  static func open() {
    guard isChild else { return }
    isChild = false
    if let word { quire_store_release32(word, 1) }
    word = nil
  }

  /// In the parent: waits for the child's ``open()`` or its death.
  static func wait(for child: Int32) {
    guard isPrepared, let word else { return }
    while quire_load_acquire32(word) == 0 {
      var information = siginfo_t()
      let ended = waitid(P_PID, UInt32(child), &information, WEXITED | WNOHANG | WNOWAIT)
      if ended != 0 || information.si_signo != 0 { return }
      var pause = timespec(tv_sec: 0, tv_nsec: 50_000)
      nanosleep(&pause, nil)
    }
  }
}
