import Foundation
import Logging

/// Writes diagnostics as single lines, as a command does: `quire: error: …`.
struct PlainLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let kind =
      switch event.level {
      case .error, .critical: "error: "
      case .warning: "warning: "
      default: ""
      }
    FileHandle.standardError.write(Data("quire: \(kind)\(event.message)\n".utf8))
  }
}
