/// What the loader tells: the memory map of a PVH start (`struct hvm_start_info`, Xen's public interface).
struct BootInformation {
  /// RAM in whole frames below 4 GiB, which the direct map holds; ascending.
  let ram: [FrameRange]

  /// - Returns: `nil` if there is no start information of a version with a memory map.
  init?(at address: PhysicalAddress) {
    // SAFETY: the loader passes the address of its structure, which lies in mapped memory.
    guard let info = unsafe UnsafeRawPointer(bitPattern: KernelLayout.address(of: address)),
      unsafe info.load(as: UInt32.self) == 0x336e_c578, unsafe info.load(fromByteOffset: 4, as: UInt32.self) >= 1
    else { return nil }
    let table = unsafe info.load(fromByteOffset: 40, as: UInt64.self)
    let count = unsafe info.load(fromByteOffset: 48, as: UInt32.self)
    guard let entries = unsafe UnsafeRawPointer(bitPattern: KernelLayout.address(of: PhysicalAddress(table))) else {
      return nil
    }
    var ram: [FrameRange] = []
    for index in 0..<Int(count) {
      let start = unsafe entries.load(fromByteOffset: index * 24, as: UInt64.self)
      let size = unsafe entries.load(fromByteOffset: index * 24 + 8, as: UInt64.self)
      let type = unsafe entries.load(fromByteOffset: index * 24 + 16, as: UInt32.self)
      let end = min(start &+ size, KernelLayout.directMapBytes)
      let first = (start + 4095) >> 12
      let last = end >> 12
      if type == 1 && first < last {
        ram.append(FrameRange(FrameNumber(UInt32(first)), FrameNumber(UInt32(last))))
      }
    }
    self.ram = ram
  }
}
