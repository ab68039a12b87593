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

/// Memory of this machine in pages of 4 KiB, with one place in each page that names the page to go to next.
@safe final class RealMemory {
  private let base: UnsafeMutableRawPointer
  private let bytes: Int
  private var place = 0

  init(bytes: Int) throws {
    self.bytes = bytes
    let region = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let region = unsafe region, unsafe region != MAP_FAILED else { throw Problem("no \(bytes) bytes to be had") }
    unsafe base = region
    unsafe madvise(base, bytes, MADV_NOHUGEPAGE)
    // One cycle through all pages in random order, at a different line of each.
    var order = Array(0..<(bytes / 4096))
    for index in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(index, Int.random(in: 0..<index)) }
    for (index, page) in order.enumerated() {
      let next = order[index + 1 == order.count ? 0 : index + 1]
      // SAFETY: both offsets lie in the region.
      unsafe base.storeBytes(of: Self.offset(next), toByteOffset: Self.offset(page), as: Int.self)
    }
  }

  deinit { unsafe munmap(base, bytes) }

  private static func offset(_ page: Int) -> Int { page * 4096 + page % 64 * 64 }

  /// Nanoseconds for each of `count` loads, each from where the one before says.
  func chase(_ count: Int) -> Double {
    let start = ContinuousClock.now
    // SAFETY: every place in the cycle holds an offset in the region; the first page's is at 0.
    for _ in 0..<count { place = unsafe base.load(fromByteOffset: place, as: Int.self) }
    return start.duration(to: .now) / .nanoseconds(1) / Double(count)
  }
}
