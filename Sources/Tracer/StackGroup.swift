import CQemuPlugin

/// Accesses of consecutive instructions that lie at known distances from each other: pushes, pops, calls, returns,
/// loads and stores beside the stack pointer.
///
/// One callback at the first serves all of them: when they lie on one page, as nearly always, that page is looked up
/// once. Instructions between them touch no other memory, so the order of accesses is kept.
struct StackGroup {
  static let mostEntries = 24
  /// Entries lie at most this far from the first.
  static let reach = 192

  /// Distance of each access from the first, times two, plus one if it writes.
  private(set) var entries = InlineArray<24, Int16>(repeating: 0)
  private(set) var count = 0
  private(set) var anyWrites = false
  /// The most an entry lies below and above the first.
  private var below = 0
  private var above = 0
  /// The instruction whose access is the first.
  private(set) var firstInstruction = 0
  /// The stack pointer now, from where it was at the group's beginning.
  private var stackPointer = 0
  private var firstOffset = 0

  /// Takes an access in, if the group can hold it.
  mutating func add(_ offset: Int, writes: Bool, change: Int, instruction: Int) -> Bool {
    if count == 0 {
      firstInstruction = instruction
      firstOffset = offset
      stackPointer = 0
    }
    let distance = stackPointer + offset - firstOffset
    guard count < StackGroup.mostEntries, distance <= StackGroup.reach, distance >= -StackGroup.reach
    else { return false }
    entries[count] = Int16(distance * 2 + (writes ? 1 : 0))
    count += 1
    below = max(below, -distance)
    above = max(above, distance)
    if writes { anyWrites = true }
    stackPointer += change
    return true
  }

  mutating func move(_ change: Int) { stackPointer += change }

  mutating func clear() {
    count = 0
    anyWrites = false
    below = 0
    above = 0
  }

  /// The data for the group's callback: the entries' place in memory (bits 0 to 47), their number (48 to
  /// 55), whether any writes (56), and their reach below (57 to 59) and above (60 to 62) in units of 64 bytes.
  ///
  /// - Parameter block: what the callback reports of the block as well, or 0; see ``blockExecuted(_:_:)``.
  ///
  /// Blocks that QEMU forgets leave their few bytes behind.
  func packed(block: UInt64) -> UnsafeMutableRawPointer? {
    guard let memory = malloc(8 + count * 2) else { return nil }
    memory.storeBytes(of: block, as: UInt64.self)
    let list = (memory + 8).bindMemory(to: Int16.self, capacity: count)
    for index in 0..<count { list[index] = entries[index] }
    let address = UInt(bitPattern: memory)
    // How far it reaches below the first access and above its beginning, in units of 64 bytes.
    let reaches = UInt((below + 63) / 64) << 57 | UInt((above + 8 + 63) / 64) << 60
    return UnsafeMutableRawPointer(
      bitPattern: address | UInt(count) << 48 | (anyWrites ? 1 : 0) << 56 | reaches)
  }
}

/// The first access of a group that is also its block's first; the others follow from it.
@inline(__always)
@_cdecl("quire_block_with_stack_accesses")
func blockWithStackAccesses(
  _ processor: UInt32, _ info: UInt32, _ address: UInt64, _ data: UnsafeMutableRawPointer?
) {
  let packed = UInt64(UInt(bitPattern: data))
  let state = ThreadState.of(processor)
  block(
    state,
    UnsafePointer<UInt64>(bitPattern: UInt(packed & 0xffff_ffff_ffff)).unsafelyUnwrapped.pointee)
  group(state, address, packed)
}

/// The first access of a group; the others follow from it.
@inline(__always)
@_cdecl("quire_stack_accesses")
func stackAccesses(
  _ processor: UInt32, _ info: UInt32, _ address: UInt64, _ data: UnsafeMutableRawPointer?
) {
  group(ThreadState.of(processor), address, UInt64(UInt(bitPattern: data)))
}

@inline(__always)
private func group(_ state: ThreadState, _ address: UInt64, _ packed: UInt64) {
  let page = address >> 12
  let place = AccessFilter.place(page)
  let tag =
    state[ThreadState.dataFilter + AccessFilter.tags + 2 * place] | (~packed >> 56 & 1)
  let offset = address & 4095
  guard _fastPath(tag == page << 1 | 1), _fastPath(offset >= packed >> 51 & 0x1c0),
    _fastPath(offset &+ (packed >> 54 & 0x1c0) <= 4096)
  else {
    stackAccessesOneByOne(state, address, packed)
    return
  }
  let time = state[ThreadState.clock] &+ (packed >> 48 & 0xff)
  state[ThreadState.clock] = time
  state[ThreadState.dataFilter + AccessFilter.used + 2 * place] = time
}

/// A group that is not on one known page.
@inline(never)
func stackAccessesOneByOne(_ state: ThreadState, _ address: UInt64, _ packed: UInt64) {
  let list = UnsafePointer<Int16>(bitPattern: UInt(packed & 0xffff_ffff_ffff) + 8).unsafelyUnwrapped
  for index in 0..<Int(packed >> 48 & 0xff) {
    let entry = list[index]
    // Bit 17 tells a store, bits 4 to 6 the size: 8 bytes.
    let info: UInt32 = entry & 1 != 0 ? 1 << 17 | 3 << 4 : 3 << 4
    access(state, info, address &+ UInt64(bitPattern: Int64(entry >> 1)))
  }
}
