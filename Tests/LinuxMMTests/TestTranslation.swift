import HostMemory

@testable import LinuxMM

/// Page tables and processors alone, behind a reference so that expectations can name them.
final class TestTranslation {
  var translation: Translation<SimulatedPlatform>
  private(set) var lastContext: UInt64 = 0

  static let geometries: [PageTableGeometry] = [.fourLevels, .fiveLevels, .twoLevels, .physicalAddressExtension]

  init(
    _ geometry: PageTableGeometry = .fourLevels, ram: UInt64 = 64 << 20, processors: Int = 1,
    tlb: TLBConfiguration = TLBConfiguration(), controls: ProtectionControls = .all
  ) throws {
    let physical = try PhysicalConfiguration.pc([ram], kernelBytes: 0)
    guard let memory = PhysicalMemory(physical, metadata: .host),
      let platform = SimulatedPlatform(end: physical.map.end, from: .host),
      let units = Processors(
        count: processors, configuration: tlb, geometry: geometry, controls: controls, from: .host)
    else { throw BrokenInvariant("no memory", 0) }
    translation = Translation(platform: platform, memory: memory, processors: units)
  }

  var geometry: PageTableGeometry { translation.geometry }
  var statistics: TLBStatistics { translation.processors.statistics }
  var tables: Int { Int(translation.memory.statistics.pageTablePages) }

  /// An address space with an empty root.
  func makeContext() throws -> TranslationContext {
    var allocated = 0
    lastContext += 1
    return TranslationContext(
      root: try translation.makeRoot(for: 0, allocated: &allocated), identifier: lastContext)
  }

  /// Puts an entry for a base page.
  func set(_ context: TranslationContext, _ page: VirtualPage, _ entry: PageTableEntry) throws {
    var allocated = 0
    let place = try translation.makePlace(context.root, page, owner: 0, allocated: &allocated)
    translation.setEntry(place, to: entry)
  }

  /// Maps a large page.
  func setLarge(
    _ context: TranslationContext, _ page: VirtualPage, level: Int, _ frame: FrameNumber, _ bits: UInt64
  ) throws -> EntryPlace {
    var allocated = 0
    return try translation.mapLarge(
      context.root, page, level: level, frame, bits, owner: 0, allocated: &allocated)
  }

  func place(_ context: TranslationContext, _ page: VirtualPage) -> EntryPlace? {
    translation.place(context.root, page)
  }

  func entry(_ context: TranslationContext, _ page: VirtualPage) -> PageTableEntry {
    translation.lookUp(context.root, page).entry
  }

  func load(_ context: TranslationContext, on processor: Int = 0) {
    translation.processors.load(context, on: processor)
  }

  /// One access in a space that is loaded.
  func access(
    _ context: TranslationContext, _ page: VirtualPage, _ kind: AccessKind = .read, _ mode: AccessMode = .user,
    on processor: Int = 0
  ) -> TranslatedAccess {
    translation.translate(page, kind, mode, context, on: processor)
  }

  func flush(
    _ context: inout TranslationContext, _ start: VirtualPage, _ end: VirtualPage, stride: UInt64 = 0,
    freesTables: Bool = false, by initiator: Int = 0
  ) {
    context.generation += 1
    translation.processors.flush(context, start, end, stride: stride, freesTables: freesTables, by: initiator)
  }

  func check(_ context: TranslationContext) throws { try translation.checkBuffers(of: context) }

  /// Everything a user may do.
  static let userBits: UInt64 = PageTableEntry.present | PageTableEntry.writable | PageTableEntry.user
}
