import Foundation

extension Report {
  /// The JSON form, with keys in snake_case as the kernel writes its names, in alphabetical order so that equal reports are equal texts.
  public func json() throws -> String { try JSONEncoder.report.text(self) }
}
