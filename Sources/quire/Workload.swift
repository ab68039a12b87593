import LinuxMM
import Yams

/// The programs of a machine file, and the control groups they run in.
struct Workload {
  struct Program {
    enum Origin {
      case command([String])
      case recording(String)
    }

    var origin: Origin
    /// When it starts, in nanoseconds on the machine's clock.
    var start: UInt64 = 0
    /// The path of its control group; the machine's own for programs if `nil`.
    var group: String?
  }

  var programs: [Program] = []
  /// Paths and settings, parents before their children.
  private(set) var groups: [(path: String, limits: GroupLimits)] = []

  static let keys = ["programs", "groups"]
  /// As many as SIGTERM can be passed on to.
  static let mostPrograms = 64

  /// Reads one of its two keys.
  mutating func read(_ key: String, _ value: Node, _ file: String) throws {
    if key == "groups" { try readGroups(value, file) } else { try readPrograms(value, file) }
  }

  /// Whether a program's group exists is known when all has been read.
  func check(_ file: String) throws {
    for program in programs {
      if let group = program.group, !groups.contains(where: { $0.path == group }) {
        let known = groups.map(\.path).joined(separator: ", ")
        throw Failure(
          .usage,
          "machine file '\(file)', programs: there is no group '\(group)'; \(known.isEmpty ? "none is" : "known are \(known)") under 'groups'"
        )
      }
    }
  }

  // MARK: - Groups

  private mutating func readGroups(_ value: Node, _ file: String) throws {
    guard let mapping = value.mapping else {
      throw Failure(
        .usage, "machine file '\(file)', key 'groups': expected names with settings, such as 'web: {memory.max: 64M}'")
    }
    for (name, settings) in mapping {
      let path = name.scalar?.string ?? ""
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
        throw Failure(
          .usage,
          "machine file '\(file)', groups: '\(path)' is not accepted; expected names joined by '/', such as web/worker")
      }
      for count in 1...parts.count { add(parts.prefix(count).joined(separator: "/")) }
      var options = GroupOptions()
      if let settings = settings.mapping {
        try Self.set(&options, settings, "", "machine file '\(file)', group '\(path)'")
      } else if settings.scalar?.string.isEmpty != true && settings.null == nil {
        throw Failure(.usage, "machine file '\(file)', group '\(path)': expected settings, such as 'memory.max: 64M'")
      }
      if let limits = options.limits, let place = groups.firstIndex(where: { $0.path == path }) {
        groups[place].limits = limits
      }
    }
  }

  private mutating func add(_ path: String) {
    if !groups.contains(where: { $0.path == path }) { groups.append((path, GroupLimits())) }
  }

  private static func set(
    _ options: inout GroupOptions, _ settings: Node.Mapping, _ prefix: String, _ place: String
  ) throws {
    for (key, value) in settings {
      let name = prefix + (key.scalar?.string ?? "?")
      if let inner = value.mapping {
        try set(&options, inner, name + ".", place)
      } else {
        let text = value.scalar?.string ?? "a list"
        let known = try options.set(name, text) { accepted in
          Failure(.usage, "\(place), key '\(name)': '\(text)' is not accepted; expected \(accepted)")
        }
        guard known else {
          throw Failure(
            .usage, "\(place): there is no setting '\(name)'; known are \(GroupOptions.keys.joined(separator: ", "))")
        }
      }
    }
  }

  // MARK: - Programs

  private mutating func readPrograms(_ value: Node, _ file: String) throws {
    guard let list = value.sequence else {
      throw Failure(.usage, "machine file '\(file)', key 'programs': expected a list, such as '- run: [sort, big.txt]'")
    }
    for (number, entry) in list.enumerated() {
      let place = "machine file '\(file)', program \(number + 1)"
      guard let mapping = entry.mapping else {
        throw Failure(.usage, "\(place): expected 'run' or 'replay', such as 'run: [sort, big.txt]'")
      }
      programs.append(try Self.program(mapping, place))
    }
    guard programs.count <= Self.mostPrograms else {
      throw Failure(.usage, "machine file '\(file)': \(programs.count) programs; expected at most \(Self.mostPrograms)")
    }
  }

  private static func program(_ mapping: Node.Mapping, _ place: String) throws -> Program {
    var origin: Program.Origin?
    var start: UInt64 = 0
    var group: String?
    for (key, value) in mapping {
      let name = key.scalar?.string ?? "?"
      let text = value.scalar?.string
      switch name {
      case "run", "replay":
        guard origin == nil else { throw Failure(.usage, "\(place): 'run' and 'replay' contradict each other") }
        if name == "replay" {
          guard let text, !text.isEmpty else {
            throw Failure(.usage, "\(place), key 'replay': expected a recording's file")
          }
          origin = .recording(text)
        } else {
          var words: [String?] = text?.split(separator: " ").map(String.init) ?? []
          if let list = value.sequence { words = list.map { $0.scalar?.string } }
          guard !words.isEmpty, !words.contains(nil) else {
            throw Failure(.usage, "\(place), key 'run': expected a program and its arguments, such as [sort, big.txt]")
          }
          origin = .command(words.compactMap { $0 })
        }
      case "start":
        guard let text, let time = text == "0" ? 0 : MachineTime(argument: text)?.nanoseconds else {
          throw Failure(
            .usage,
            "\(place), key 'start': '\(text ?? "a list")' is not accepted; expected a number with ns, us, ms or s, such as 500ms"
          )
        }
        start = time
      case "group": group = text ?? ""
      default: throw Failure(.usage, "\(place): there is no setting '\(name)'; known are run, replay, start, group")
      }
    }
    guard let origin else {
      throw Failure(.usage, "\(place): expected 'run' or 'replay', such as 'run: [sort, big.txt]'")
    }
    return Program(origin: origin, start: start, group: group)
  }
}
