import ArgumentParser
import Reporting
import TraceIO

/// Where the report goes and in which form.
struct OutputOptions: ParsableArguments {
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case text, json, csv
  }

  @Option(name: .customShort("O"), help: "Form of the report: text, json or csv.")
  var form: Form = .text

  @Option(name: .shortAndLong, help: ArgumentHelp("Write the report to a file.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("Write the JSON form to a file as well.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Write the machine over time to a file: FILE.csv as values, FILE.svg as a picture.", valueName: "file"))
  var series: String?

  @Flag(help: "List the areas with most page-table walks in the report (text and JSON).")
  var tlbAreas = false

  func validate() throws {
    if let series, !series.hasSuffix(".csv"), !series.hasSuffix(".svg") {
      throw ValidationError("--series '\(series)': expected a file that ends in .csv or .svg")
    }
  }

  /// Writes a report that comes in these forms to standard output or the file named.
  func write(text: String, csv: String, json: String) throws {
    let content =
      switch form {
      case .text: text
      case .json: json
      case .csv: csv
      }
    try ByteFile.writing(output ?? "-").write(Array(content.utf8))
    if let file = self.json { try ByteFile.writing(file).write(Array(json.utf8)) }
  }

  /// Writes the report.
  ///
  /// - Parameter toError: whether it goes to standard error unless a file is named, because the program writes to
  ///   standard output.
  func write(_ report: Report, toError: Bool) throws {
    if let output, output == json {
      throw Failure(.usage, "-o and --json name the same file '\(output)'")
    }
    let content =
      switch form {
      case .text: report.text()
      case .json: try report.json()
      case .csv: report.csv()
      }
    if let output {
      try ByteFile.writing(output).write(Array(content.utf8))
    } else if toError {
      try ByteFile.standardError.write(Array(content.utf8))
    } else {
      try ByteFile.writing("-").write(Array(content.utf8))
    }
    if let json { try ByteFile.writing(json).write(Array(try report.json().utf8)) }
    if let series {
      let content = series.hasSuffix(".svg") ? report.seriesPicture : report.seriesCSV
      try ByteFile.writing(series).write(Array(content.utf8))
    }
  }
}
