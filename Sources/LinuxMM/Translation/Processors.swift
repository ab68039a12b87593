/// The machine's processors as far as translation goes: what each has loaded and buffered.
struct Processors: ~Copyable {
  private let place = KeptInPlace()
  let geometry: PageTableGeometry
  let controls: ProtectionControls
  /// Whether processors tell address spaces apart, see ``TLBConfiguration/processContexts``.
  let hasContexts: Bool
  let layout: BufferLayout
  /// The bits of an upper level's entry by which a walk sees whether it is as usual.
  let usualMask: UInt64
  /// The same for the last level's.
  let usualLeafMask: UInt64
  /// Whether walks begin at the root and read 8-byte entries only: no caches of upper levels, no registers.
  let walksPlainly: Bool
  let count: Int
  let states: Table<ProcessorState>
  var entries: BufferEntries
  /// Whether buffers have ever held pages that are large or hold for all address spaces, or parts of pages too large for
  /// them. Most machines never do, and look for none.
  var holdsOthers = false
  var holdsParts = false
  var statistics = TLBStatistics()

  init?(
    count: Int, configuration: TLBConfiguration, geometry: PageTableGeometry = .fourLevels,
    controls: ProtectionControls = .all, from source: MemorySource
  ) {
    hasContexts = configuration.processContexts
    self.geometry = geometry
    self.controls = controls
    self.count = count
    layout = BufferLayout(configuration)
    walksPlainly = !layout.hasWalkCaches && !geometry.hasRootRegisters && !geometry.hasNarrowEntries
    let reserved = geometry.reservedBits(0, isPage: true, noExecute: controls.contains(.noExecute))
    usualMask = PageTableEntry.present | PageTableEntry.accessed | PageTableEntry.large | reserved
    usualLeafMask = PageTableEntry.present | reserved
    guard let entries = BufferEntries(count: layout.stride * count, from: source) else { return nil }
    self.entries = entries
    states = Table(count: count) { _ in ProcessorState() }
  }
}
