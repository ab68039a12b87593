/// A real processor, by its translation buffers.
///
/// Sizes and ways are those of CPUID on such processors (leaf 18H of Intel's, 80000005H, 80000006H and 80000019H of
/// AMD's; dumps at github.com/InstLatx64/InstLatx64) and of the vendors' optimization guides, as named at each case.
/// Sets are chosen by the low bits of the page number and replaced by least recent use; what real processors do there
/// is not published, nor are the sizes of Intel's paging-structure caches, which are left off.
public enum ProcessorModel: Sendable, CaseIterable {
  /// Intel 64 and IA-32 Architectures Optimization Reference Manual (248966), table "TLB Parameters of the Skylake
  /// Microarchitecture"; the ITLB's 2 MiB part is 8 entries for each of two threads, of which one runs.
  case intelSkylakeServer
  /// Ice Lake SP. CPUID leaf 18H of 606A6H: loads 64:4 and 32:4 and 8, stores 16 of all sizes, and two second-level
  /// buffers 1024:8, one for 4 KiB and 2 MiB, one for 4 KiB and 1 GiB, which are one of 2048:16 here. ITLB: WikiChip, Sunny
  /// Cove (128:8, and 8 for 2 MiB for each thread).
  case intelIceLakeServer
  /// CPUID leaf 18H of 806F8H. Intel's material for the client version of the core (Golden Cove) says 96 entries for
  /// loads. The two second-level buffers are one here, as with Ice Lake.
  case intelSapphireRapids
  /// Gracemont. CPUID leaf 18H of 90672H (its small cores) and B06E0H: 48 and 64 entries for 4 KiB only, second level
  /// 2048:4 for 4 KiB and 2 MiB, 8 for 1 GiB.
  case intelAlderLakeE
  /// Family 17H, models 30H and up. CPUID of 830F10H (Rome); Software Optimization Guide for AMD Family 17h
  /// Models 30h and Greater (56305): 16 ways, page directory entries beside the pages, a cache of 64 for the two levels
  /// above. No process-context identifiers.
  case amdZen2
  /// CPUID of A00F11H (Milan); Software Optimization Guide for AMD Family 19h (56665), as for Zen 2.
  case amdZen3
  /// CPUID of A10F11H (Genoa); Software Optimization Guide for the AMD Zen4 Microarchitecture (57647), as for Zen 2
  /// with 24 ways.
  case amdZen4
  /// No buffers: every access walks.
  case none

  /// The name by which it is chosen.
  public var name: StaticString {
    switch self {
    case .intelSkylakeServer: "intel-skylake-server"
    case .intelIceLakeServer: "intel-icelake-server"
    case .intelSapphireRapids: "intel-sapphire-rapids"
    case .intelAlderLakeE: "intel-alder-lake-e"
    case .amdZen2: "amd-zen2"
    case .amdZen3: "amd-zen3"
    case .amdZen4: "amd-zen4"
    case .none: "none"
    }
  }

  public var tlb: TLBConfiguration {
    switch self {
    case .intelSkylakeServer:
      TLBConfiguration(
        instruction: TLBLevel(128, 8, large: .own(8, 8)), data: TLBLevel(64, 4, large: .own(32, 4), huge: .own(4, 4)),
        second: TLBLevel(1536, 12, large: .shared, huge: .own(16, 4)), processContexts: true)
    case .intelIceLakeServer:
      TLBConfiguration(
        instruction: TLBLevel(128, 8, large: .own(8, 8)), data: TLBLevel(64, 4, large: .own(32, 4), huge: .own(8, 8)),
        store: TLBLevel(16, 16, large: .shared, huge: .shared),
        second: TLBLevel(2048, 16, large: .shared, huge: .shared), processContexts: true)
    case .intelSapphireRapids:
      TLBConfiguration(
        instruction: TLBLevel(256, 8, large: .own(32, 8)), data: TLBLevel(64, 4, large: .own(32, 4), huge: .own(8, 8)),
        store: TLBLevel(16, 16, large: .shared, huge: .shared),
        second: TLBLevel(2048, 16, large: .shared, huge: .shared), processContexts: true)
    case .intelAlderLakeE:
      TLBConfiguration(
        instruction: TLBLevel(64, 64), data: TLBLevel(48, 48),
        second: TLBLevel(2048, 4, large: .shared, huge: .own(8, 8)),
        processContexts: true)
    case .amdZen2:
      Self.zen(first: 64, second: TLBLevel(2048, 16, large: .shared), instruction: 1024, processContexts: false)
    case .amdZen3:
      Self.zen(
        first: 64, second: TLBLevel(2048, 16, large: .shared, huge: .own(64, 64)), instruction: 512,
        processContexts: true)
    case .amdZen4:
      Self.zen(
        first: 72, second: TLBLevel(3072, 24, large: .shared, huge: .own(64, 64)), instruction: 512,
        processContexts: true)
    case .none:
      TLBConfiguration(instruction: .missing, data: .missing, second: .missing, processContexts: false)
    }
  }

  private static func zen(
    first: Int, second: TLBLevel, instruction: Int, processContexts: Bool
  ) -> TLBConfiguration {
    var caches = WalkCaches()
    caches.pde = .secondLevel
    caches.pdpte = TLBGeometry.full(64).map { .own($0) } ?? .none
    caches.pml4e = .below
    caches.pml5e = .below
    return TLBConfiguration(
      instruction: TLBLevel(64, 64, large: .shared, huge: .shared),
      data: TLBLevel(first, first, large: .shared, huge: .shared), second: second,
      secondInstruction: TLBLevel(instruction, 8, large: .shared), walkCaches: caches, processContexts: processContexts)
  }
}
