/// Why the kernel's address space does not get what it was asked for. Nothing was changed.
public struct VmallocFailure: Error, Equatable, Sendable {
  public enum Reason: Equatable, Sendable {
    /// Of no bytes, or of no frames.
    case empty
    /// The machine has fewer pages.
    case exceedsMachine
    /// No addresses are left. Linux: `EBUSY`.
    case noAddresses
    /// No memory for the pages, or for the list of them.
    case noMemory
    /// No memory for page tables.
    case noTables
    /// A device cannot be where there is RAM.
    case isMemory(PhysicalAddress)
    /// No RAM is there.
    case noMemoryThere(FrameNumber)
  }

  /// Bytes wanted.
  public let size: Int
  public let reason: Reason

  /// A line about it, as in the kernel's log where it has one.
  public var text: String {
    switch reason {
    case .empty: "vmalloc error: size \(size), nothing to map"
    case .exceedsMachine: "vmalloc error: size \(size), exceeds total pages"
    case .noAddresses: "vmap allocation for size \(size) failed: use vmalloc=<size> to increase size"
    case .noMemory: "vmalloc error: size \(size), failed to allocate pages"
    case .noTables: "vmalloc error: size \(size), failed to map pages"
    case .isMemory(let address): "ioremap on RAM at 0x\(String(address.rawValue, radix: 16)), \(size) bytes"
    case .noMemoryThere(let frame): "vmap of frame \(frame.rawValue), which is no RAM"
    }
  }
}

/// An access to the kernel's addresses that the processor refuses. Linux: "BUG: unable to handle page fault for address".
public struct KernelPageFault: Error, Equatable, Sendable {
  public let address: VirtualAddress
  public let code: PageFaultCode
}

/// Why a device cannot be given an address (`include/linux/dma-mapping.h:dma_map_single_attrs`).
public enum DMAFailure: Error, Equatable, Sendable {
  /// The pages of such memory do not lie in one piece. Linux: "rejecting DMA map of vmalloc memory".
  case vmallocMemory(VirtualAddress)
  /// No RAM of the direct map is there.
  case noMemory(VirtualAddress)
}
