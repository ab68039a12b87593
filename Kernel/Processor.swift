import Hardware

/// What the processor can do and what of it is switched on.
enum Processor {
  /// Whether CR4.SMAP is on.
  static var preventsAccess: Bool { read_cr4() & 1 << 21 != 0 }
  /// Whether CR4.LA57 is on.
  static var hasFiveLevels: Bool { read_cr4() & 1 << 12 != 0 }
  /// Whether pages may be of 1 GiB (Intel SDM volume 2, CPUID).
  static var hasHugePages: Bool { read_cpuid(0x8000_0001).edx & 1 << 26 != 0 }
  /// The frame of the root that is loaded.
  static var loadedRoot: FrameNumber { FrameNumber(containing: PhysicalAddress(read_cr3())) }

  /// Switches on what keeps the kernel from programs' pages, if the processor has it: SMEP and SMAP.
  static func protectKernel() {
    guard read_cpuid(0).eax >= 7 else { return }
    let features = read_cpuid(7).ebx
    var controls = read_cr4()
    if features & 1 << 7 != 0 { controls |= 1 << 20 }
    if features & 1 << 20 != 0 { controls |= 1 << 21 }
    write_cr4(controls)
  }
}
