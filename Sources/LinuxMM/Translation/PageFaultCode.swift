/// The error code a processor gives with a page fault. Linux: `enum x86_pf_error_code`.
///
/// Source: Intel SDM volume 3, 4.7.
public struct PageFaultCode: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt16

  @inline(__always)
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The page is there and its rights do not permit the access; without it, an entry is not present.
  public static let protection = PageFaultCode(rawValue: 1 << 0)
  public static let write = PageFaultCode(rawValue: 1 << 1)
  /// The access came from user mode.
  public static let user = PageFaultCode(rawValue: 1 << 2)
  /// An entry has a bit set that must be clear.
  public static let reserved = PageFaultCode(rawValue: 1 << 3)
  /// An instruction fetch, on a processor with no-execute or SMEP switched on.
  public static let instruction = PageFaultCode(rawValue: 1 << 4)
  /// The page's protection key forbids it.
  public static let protectionKey = PageFaultCode(rawValue: 1 << 5)
}

/// How the hardware ended an access.
enum AccessOutcome: Equatable, BitwiseCopyable {
  case done
  /// A page fault with this error code.
  case fault(PageFaultCode)
  /// The address is not canonical, or the root's registers are not valid: #GP, no page fault.
  case generalProtection

  /// Whether a page was there whose rights do not permit the access.
  var isProtectionFault: Bool {
    if case .fault(let code) = self { return code.contains(.protection) }
    return false
  }
}
