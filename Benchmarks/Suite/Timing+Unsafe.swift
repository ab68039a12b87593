import Foundation
import Glibc

/// What a finished command took.
struct Timing {
  /// Seconds on the clock.
  var wall: Double
  /// Seconds of all its processes' time.
  var processor: Double
  /// The largest process's peak, in KiB.
  var peakKilobytes: Int
}

enum Run {
  /// Runs a command with its output thrown away.
  static func timed(_ command: [String]) throws -> Timing {
    var actions = unsafe posix_spawn_file_actions_t()
    // SAFETY: the C library's own structures and calls; the list is ended by nil and copied by the call.
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let list = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe list.indices { unsafe free(list[index]) } }
    var child: pid_t = 0
    let start = ContinuousClock.now
    guard unsafe posix_spawnp(&child, command[0], &actions, nil, list, environ) == 0 else {
      throw Problem("'\(command[0])' cannot be started")
    }
    var status: Int32 = 0
    var usage = rusage()
    unsafe wait4(child, &status, 0, &usage)
    let wall = start.duration(to: .now) / .seconds(1)
    guard status == 0 else { throw Problem("'\(command.joined(separator: " "))' ended with \(status)") }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Timing(
      wall: wall, processor: seconds(usage.ru_utime) + seconds(usage.ru_stime), peakKilobytes: usage.ru_maxrss)
  }
}

struct Problem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension [Double] {
  var median: Double {
    let sorted = sorted()
    return sorted.isEmpty ? 0 : (sorted[count / 2] + sorted[(count - 1) / 2]) / 2
  }
}
