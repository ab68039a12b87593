import Foundation

/// Runs the built `quire`: QUIRE_BINARY, or the release build.
struct Command {
  let status: Int32
  let output: String
  let errors: String

  static var path: String {
    ProcessInfo.processInfo.environment["QUIRE_BINARY"]
      ?? FileManager.default.currentDirectoryPath + "/.build/release/quire"
  }

  init(_ arguments: [String], input: FileHandle? = nil) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.path)
    process.arguments = arguments
    let folder = FileManager.default.temporaryDirectory
    let out = folder.appendingPathComponent("quire-out-\(UUID())")
    let err = folder.appendingPathComponent("quire-err-\(UUID())")
    for file in [out, err] { FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    process.standardInput = input ?? FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = String(decoding: try Data(contentsOf: out), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: err), as: UTF8.self)
    for file in [out, err] { try? FileManager.default.removeItem(at: file) }
  }
}

/// A place for one file that goes with the value.
final class TemporaryFile {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-test-\(UUID())").path

  init(_ content: Data? = nil) { if let content { FileManager.default.createFile(atPath: path, contents: content) } }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var content: Data { (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data() }
}
