/// In which mode of the processor an access is made, as far as rights go.
struct AccessMode: Equatable, BitwiseCopyable {
  /// User mode, or supervisor mode.
  var isUser: Bool
  /// Whether a supervisor's data access may reach user pages although SMAP is on: EFLAGS.AC is set and the access is
  /// explicit. Linux: between `stac` and `clac`.
  var overridesPrevention = false
  /// The rights of the 16 protection keys: two bits each, access disabled and write disabled (PKRU).
  var keyRights: UInt32 = 0

  static let user = AccessMode(isUser: true)
  static let supervisor = AccessMode(isUser: false)
}

/// The switches of a processor that decide about rights: bits of CR0, CR4 and EFER.
public struct ProtectionControls: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Read-only pages are read-only for supervisors too (CR0.WP).
  public static let writeProtect = ProtectionControls(rawValue: 1 << 0)
  /// Pages may be not executable (EFER.NXE).
  public static let noExecute = ProtectionControls(rawValue: 1 << 1)
  /// Supervisors execute no user pages (CR4.SMEP).
  public static let supervisorExecutionPrevention = ProtectionControls(rawValue: 1 << 2)
  /// Supervisors read and write no user pages (CR4.SMAP).
  public static let supervisorAccessPrevention = ProtectionControls(rawValue: 1 << 3)
  /// Pages have protection keys (CR4.PKE).
  public static let protectionKeys = ProtectionControls(rawValue: 1 << 4)

  /// All of them, as Linux sets them on a processor that has them.
  public static let all: ProtectionControls = [
    .writeProtect, .noExecute, .supervisorExecutionPrevention, .supervisorAccessPrevention, .protectionKeys,
  ]
}

extension ProtectionControls {
  /// The bits of an error code that say what access it was.
  func code(_ kind: AccessKind, _ mode: AccessMode) -> PageFaultCode {
    var code: PageFaultCode = mode.isUser ? .user : []
    if kind == .write { code.insert(.write) }
    if kind == .fetch && !isDisjoint(with: [.noExecute, .supervisorExecutionPrevention]) { code.insert(.instruction) }
    return code
  }

  /// The error code of an access to a page that is there, or `nil` if its rights permit the access (SDM 4.6).
  func violation(_ page: PageTranslation, _ kind: AccessKind, _ mode: AccessMode) -> PageFaultCode? {
    let keyForbids = forbidsByKey(page, kind, mode)
    let permitted =
      switch kind {
      case .fetch:
        (page.isExecutable || !contains(.noExecute))
          && (mode.isUser ? page.isUser : !page.isUser || !contains(.supervisorExecutionPrevention))
      case .read: permitsMode(page, mode)
      case .write:
        permitsMode(page, mode) && (page.isWritable || !mode.isUser && !contains(.writeProtect))
      }
    if permitted && !keyForbids { return nil }
    return code(kind, mode).union(keyForbids ? [.protection, .protectionKey] : .protection)
  }

  /// Whether data of the page may be reached from the mode at all.
  private func permitsMode(_ page: PageTranslation, _ mode: AccessMode) -> Bool {
    if mode.isUser { return page.isUser }
    return !page.isUser || !contains(.supervisorAccessPrevention) || mode.overridesPrevention
  }

  /// Protection keys govern data accesses to user pages, by whomever (SDM 4.6.2).
  private func forbidsByKey(_ page: PageTranslation, _ kind: AccessKind, _ mode: AccessMode) -> Bool {
    guard contains(.protectionKeys), page.isUser, kind != .fetch else { return false }
    let rights = mode.keyRights >> UInt32(2 * page.protectionKey)
    if rights & 1 != 0 { return true }
    return rights & 2 != 0 && kind == .write && (mode.isUser || contains(.writeProtect))
  }
}
