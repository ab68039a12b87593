import Hardware

/// The segments of 64-bit mode, which say little more than what ring code runs in, and the task state, which says where
/// the stack is when the processor comes from ring 3.
///
/// Source: Intel SDM volume 3, 3.4.5 (descriptors), 7.2.3 (the descriptor of a task state), 7.7.
enum Segments {
  // The first three stand at the same places in the table that boot.S loads.
  static let kernelCode: UInt16 = 0x08
  static let kernelData: UInt16 = 0x10
  /// With the ring that asks for them in the lowest bits.
  static let userData: UInt16 = 0x18 | 3
  static let userCode: UInt16 = 0x20 | 3
  private static let task: UInt16 = 0x28

  private static let taskLimit: UInt64 = 103

  static func load() {
    let state = UInt64(task_state_address())
    set(kernelCode, 0x00af_9a00_0000_ffff)
    set(kernelData, 0x00cf_9200_0000_ffff)
    set(userData, 0x00cf_f200_0000_ffff)
    set(userCode, 0x00af_fa00_0000_ffff)
    // Its 64 bits of address are spread over two entries.
    set(task, taskLimit | (state & 0xff_ffff) << 16 | 0x89 << 40 | (state >> 24 & 0xff) << 56)
    set(task + 8, state >> 32)
    // From ring 3 the processor fills user_frame, from its end. SAFETY: the task state has 104 bytes; it is packed, its
    // first address from its fifth byte on.
    let frameEnd = UInt64(user_frame_address()) + UInt64(MemoryLayout<TrapFrame>.size)
    unsafe UnsafeMutableRawPointer(bitPattern: UInt(state) + 4)?
      .storeBytes(of: frameEnd, as: UInt64.self)
    // No ports for ring 3: their bitmap begins behind the end.
    // SAFETY: the task state has 104 bytes, aligned to 16.
    unsafe UnsafeMutablePointer<UInt16>(bitPattern: UInt(state) + 102)?.pointee = UInt16(taskLimit + 1)
    load_segment_table(UInt64(segment_descriptors_address()), 8 * 7 - 1)
    load_task_register(task)
  }

  private static func set(_ selector: UInt16, _ descriptor: UInt64) {
    // SAFETY: the table has room for eight descriptors.
    unsafe UnsafeMutablePointer<UInt64>(bitPattern: segment_descriptors_address() + UInt(selector & ~7))?
      .pointee = descriptor
  }
}
