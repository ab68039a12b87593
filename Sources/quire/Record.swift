import ArgumentParser
import Foundation
import TraceIO

/// `quire record`: the event stream of a program, once, into a file.
struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Record a program's event stream, to replay it on any machine.",
    discussion: """
      The program runs as usual. Its memory accesses and system calls go into the file, compressed; what is written is \
      readable even if the recording is interrupted. With '-o -' the stream goes to standard output, and what \
      the program writes there to standard error.

      EXAMPLES
        quire record -o sort.quire -- sort big.txt
        quire record -o - -- true | quire replay -
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("The recording.", valueName: "file"))
  var output: String

  @Flag(
    help: """
      Leave no access out of the stream: several times slower and larger, and only needed for first-level TLBs of \
      fewer than 16 sets or 4 ways.
      """)
  var allAccesses = false

  @Argument(parsing: .postTerminator, help: "The program and its arguments, after '--'.")
  var program: [String] = []

  func run() throws {
    try reportingFailures {
      let path = try ProgramPath(program)
      var writer = try RecordingWriter(
        try ByteFile.writing(output), RecordingHead(arguments: path.arguments, listsAll: allAccesses))
      var follower = ProcessFollower()
      var stream = try LiveStream(path, listsAll: allAccesses, outputToError: output == "-")
      let start = ContinuousClock.now
      do throws(TraceError) {
        while true {
          if try stream.next() {
            try writer.append(stream.slice)
            try follower.follow(stream.slice)
          } else if stream.mayBeOver,
            stream.isOver(others: follower.unfinished, awaitsChildren: follower.awaitsChildren)
          {
            break
          }
        }
        try writer.finish(exitStatus: stream.program.exitStatus)
      } catch {
        stream.abandon()
        try? writer.flush()
        throw error
      }
      let seconds = Double(start.nanosecondsToNow) / 1e9
      diagnostics.info(
        """
        recorded \(writer.totalAccesses) accesses in \(String(format: "%.1f", seconds)) s, \
        \(writer.byteCount) bytes in '\(output)'
        """)
      return stream.program.exitStatus
    }
  }
}
