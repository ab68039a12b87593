import ArgumentParser
import Logging
import TraceIO

/// The exit statuses of the command's own errors, after sysexits(3) and env(1).
enum FailureStatus: Int32 {
  case usage = 64
  case damagedInput = 65
  case noInput = 66
  case cannotCreate = 73
  case tracer = 125
  case cannotExecute = 126
  case notFound = 127
}

/// An error that ends the command with one line and a status.
struct Failure: Error {
  let status: FailureStatus
  let message: String

  init(_ status: FailureStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  init(_ error: TraceError) {
    switch error {
    case .cannotOpen: self.init(.noInput, "\(error)")
    case .cannotWrite: self.init(.cannotCreate, "\(error)")
    case .empty, .notARecording, .otherVersion, .damagedHead, .cut, .damagedBlock, .damagedSlice, .lostWriter:
      self.init(.damagedInput, "\(error)")
    }
  }
}

/// Runs a verb and turns its failures into one line on standard error and their exit status.
func reportingFailures(_ body: () throws -> Int32) throws {
  do {
    let status = try body()
    throw ExitCode(status)
  } catch let failure as Failure {
    diagnostics.error("\(failure.message)")
    throw ExitCode(failure.status.rawValue)
  } catch let error as TraceError {
    let failure = Failure(error)
    diagnostics.error("\(failure.message)")
    throw ExitCode(failure.status.rawValue)
  }
}

/// What the command has to say beside its report, on standard error.
let diagnostics: Logger = {
  LoggingSystem.bootstrap { _ in PlainLogHandler() }
  return Logger(label: "quire")
}()
