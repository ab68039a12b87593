import Foundation
import LinuxMM

/// What exec reads of a program: its headers and the segments to load.
struct ELFHeaders {
  let is64Bit: Bool
  let image: LoadableImage
  /// The path of `PT_INTERP`.
  let interpreter: String?

  /// Reads an x86 program's headers.
  ///
  /// - Throws: a failure that names the file and what is wrong.
  init(_ path: String) throws {
    func wrong(_ what: String) -> Failure { Failure(.cannotExecute, "'\(path)' \(what)") }
    guard let file = FileHandle(forReadingAtPath: path) else { throw wrong("cannot be opened") }
    defer { try? file.close() }
    func bytes(_ offset: UInt64, _ count: Int) throws -> [UInt8] {
      try? file.seek(toOffset: offset)
      guard offset < 1 << 62, let data = try? file.read(upToCount: count), data.count == count else {
        throw wrong("is damaged: its headers lie outside the file")
      }
      return [UInt8](data)
    }
    let head = try bytes(0, 52)
    guard head.starts(with: [0x7f, 0x45, 0x4c, 0x46]), head[5] == 1, head[4] == 1 || head[4] == 2 else {
      throw wrong("is not a program (ELF)")
    }
    is64Bit = head[4] == 2
    let header = is64Bit ? try bytes(0, 64) : head
    let machine = Self.number(header, 18, 2)
    guard machine == (is64Bit ? 62 : 3) else { throw wrong("is not an x86 program") }
    let type = Self.number(header, 16, 2)
    guard type == 2 || type == 3 else { throw wrong("cannot be executed (ELF type \(type))") }
    let table = is64Bit ? Self.number(header, 32, 8) : Self.number(header, 28, 4)
    let size = Self.number(header, is64Bit ? 54 : 42, 2)
    let count = Int(Self.number(header, is64Bit ? 56 : 44, 2))
    guard size == (is64Bit ? 56 : 32), count > 0, count * Int(size) <= 4096 else {
      throw wrong("is damaged: it has no program headers that the kernel would read")
    }
    let entries = try bytes(table, count * Int(size))
    var segments: [LoadableImage.Segment] = []
    var name: String?
    for index in 0..<count {
      let entry = Array(entries[index * Int(size)..<(index + 1) * Int(size)])
      // Offset, address, size in the file and in memory, alignment, flags.
      let fields: [UInt64] =
        is64Bit
        ? [8, 16, 32, 40, 48].map { Self.number(entry, $0, 8) } + [Self.number(entry, 4, 4)]
        : [4, 8, 16, 20, 28, 24].map { Self.number(entry, $0, 4) }
      switch Self.number(entry, 0, 4) {
      case 1:
        segments.append(
          LoadableImage.Segment(
            address: fields[1], fileBytes: fields[2], memoryBytes: fields[3], alignment: fields[4],
            isExecutable: fields[5] & 1 != 0, isWritable: fields[5] & 2 != 0, fileOffset: fields[0]))
      case 3 where name == nil:
        guard (2...4096).contains(fields[2]) else { throw wrong("is damaged: the name of its interpreter") }
        name = String(decoding: try bytes(fields[0], Int(fields[2])).dropLast(), as: UTF8.self)
      default: break
      }
    }
    interpreter = name
    image = LoadableImage(isPositionIndependent: type == 3, segments: segments, prefersHugePages: true)
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
    bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
