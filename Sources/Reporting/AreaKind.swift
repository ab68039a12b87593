/// What an area is to its program, as far as its line in maps tells.
enum AreaKind: Int, CaseIterable {
  case code, readOnlyData, data, heap, anonymous, file, sharedMemory, stack

  var name: String {
    switch self {
    case .code: "code"
    case .readOnlyData: "read-only data"
    case .data: "data"
    case .heap: "heap"
    case .anonymous: "anonymous"
    case .file: "file mapping"
    case .sharedMemory: "shared memory"
    case .stack: "stack"
    }
  }

  var colour: Colour {
    switch self {
    case .code: Colour(0x2f6db5)
    case .readOnlyData: Colour(0x2aa3b3)
    case .data: Colour(0x8559b3)
    case .heap: Colour(0xe0702c)
    case .anonymous: Colour(0xd3a012)
    case .file: Colour(0x559a50)
    case .sharedMemory: Colour(0xc8478c)
    case .stack: Colour(0xbf3430)
    }
  }

  /// - Parameter programs: the names of the files of which something is mapped executable: programs and libraries.
  init(_ area: ProcessArea, programs: Set<String>) {
    let isMemory = ["/dev/zero", "/SYSV", "/dev/shm/", "/memfd:"].contains { area.name.hasPrefix($0) }
    if area.name == "[stack]" {
      self = .stack
    } else if area.name == "[heap]" {
      self = .heap
    } else if !area.hasFile {
      self = area.isShared ? .sharedMemory : .anonymous
    } else if isMemory {
      self = .sharedMemory
    } else if area.rights.contains("x") {
      self = .code
    } else if area.isShared || !programs.contains(area.name) {
      self = .file
    } else {
      self = area.rights.contains("w") ? .data : .readOnlyData
    }
  }
}

/// A colour of a picture.
struct Colour {
  private let value: Int

  init(_ value: Int) { self.value = value }

  /// As SVG writes it.
  var text: String {
    let digits = String(value, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// The colour with so much white in it, from 0 to 1.
  func lighter(_ white: Double) -> Colour {
    var result = 0
    for shift in [16, 8, 0] {
      let part = Double(value >> shift & 255)
      result |= Int((part + (255 - part) * white).rounded()) << shift
    }
    return Colour(result)
  }
}
