import Foundation

/// The file that a command line executes, found and checked before anything starts.
struct ProgramPath {
  /// What QEMU is given: the program, or the interpreter of a script.
  let executable: String
  /// All arguments from the first on, those for the interpreter included.
  let arguments: [String]

  /// - Parameter accepts32Bit: whether an i386 program will do as well.
  init(_ command: [String], accepts32Bit: Bool = false) throws {
    guard let name = command.first, !name.isEmpty else {
      throw Failure(.usage, "no program given; write it after '--', as in: quire run --ram 256M -- python3 app.py")
    }
    var path = try Self.find(name)
    var arguments = command
    for _ in 0..<5 {
      let head = try Self.head(path)
      if head.starts(with: [0x23, 0x21]) {
        let line = head.dropFirst(2).prefix { $0 != 0x0a }
        let words = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        let parts = words.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
        guard let interpreter = parts.first.map(String.init) else {
          throw Failure(.cannotExecute, "'\(path)' is a script that names no interpreter")
        }
        let extra = parts.dropFirst().map { $0.trimmingCharacters(in: .whitespaces) }
        arguments = [interpreter] + extra + [path] + arguments.dropFirst()
        guard FileManager.default.isExecutableFile(atPath: interpreter) else {
          throw Failure(.cannotExecute, "the interpreter '\(interpreter)' of the script '\(path)' cannot be executed")
        }
        path = interpreter
        continue
      }
      guard head.starts(with: [0x7f, 0x45, 0x4c, 0x46]), head.count > 19 else {
        throw Failure(.cannotExecute, "'\(path)' is neither a program (ELF) nor a script (#!)")
      }
      let isI386 = head[4] == 1 && head[18] == 3
      guard head[4] == 2 && head[18] == 62 || accepts32Bit && isI386, head[19] == 0 else {
        if accepts32Bit { throw Failure(.cannotExecute, "'\(path)' is not an x86 program") }
        throw Failure(.cannotExecute, "'\(path)' is not an x86-64 program; only those can be traced")
      }
      executable = path
      self.arguments = arguments
      return
    }
    throw Failure(.cannotExecute, "'\(path)': too many scripts that are each other's interpreters")
  }

  /// Looks a name up in PATH, unless it has a slash.
  static func find(_ name: String) throws -> String {
    if name.contains("/") {
      guard FileManager.default.fileExists(atPath: name) else {
        throw Failure(.notFound, "program '\(name)' does not exist")
      }
      try checkExecutable(name)
      return name
    }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    for folder in folders {
      let path = "\(folder)/\(name)"
      if FileManager.default.isExecutableFile(atPath: path), !isFolder(path) { return path }
    }
    throw Failure(.notFound, "program '\(name)' was not found in PATH")
  }

  private static func checkExecutable(_ path: String) throws {
    if isFolder(path) { throw Failure(.cannotExecute, "'\(path)' is a folder") }
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure(.cannotExecute, "'\(path)' may not be executed (no x permission)")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }

  private static func head(_ path: String) throws -> [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: 256) else {
      throw Failure(.cannotExecute, "'\(path)' cannot be read")
    }
    return [UInt8](data)
  }
}
