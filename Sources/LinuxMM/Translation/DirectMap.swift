/// The part of the kernel's addresses at which all RAM lies in one piece, on 64-bit machines with four levels of page tables.
/// Linux: `PAGE_OFFSET`, `__va`, `__pa`.
public enum DirectMap {
  @inlinable static var start: UInt64 { 0xffff_8880_0000_0000 }

  @inlinable @inline(__always)
  public static func address(of physical: PhysicalAddress) -> VirtualAddress {
    VirtualAddress(start &+ physical.rawValue)
  }

  /// Addresses below the direct map become ones above all RAM.
  @inlinable @inline(__always)
  public static func physical(_ address: VirtualAddress) -> PhysicalAddress {
    PhysicalAddress(address.rawValue &- start)
  }
}
