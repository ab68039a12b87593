import LinuxMM

/// A real kernel's zoneinfo beside what the model makes of the same amounts of memory, processors and settings.
public struct ZoneInfoComparison: Sendable {
  public struct Row: Sendable {
    /// `nil` for figures of the whole machine.
    public var node: Int?
    public var zone: String
    public var figure: String
    public var kernel: String
    public var model: String

    public var differs: Bool { kernel != model }
  }

  public private(set) var rows: [Row] = []
  /// Figures of the text that were not compared, and other remarks.
  public private(set) var notes: [String] = []

  public var differences: Int { rows.count { $0.differs } }

  /// - Parameters:
  ///   - memory: set up with the text's zones, processors and settings.
  ///   - minimumFreeKilobytes: the kernel's value, where the model was not told it.
  ///   - recomputed: the same with the final amounts of memory, where `memory` is as it was at boot: a kernel computes
  ///     its reserves anew whenever vm.lowmem_reserve_ratio is read, e.g. by 'sysctl -a'.
  public init(
    _ text: ZoneInfoText, _ memory: borrowing PhysicalMemory, minimumFreeKilobytes: Int?,
    recomputed: [ZoneFigures]? = nil
  ) {
    if let minimumFreeKilobytes {
      rows.append(
        Row(
          node: nil, zone: "", figure: "vm.min_free_kbytes", kernel: "\(minimumFreeKilobytes)",
          model: "\(memory.minimumFreeKilobytes)"))
    }
    var figures = memory.zoneFigures
    if let recomputed, figures.map(\.protection) != recomputed.map(\.protection) {
      let isRecomputed = text.zones.allSatisfy { zone in
        recomputed.first { $0.node == zone.node && $0.kind == zone.kind }?.protection == zone.protection
      }
      if isRecomputed {
        for index in figures.indices { figures[index].protection = recomputed[index].protection }
        notes.append("protection was computed anew since boot, as reading vm.lowmem_reserve_ratio does")
      }
    }
    for zone in text.zones {
      guard let model = figures.first(where: { $0.node == zone.node && $0.kind == zone.kind }) else {
        notes.append("not compared: node \(zone.node), zone \(zone.kind.name): the model has no such zone")
        continue
      }
      func row(_ figure: String, _ kernel: Int, _ model: Int) {
        rows.append(
          Row(node: zone.node, zone: zone.kind.name.description, figure: figure, kernel: "\(kernel)", model: "\(model)")
        )
      }
      // A boost is an event, not a rule: both sides are compared without it.
      let boost = zone.boost ?? 0
      row("min", zone.minimum - boost, model.minimum - model.boost)
      row("low", zone.low - boost, model.low - model.boost)
      row("high", zone.high - boost, model.high - model.boost)
      if zone.present > 0 { row("spanned", zone.spanned, model.spanned) }
      rows.append(
        Row(
          node: zone.node, zone: zone.kind.name.description, figure: "protection", kernel: Self.list(zone.protection),
          model: Self.list(model.protection)))
      for list in zone.lists {
        if let least = list.highMinimum, let most = list.highMaximum {
          row("cpu \(list.processor) high_min", least, model.listHigh)
          row("cpu \(list.processor) high_max", most, Self.variableMaximum(zone, text, model))
        } else if let high = list.high {
          row("cpu \(list.processor) high", high, model.listHigh)
        }
        row("cpu \(list.processor) batch", list.batch, model.listBatch)
      }
    }
    if text.hasVariableLists {
      notes.append("not compared: pageset high: this kernel moves it between high_min and high_max")
    }
  }

  private static func list(_ values: [Int]) -> String { "(" + values.map { "\($0)" }.joined(separator: ", ") + ")" }

  /// How far kernels from 6.7 on let the lists grow: an eighth of the zone, shared by the node's processors.
  private static func variableMaximum(_ zone: ZoneInfoText.Zone, _ text: ZoneInfoText, _ model: ZoneFigures) -> Int {
    let processors = text.zones.first { $0.node == zone.node && !$0.lists.isEmpty }?.lists.count ?? 1
    return max(zone.managed / 8 / processors, 4 * model.listBatch)
  }
}
