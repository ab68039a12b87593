import SystemPackage

/// Where a recording's bytes come from, in order: a file, a pipe or memory.
public protocol ByteSource {
  /// Reads up to `count` bytes; fewer only at the end.
  mutating func read(_ count: Int) throws(TraceError) -> [UInt8]
}

/// A file or pipe. `-` is standard input or output.
public final class ByteFile: ByteSource {
  private let descriptor: FileDescriptor
  private let path: String
  private let isOwned: Bool

  private init(_ descriptor: FileDescriptor, _ path: String, isOwned: Bool) {
    self.descriptor = descriptor
    self.path = path
    self.isOwned = isOwned
  }

  deinit { if isOwned { try? descriptor.close() } }

  public static func reading(_ path: String) throws(TraceError) -> ByteFile {
    if path == "-" { return ByteFile(.standardInput, "standard input", isOwned: false) }
    do {
      let file = ByteFile(
        try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec), path, isOwned: true)
      return file
    } catch {
      throw .cannotOpen(path: path, reason: "\(error)")
    }
  }

  /// Creates the file, or empties it.
  public static func writing(_ path: String) throws(TraceError) -> ByteFile {
    if path == "-" { return ByteFile(.standardOutput, "standard output", isOwned: false) }
    do {
      let descriptor = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      return ByteFile(descriptor, path, isOwned: true)
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }

  public static var standardError: ByteFile {
    ByteFile(.standardError, "standard error", isOwned: false)
  }

  public func read(_ count: Int) throws(TraceError) -> [UInt8] {
    do {
      var failure: Error? = nil
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
        used = 0
        do {
          // SAFETY: reads into the uninitialized rest of the buffer and counts what was written.
          while used < count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[used...])
            let got = unsafe try descriptor.read(into: rest)
            if got == 0 { break }
            used += got
          }
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      return bytes
    } catch {
      throw .cannotOpen(path: path, reason: "\(error)")
    }
  }

  public func write(_ bytes: [UInt8]) throws(TraceError) {
    do {
      _ = try descriptor.writeAll(bytes)
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }
}

/// Bytes in memory.
public struct ByteArray: ByteSource {
  private let bytes: [UInt8]
  private var next = 0

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public mutating func read(_ count: Int) throws(TraceError) -> [UInt8] {
    let end = min(next + count, bytes.count)
    defer { next = end }
    return Array(bytes[next..<end])
  }
}
