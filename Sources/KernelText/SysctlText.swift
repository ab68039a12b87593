import LinuxMM

/// A text of `sysctl -a`: lines of `vm.min_free_kbytes = 5668`.
public struct SysctlText: Sendable {
  public var values: [String: String] = [:]

  public init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      guard let mark = line.firstIndex(of: "=") else { continue }
      let words = line[line.index(after: mark)...].split(whereSeparator: { $0 == " " || $0 == "\t" })
      values[line[..<mark].filter { $0 != " " }] = words.joined(separator: " ")
    }
  }

  /// The value of a setting that is one number.
  public func number(_ name: String) -> Int? { values[name].flatMap { Int($0) } }
}

/// The settings of physical memory by their names below `/proc/sys/vm`.
public struct MemorySysctl: Sendable {
  public let name: String
  /// What is accepted, for errors.
  public let accepted: String
  let apply: @Sendable (_ value: String, _ settings: inout MemorySettings, _ architecture: Architecture) -> Bool

  /// Sets a value.
  ///
  /// - Returns: whether the value was accepted.
  public func set(_ value: String, _ settings: inout MemorySettings, _ architecture: Architecture) -> Bool {
    apply(value, &settings, architecture)
  }

  private static func number(
    _ name: String, _ range: ClosedRange<Int>, _ path: WritableKeyPath<MemorySettings, Int> & Sendable
  ) -> MemorySysctl {
    MemorySysctl(name: name, accepted: "a number from \(range.lowerBound) to \(range.upperBound)") {
      value, settings, _ in
      guard let number = Int(value), range.contains(number) else { return false }
      settings[keyPath: path] = number
      return true
    }
  }

  /// All of them.
  public static let all: [MemorySysctl] = [
    MemorySysctl(name: "vm.min_free_kbytes", accepted: "a number from 0 to 2147483647") { value, settings, _ in
      guard let number = Int(value), (0...Int(Int32.max)).contains(number) else { return false }
      settings.minimumFreeKilobytes = number
      return true
    },
    number("vm.watermark_scale_factor", 1...3000, \.watermarkScaleFactor),
    number("vm.watermark_boost_factor", 0...Int(Int32.max), \.watermarkBoostFactor),
    MemorySysctl(
      name: "vm.lowmem_reserve_ratio", accepted: "up to five numbers of 0 or more, such as '256 256 32 0 0'"
    ) { value, settings, architecture in
      let words = value.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," }).map { Int($0) }
      let kinds = architecture.zoneKinds
      guard !words.isEmpty, words.count <= kinds.count else { return false }
      for (word, kind) in zip(words, kinds) {
        // The kernel takes a ratio below 1 as none.
        guard let word, word <= Int(Int32.max) else { return false }
        settings.reserveRatios[kind.rawValue] = max(word, 0)
      }
      return true
    },
    MemorySysctl(
      name: "vm.percpu_pagelist_high_fraction", accepted: "0, or a number from 8 to 2147483647"
    ) { value, settings, _ in
      guard let number = Int(value), number == 0 || (8...Int(Int32.max)).contains(number) else { return false }
      settings.processorListFraction = number
      return true
    },
    number("vm.extfrag_threshold", 0...1000, \.fragmentationThreshold),
    number("vm.compaction_proactiveness", 0...100, \.compactionProactiveness),
    MemorySysctl(name: "transparent_hugepage", accepted: "'always', 'madvise' or 'never'") { value, settings, _ in
      guard ["always", "madvise", "never"].contains(value) else { return false }
      settings.hugePages = value != "never"
      return true
    },
  ]
}

extension MemorySettings {
  /// Takes over what a text of `sysctl -a` says of physical memory.
  ///
  /// - Throws: the first setting with a value that the kernel could not have.
  public mutating func read(_ text: SysctlText, _ architecture: Architecture) throws(SysctlProblem) {
    for sysctl in MemorySysctl.all {
      guard let value = text.values[sysctl.name] else { continue }
      if !sysctl.set(value, &self, architecture) {
        throw SysctlProblem(name: sysctl.name, value: value, accepted: sysctl.accepted)
      }
    }
  }
}

public struct SysctlProblem: Error, CustomStringConvertible {
  public let name: String
  public let value: String
  public let accepted: String
  public var description: String { "\(name): '\(value)' is not accepted; expected \(accepted)" }
}
