import Foundation
import LinuxMM
import Testing

@testable import TraceIO

@Suite struct RecordingTests {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID()).quire").path

  private func recording(blocks: Int = 1) throws -> [UInt8] {
    var writer = try RecordingWriter(
      try ByteFile.writing(path), RecordingHead(arguments: ["program", "an argument", "äöü"]))
    for _ in 0..<blocks { for slice in SliceWriter.life() { try writer.append(slice) } }
    try writer.finish(exitStatus: 42)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    try FileManager.default.removeItem(atPath: path)
    return bytes
  }

  /// Reads everything; how many slices there were, the exit status, and what ended it.
  private func read(_ bytes: [UInt8]) -> (slices: Int, status: Int32?, error: TraceError?) {
    var slices = 0
    do throws(TraceError) {
      var reader = try RecordingReader(ByteArray(bytes))
      do throws(TraceError) {
        while try reader.nextSlice() != nil { slices += 1 }
      } catch {
        return (slices, reader.exitStatus, error)
      }
      return (slices, reader.exitStatus, nil)
    } catch {
      return (0, nil, error)
    }
  }

  @Test func whatIsWrittenIsRead() throws {
    let bytes = try recording(blocks: 3)
    var reader = try RecordingReader(ByteArray(bytes))
    #expect(reader.head.arguments == ["program", "an argument", "äöü"])
    #expect(reader.head.filterSets == 16 && reader.head.filterWays == 4)
    let expected = SliceWriter.life()
    var count = 0
    while let start = try reader.nextSlice() {
      let slice = expected[count % 3]
      #expect(Array(reader.block[start..<(start + slice.count)]) == slice)
      count += 1
    }
    #expect(count == 9)
    #expect(reader.exitStatus == 42)
  }

  @Test func aRecordingOfSeveralBlocksIsRead() throws {
    let result = read(try recording(blocks: 1000))
    #expect(result.slices == 3000 && result.status == 42 && result.error == nil)
  }

  @Test func aRecordingCutAtAnyByteSaysSo() throws {
    let bytes = try recording()
    for length in 0..<bytes.count {
      let result = read(Array(bytes.prefix(length)))
      switch result.error {
      case .empty: #expect(length == 0)
      case .cut(let byte): #expect(byte == UInt64(length), "cut at \(length)")
      default: Issue.record("cut at \(length): \(String(describing: result.error))")
      }
      #expect(result.status == nil)
    }
  }

  @Test func aFlippedByteIsNoticedWhereverItIs() throws {
    let bytes = try recording()
    for index in 0..<bytes.count {
      var damaged = bytes
      damaged[index] ^= UInt8(1 << (index % 8))
      let result = read(damaged)
      #expect(result.error != nil, "byte \(index) flipped")
      if index >= 8 && index < 12 {
        guard case .otherVersion = result.error else {
          Issue.record("version flipped: \(String(describing: result.error))")
          continue
        }
      }
    }
  }

  @Test func otherFilesAreRefused() {
    #expect(read([]).error == .empty)
    #expect(read(Array("#!/bin/sh\necho hello, I am no recording\n".utf8)).error == .notARecording)
    #expect(read([UInt8](repeating: 0, count: 100)).error == .notARecording)
  }

  @Test func aFileThatCannotBeOpenedIsNamed() {
    #expect(throws: TraceError.cannotOpen(path: "/nonexistent/x", reason: "No such file or directory")) {
      try ByteFile.reading("/nonexistent/x")
    }
    #expect(throws: TraceError.cannotWrite(path: "/nonexistent/x", reason: "No such file or directory")) {
      try ByteFile.writing("/nonexistent/x")
    }
  }
}
