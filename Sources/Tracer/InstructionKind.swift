/// What an instruction does with memory, as far as its bytes tell for certain (Intel SDM volume 2).
enum InstructionKind {
  /// One access at `offset` from the stack pointer before the instruction, which then moves by `change`.
  case access(offset: Int, writes: Bool, change: Int)
  /// Exactly one access, somewhere.
  case memory
  /// No memory access; the stack pointer moves by `change`.
  case registersOnly(change: Int)
  /// Anything else.
  case unknown

  init(_ bytes: UnsafePointer<UInt8>, _ size: Int) {
    var next = 0
    var rex: UInt8 = 0
    if bytes[0] == 0xf3 && size == 4 && bytes[1] == 0x0f && bytes[2] == 0x1e && bytes[3] == 0xfa {
      self = .registersOnly(change: 0)  // endbr64
      return
    }
    if bytes[0] & 0xf0 == 0x40 {
      rex = bytes[0]
      next = 1
    }
    guard next < size else {
      self = .unknown
      return
    }
    let opcode = bytes[next]
    next += 1
    switch opcode {
    case 0x50...0x57:
      self = .access(offset: -8, writes: true, change: -8)
      return
    case 0x58...0x5f where opcode != 0x5c || rex & 1 != 0:
      self = .access(offset: 0, writes: false, change: 8)
      return
    case 0xe8 where rex == 0 && size == 5:
      self = .access(offset: -8, writes: true, change: -8)
      return
    case 0xc3 where rex == 0 && size == 1:
      self = .access(offset: 0, writes: false, change: 8)
      return
    case 0x70...0x7f, 0xeb, 0xe9, 0x90:  // jumps and nop
      self = .registersOnly(change: 0)
      return
    case 0x0f:
      self = InstructionKind.twoByte(bytes, next, size)
      return
    case 0xb8...0xbf where opcode != 0xbc || rex & 1 != 0:
      self = .registersOnly(change: 0)
      return
    default: break
    }
    guard next < size else {
      self = .unknown
      return
    }
    let mode = bytes[next] >> 6
    let register = Int(bytes[next] >> 3 & 7) | (rex & 4 != 0 ? 8 : 0)
    let operand = Int(bytes[next] & 7) | (rex & 1 != 0 ? 8 : 0)
    let stackPointer = 4
    if mode == 3 {
      switch opcode {
      case 0x01, 0x09, 0x21, 0x29, 0x31, 0x89:  // the operand is changed
        self = operand == stackPointer ? .unknown : .registersOnly(change: 0)
      case 0x03, 0x0b, 0x23, 0x2b, 0x33, 0x8b, 0x63:  // the register is changed
        self = register == stackPointer ? .unknown : .registersOnly(change: 0)
      case 0x39, 0x3b, 0x85:  // compared only
        self = .registersOnly(change: 0)
      case 0x81, 0x83:
        guard operand == stackPointer else {
          self = .registersOnly(change: 0)
          return
        }
        let isWide = rex & 8 != 0
        let amount = InstructionKind.constant(bytes, next + 1, opcode == 0x83 ? 1 : 4, size)
        guard isWide, let amount, register == 0 || register == 5 else {
          self = .unknown
          return
        }
        self = .registersOnly(change: register == 0 ? amount : -amount)
      case 0xff where register == 2:  // call through a register
        self = .access(offset: -8, writes: true, change: -8)
      default: self = .unknown
      }
      return
    }
    if opcode == 0x8d {  // lea computes an address and uses none
      self = register == stackPointer ? .unknown : .registersOnly(change: 0)
      return
    }
    // Loads and stores at a constant distance from the stack pointer.
    let writes: Bool
    switch opcode {
    case 0x8b where register != stackPointer: writes = false
    case 0x89: writes = true
    case 0xc7 where register == 0: writes = true
    case 0x03, 0x0b, 0x23, 0x2b, 0x33, 0x38...0x3b, 0x63, 0x84, 0x85, 0x88, 0x8a, 0x8b, 0xc6:
      self = .memory
      return
    case 0x80, 0x81, 0x83:  // with a constant: a comparison only reads, the others read and write
      self = register & 7 == 7 ? .memory : .unknown
      return
    default:
      self = .unknown
      return
    }
    guard operand == stackPointer, next + 1 < size, bytes[next + 1] & 0x3f == 0x24, rex & 2 == 0 else {
      self = .memory
      return
    }
    let width = mode == 0 ? 0 : mode == 1 ? 1 : 4
    guard let offset = InstructionKind.constant(bytes, next + 2, width, size) else {
      self = .unknown
      return
    }
    self = .access(offset: offset, writes: writes, change: 0)
  }

  /// Instructions of two opcode bytes: conditional jumps and sets, and loads of a byte or word.
  private static func twoByte(
    _ bytes: UnsafePointer<UInt8>, _ next: Int, _ size: Int
  ) -> InstructionKind {
    guard next < size else { return .unknown }
    switch bytes[next] {
    case 0x80...0x8f: return .registersOnly(change: 0)
    case 0xb6, 0xb7, 0xbe, 0xbf:
      guard next + 1 < size else { return .unknown }
      let mode = bytes[next + 1] >> 6
      if mode != 3 { return .memory }
      // Into the stack pointer itself nothing writes a byte; be careful all the same.
      return bytes[next + 1] >> 3 & 7 == 4 ? .unknown : .registersOnly(change: 0)
    default: return .unknown
    }
  }

  /// A signed constant of 0, 1 or 4 bytes.
  private static func constant(
    _ bytes: UnsafePointer<UInt8>, _ place: Int, _ width: Int, _ size: Int
  ) -> Int? {
    guard place + width <= size else { return nil }
    switch width {
    case 0: return 0
    case 1: return Int(Int8(bitPattern: bytes[place]))
    default:
      var value: UInt32 = 0
      for index in 0..<4 { value |= UInt32(bytes[place + index]) << UInt32(8 * index) }
      return Int(Int32(bitPattern: value))
    }
  }
}
