import Testing

@testable import LinuxMM

/// Who may do what: every combination of rights at two levels, modes, switches and keys, through the walk and through
/// the buffers, beside the rules of the Intel SDM (volume 3, 4.6 and 4.7) written out as they stand there.
@Suite struct PermissionTests {
  private struct Case {
    /// Writable, user and no-execute bits of the two levels.
    var upper: UInt64
    var leaf: UInt64
    var kind: AccessKind
    var mode: AccessMode
    var controls: ProtectionControls
    /// The rights of the page's key: 1 no access, 2 no write.
    var key: UInt32
  }

  private static let key: UInt64 = 5

  /// The error code, or `nil` if the access is permitted.
  private func expected(_ test: Case) -> UInt16? {
    let wp = test.controls.contains(.writeProtect)
    let nxe = test.controls.contains(.noExecute)
    let smep = test.controls.contains(.supervisorExecutionPrevention)
    let smap = test.controls.contains(.supervisorAccessPrevention)
    let pke = test.controls.contains(.protectionKeys)
    let user = test.mode.isUser
    var code: UInt16 = (test.kind == .write ? 2 : 0) | (user ? 4 : 0)
    // 4.7: the I/D flag, only if SMEP or the no-execute bit is on.
    if test.kind == .fetch && (smep || nxe) { code |= 16 }
    let xd = (test.upper | test.leaf) & PageTableEntry.noExecute != 0
    // 4.5.4: without NXE the bit is reserved.
    if !nxe && xd { return code | 1 | 8 }
    let isUserPage = test.upper & test.leaf & PageTableEntry.user != 0
    let isWritable = test.upper & test.leaf & PageTableEntry.writable != 0
    let ac = test.mode.overridesPrevention
    var permitted: Bool
    switch (user, test.kind) {
    case (false, .read):
      // Supervisor-mode pages always; user-mode pages if SMAP is off, or overridden.
      permitted = !isUserPage || !smap || ac
    case (false, .write):
      permitted =
        !isUserPage
        ? !wp || isWritable
        : !wp ? !smap || ac : isWritable && (!smap || ac)
    case (false, .fetch):
      permitted = isUserPage ? !smep && !xd : !xd
    case (true, .read): permitted = isUserPage
    case (true, .write): permitted = isUserPage && isWritable
    case (true, .fetch): permitted = isUserPage && !xd
    }
    // 4.6.2: keys govern data accesses to user-mode pages.
    let accessDisabled = test.key & 1 != 0
    let writeDisabled = test.key & 2 != 0
    if pke && isUserPage && test.kind != .fetch
      && (accessDisabled || writeDisabled && test.kind == .write && (user || wp))
    {
      return code | 1 | 32
    }
    if !permitted { code |= 1 }
    return permitted ? nil : code
  }

  private static let rights: [UInt64] = (0..<8).map {
    ($0 & 1 != 0 ? PageTableEntry.writable : 0) | ($0 & 2 != 0 ? PageTableEntry.user : 0)
      | ($0 & 4 != 0 ? PageTableEntry.noExecute : 0)
  }

  private static var modes: [AccessMode] {
    var overriding = AccessMode.supervisor
    overriding.overridesPrevention = true
    return [.user, .supervisor, overriding]
  }

  @Test(arguments: 0..<32 as Range<UInt8>) func everyCombination(_ switches: UInt8) throws {
    let controls = ProtectionControls(rawValue: switches)
    let test = try TestTranslation(controls: controls)
    let context = try test.makeContext()
    test.load(context)
    var cases: [(VirtualPage, Case)] = []
    for (upperNumber, upper) in Self.rights.enumerated() {
      for (leafNumber, leaf) in Self.rights.enumerated() {
        let page = VirtualPage(UInt64(upperNumber) << 9 | UInt64(leafNumber))
        let bits = PageTableEntry.present | leaf | Self.key << 59
        try test.set(context, page, .page(FrameNumber(UInt32(page.rawValue) + 1000), bits))
        for mode in Self.modes {
          for kind in [AccessKind.read, .write, .fetch] {
            for key in 0..<4 as Range<UInt32> {
              var mode = mode
              mode.keyRights = key << UInt32(2 * Self.key)
              cases.append((page, Case(upper: upper, leaf: leaf, kind: kind, mode: mode, controls: controls, key: key)))
            }
          }
        }
      }
      // The entry of level 1 gets the rights of the upper level.
      let page = VirtualPage(UInt64(upperNumber) << 9)
      var allocated = 0
      let place = try test.translation.makePlace(context.root, page, owner: 0, level: 1, allocated: &allocated)
      let table = test.translation.entry(place)
      let all = PageTableEntry.writable | PageTableEntry.user
      test.translation.setEntry(place, to: table.clearing(all).setting(upper))
    }
    var wrong: [String] = []
    func compare(_ page: VirtualPage, _ item: Case, _ how: String) {
      let outcome = test.access(context, page, item.kind, item.mode).outcome
      let wanted = expected(item).map { AccessOutcome.fault(PageFaultCode(rawValue: $0)) } ?? .done
      if outcome != wanted { wrong.append("\(how): \(item): \(outcome), not \(wanted)") }
    }
    // Each alone, with empty buffers and a page that was never used.
    for (page, item) in cases {
      test.translation.processors.flushEverything(on: 0)
      let place = try #require(test.place(context, page))
      let clean = test.translation.entry(place).clearing(PageTableEntry.accessed | PageTableEntry.dirty)
      test.translation.setEntry(place, to: clean)
      compare(page, item, "walk")
      let marks = test.translation.entry(place).rawValue & (PageTableEntry.accessed | PageTableEntry.dirty)
      let isDone = expected(item) == nil
      let marked = isDone ? PageTableEntry.accessed | (item.kind == .write ? PageTableEntry.dirty : 0) : 0
      if marks != marked { wrong.append("marks \(marks) of \(item)") }
    }
    // All in random order, with what the others left in the buffers.
    var random = XorShift64(seed: UInt64(switches) + 1)
    for _ in 0..<20_000 {
      let (page, item) = cases[Int(random.below(UInt64(cases.count)))]
      compare(page, item, "buffered")
      try test.check(context)
    }
    #expect(wrong.isEmpty, "\(wrong.count) of them, first: \(wrong.prefix(3).joined(separator: "\n"))")
  }

