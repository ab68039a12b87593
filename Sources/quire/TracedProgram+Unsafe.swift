import CLinux
import Foundation
import Glibc
import TraceIO

/// The processes that get this command's SIGTERM and SIGHUP, so that they end and the report still comes.
nonisolated(unsafe) private var forwardedTo = InlineArray<64, pid_t>(repeating: 0)
nonisolated(unsafe) private var forwardedCount = 0

/// Whether such a signal came: then processes that outlive the first one are not waited for.
nonisolated(unsafe) private var wasToldToEnd = false

/// A program that runs under the tracer.
final class TracedProgram {
  let pid: pid_t
  /// Wait status, once it has ended.
  private(set) var waitStatus: Int32?

  /// Starts the program in QEMU with the tracer, which writes to `ring`. Standard input and output are the program's.
  ///
  /// - Parameters:
  ///   - listsAll: whether the filter is off.
  ///   - outputToError: whether the program's output goes to standard error, because the stream has standard output.
  init(_ program: ProgramPath, ring: Ring, listsAll: Bool, outputToError: Bool) throws {
    let emulator = try Self.emulator()
    let tracer = try Self.tracer()
    var words = [
      emulator, "-plugin", "\(tracer),ring=\(ring.path),tracer=\(tracer),filter=\(listsAll ? "off" : "on")", "-0",
      program.arguments[0],
      program.executable,
    ]
    words += program.arguments.dropFirst()
    // The program gets the signals that this command ignores meanwhile.
    var attributes = posix_spawnattr_t()
    var defaults = sigset_t()
    // SAFETY: the C library's own initialization of its structures, before their use.
    unsafe posix_spawnattr_init(&attributes)
    unsafe sigemptyset(&defaults)
    unsafe sigaddset(&defaults, SIGINT)
    unsafe sigaddset(&defaults, SIGQUIT)
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    signal(SIGINT, SIG_IGN)
    signal(SIGQUIT, SIG_IGN)
    // Without address randomization the same program makes the same accesses.
    let persona = personality(0xffff_ffff)
    _ = personality(UInt(persona) | 0x0040000)
    defer { _ = personality(UInt(persona)) }
    // SAFETY: the list is ended by nil and freed after the call, which copies it.
    let list = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe list.indices { unsafe free(list[index]) } }
    var child: pid_t = 0
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    if outputToError { unsafe posix_spawn_file_actions_adddup2(&actions, 2, 1) }
    let failure = unsafe posix_spawn(&child, emulator, &actions, &attributes, list, environ)
    guard failure == 0 else {
      throw Failure(.tracer, "cannot start '\(emulator)': \(unsafe String(cString: strerror(failure)))")
    }
    pid = child
    // SAFETY: set before the handlers that read it; a handler makes one system call.
    if unsafe forwardedCount < Workload.mostPrograms {
      unsafe forwardedTo[forwardedCount] = child
      unsafe forwardedCount += 1
    }
    for number in [SIGTERM, SIGHUP] {
      signal(number) { number in
        unsafe wasToldToEnd = true
        for place in 0..<(unsafe forwardedCount) { _ = Glibc.kill(unsafe forwardedTo[place], number) }
      }
    }
  }

  /// Whether this command was told to end.
  static var isToEnd: Bool { unsafe wasToldToEnd }

  /// Notes whether the program has ended.
  func poll() {
    guard waitStatus == nil else { return }
    var status: Int32 = 0
    if unsafe waitpid(pid, &status, WNOHANG) == pid { waitStatus = status }
  }

  /// Ends the program at once; for errors of this command only.
  func kill() { _ = Glibc.kill(pid, SIGKILL) }

  /// Kills a process of the program, as the model has.
  func kill(_ pid: UInt32) { _ = Glibc.kill(pid_t(pid), SIGKILL) }

  /// The program's exit status as a shell tells it: 128 plus the signal that killed it.
  var exitStatus: Int32 {
    guard let status = waitStatus else { return 0 }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  /// Whether a process exists and runs, rather than being a zombie.
  static func isRunning(_ pid: UInt32) -> Bool {
    guard let state = state(pid) else { return false }
    return state != UInt8(ascii: "Z") && state != UInt8(ascii: "X")
  }

  /// Whether a process is on a processor, or waits for one or for a disk.
  static func isBusy(_ pid: UInt32) -> Bool {
    guard let state = state(pid) else { return false }
    return state == UInt8(ascii: "R") || state == UInt8(ascii: "D")
  }

  /// The letter of `/proc/PID/stat`.
  private static func state(_ pid: UInt32) -> UInt8? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat"),
      let end = data.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    return data.dropFirst(end - data.startIndex + 2).first
  }

  private static func emulator() throws -> String {
    do {
      return try ProgramPath.find("qemu-x86_64")
    } catch {
      throw Failure(
        .tracer, "'qemu-x86_64' was not found in PATH; it runs the program (Debian: apt-get install qemu-user)")
    }
  }

  /// The tracer's file: beside this command, in ../lib/quire, or where QUIRE_TRACER says.
  private static func tracer() throws -> String {
    let name = "libQuireTracer.so"
    var places: [String] = []
    if let place = ProcessInfo.processInfo.environment["QUIRE_TRACER"] { places.append(place) }
    if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      let folder = (own as NSString).deletingLastPathComponent
      places += ["\(folder)/\(name)", "\(folder)/../lib/quire/\(name)"]
    }
    for place in places where FileManager.default.isReadableFile(atPath: place) { return place }
    throw Failure(.tracer, "the tracer '\(name)' was not found at \(places.joined(separator: ", ")); run 'make build'")
  }
}