  @Test func whatFaultsBeforeRightsAreLookedAt() throws {
    let test = try TestTranslation()
    let context = try test.makeContext()
    test.load(context)
    // Nothing there: no protection bit, at whatever level.
    #expect(test.access(context, VirtualPage(1), .write).outcome == .fault([.user, .write]))
    #expect(test.access(context, VirtualPage(1), .fetch, .supervisor).outcome == .fault([.instruction]))
    try test.set(context, VirtualPage(0), .page(FrameNumber(1), TestTranslation.userBits))
    #expect(test.access(context, VirtualPage(1), .read).outcome == .fault([.user]))
    // A page without rights is not present.
    try test.set(context, VirtualPage(1), .page(FrameNumber(1), PageTableEntry.protectionNone))
    #expect(test.access(context, VirtualPage(1), .read).outcome == .fault([.user]))
    // Physical addresses beyond the machine's, and large pages where there are none or not aligned.
    try test.set(context, VirtualPage(2), PageTableEntry(rawValue: 1 << 46 | TestTranslation.userBits))
    #expect(test.access(context, VirtualPage(2), .read).outcome == .fault([.user, .protection, .reserved]))
    let top = EntryPlace(table: context.root, index: 7)
    test.translation.setEntry(top, to: PageTableEntry(rawValue: TestTranslation.userBits | PageTableEntry.large))
    #expect(test.access(context, VirtualPage(7 << 27), .read).outcome == .fault([.user, .protection, .reserved]))
    var allocated = 0
    let place = try test.translation.makePlace(
      context.root, VirtualPage(1 << 9), owner: 0, level: 1, allocated: &allocated)
    test.translation.setEntry(
      place, to: PageTableEntry(rawValue: 1 << 13 | TestTranslation.userBits | PageTableEntry.large))
    #expect(test.access(context, VirtualPage(1 << 9), .read).outcome == .fault([.user, .protection, .reserved]))
    // Not canonical: no page fault, and no walk.
    let walks = test.statistics.walks
    #expect(test.access(context, VirtualPage(1 << 35), .read).outcome == .generalProtection)
    #expect(test.statistics.walks == walks)
  }

  /// 32-bit tables: without PAE nothing can be kept from being executed; PAE's root has no rights.
  @Test func otherGeometriesHaveTheirOwnRights() throws {
    for geometry in [PageTableGeometry.twoLevels, .physicalAddressExtension] {
      let test = try TestTranslation(geometry)
      let context = try test.makeContext()
      test.load(context)
      let bits = PageTableEntry.present | PageTableEntry.user | PageTableEntry.noExecute
      try test.set(context, VirtualPage(3), .page(FrameNumber(9), bits))
      #expect(test.access(context, VirtualPage(3), .read).page.frame == FrameNumber(9))
      #expect(
        test.access(context, VirtualPage(3), .fetch).outcome
          == (geometry.hasNarrowEntries ? .done : .fault([.user, .protection, .instruction])))
      #expect(test.access(context, VirtualPage(3), .write).outcome == .fault([.user, .protection, .write]))
      #expect(test.access(context, VirtualPage(1 << 20), .read).outcome == .generalProtection)
      try test.check(context)
    }
    // Bits that are the kernel's on 64-bit machines are reserved with PAE.
    let test = try TestTranslation(.physicalAddressExtension)
    let context = try test.makeContext()
    test.load(context)
    try test.set(context, VirtualPage(3), .page(FrameNumber(9), TestTranslation.userBits | PageTableEntry.deviceMap))
    #expect(test.access(context, VirtualPage(3), .read).outcome == .fault([.user, .protection, .reserved]))
  }
}
