import LinuxMM

/// The walk of one address, level by level, as text.
public struct PageTableWalkText {
  private let walk: PageTableWalk
  private let areas: [ProcessArea]
  private let title: String

  /// - Parameter title: whose address it is.
  public init(_ walk: PageTableWalk, areas: [ProcessArea], title: String) {
    self.walk = walk
    self.areas = areas
    self.title = title
  }

  public var text: String {
    var out = heading
    if walk.last != nil { out += "\n" + addressBits + "\n" + steps }
    return out + "\n" + ending
  }

  private var geometry: PageTableGeometry { walk.geometry }
  private var is32Bit: Bool { geometry.levelCount < 4 }

  private var heading: String {
    """
    address   \(hex(walk.address.rawValue))  of \(title)
    area      \(area)
    tables    \(kind)

    """
  }

  private var area: String {
    let page = walk.address.page.rawValue
    if let area = areas.first(where: { $0.pages.contains(page) }) {
      let offset = walk.address.rawValue - area.pages.lowerBound << 12
      return "\(area.range) \(area.rights) \(area.title), \(Units.bytes(area.size)); \(hex(offset)) from its start"
    }
    if walk.last == nil || page >= geometry.userEnd.rawValue { return "none: programs have no areas there" }
    let below = areas.last { $0.pages.upperBound <= page }.map { "\($0.range) \($0.title)" }
    let above = areas.first { $0.pages.lowerBound > page }.map { "\($0.range) \($0.title)" }
    switch (below, above) {
    case (let below?, let above?): return "none: between \(below) and \(above)"
    case (nil, let above?): return "none: below the first, \(above)"
    case (let below?, nil): return "none: above the last, \(below)"
    case (nil, nil): return "none: the process has no areas"
    }
  }

  private var kind: String {
    switch geometry.levelCount {
    case 2: "32-bit x86: 2 levels, 1024 entries of 4 bytes a table"
    case 3: "32-bit x86 with PAE: 3 levels, 4 entries in the root, then 512 entries of 8 bytes a table"
    case 4: "x86-64: 4 levels, 512 entries of 8 bytes a table"
    default: "x86-64 with LA57: 5 levels, 512 entries of 8 bytes a table"
    }
  }

  /// The address's bits over the levels that they choose an entry of.
  private var addressBits: String {
    var columns: [(bits: ClosedRange<Int>, label: String)] = []
    if geometry.addressBits < 64 && !is32Bit {
      columns.append((geometry.addressBits...63, "sign"))
    }
    for level in stride(from: geometry.levelCount - 1, through: 0, by: -1) {
      let bits = geometry.addressBits(of: level)
      let index = walk.address.rawValue >> UInt64(bits.lowerBound) & (1 << UInt64(bits.count) - 1)
      columns.append((bits, "\(name(level)) \(index)"))
    }
    columns.append((0...11, "offset \(hex(walk.address.rawValue & 0xfff))"))
    var rows = ["bits    ", "        ", "        "]
    for column in columns {
      let bits = column.bits
      let value = walk.address.rawValue >> UInt64(bits.lowerBound) & (1 << UInt64(bits.count) - 1)
      let digits = String(value, radix: 2)
      var binary = String(repeating: "0", count: bits.count - digits.count) + digits
      // The bits above the highest are all the same.
      if column.label == "sign" { binary = binary.prefix(1) + "…" + binary.suffix(1) }
      let ends = bits.count == 1 ? ("\(bits.lowerBound)", "") : ("\(bits.upperBound)", "\(bits.lowerBound)")
      let width = max(binary.count, column.label.count, ends.0.count + ends.1.count + 1)
      let cells = [
        ends.0 + String(repeating: " ", count: width - ends.0.count - ends.1.count) + ends.1, pad(binary, width),
        pad(column.label, width),
      ]
      for row in rows.indices { rows[row] += "  " + cells[row] }
    }
    return rows.map { $0.trimmingTrailingBlanks + "\n" }.joined()
  }

  private var steps: String {
    var rows = [["LEVEL", "BITS", "INDEX", "", "ENTRY AT", "ENTRY", "NAMES", "", "BITS SET"]]
    rows.append(["CR3", "", "", "", "", "", "root", physical(walk.root.address), ""])
    for number in 0..<walk.stepCount {
      let step = walk.steps[number]
      let bits = geometry.addressBits(of: step.level)
      rows.append([
        name(step.level), "\(bits.upperBound)-\(bits.lowerBound)", "\(step.index)",
        "0x" + padded(UInt64(step.index), 3), physical(step.place), padded(step.rawValue, geometry.entryBytes * 2),
        pad(named(step), 7), step.frame(geometry).map { physical($0.address) } ?? "–", bitNames(step),
      ])
    }
    return TextTable(rows: rows, left: [0, 3, 4, 5, 6, 7, 8]).text
  }

  private func named(_ step: PageTableWalk.Step) -> String {
    let isLast = step.place == walk.last?.place
    guard isLast else { return "table" }
    switch walk.end {
    case .mapped, .inaccessible: return "page"
    case .swapped: return "swap"
    case .reserved: return "invalid"
    case .migrating, .poisoned, .marker, .lost: return "note"
    case .noTable, .empty, .notCanonical: return "nothing"
    }
  }

  private func bitNames(_ step: PageTableWalk.Step) -> String {
    var names: [String] = []
    for (bit, name) in PageTableEntryBits.named where step.bits.contains(bit) { names.append("\(name)") }
    let isPage = step.level == 0 || step.bits.contains(.pageSize)
    if isPage && geometry.levelCount >= 4 && step.protectionKey > 0 {
      names.append("protection key \(step.protectionKey)")
    }
    return names.isEmpty ? "–" : names.joined(separator: " ")
  }

  // MARK: The end

  private var ending: String {
    let last = walk.last
    switch walk.end {
    case .mapped(let address):
      return """
        physical  \(physical(address)): byte \(hex(walk.address.rawValue & (walk.spanBytes - 1))) of a page of \
        \(size(walk.spanBytes)) in frame \(hex(address.rawValue >> 12))
        rights    \(rights)

        """
    case .notCanonical:
      let why =
        is32Bit
        ? "it is wider than the machine's 32 bits"
        : "it is not canonical: bits \(geometry.addressBits) to 63 must all equal bit \(geometry.addressBits - 1); "
          + "the processor raises #GP and reads no table"
      return "unmapped  \(why)\n"
    case .noTable:
      guard let last else { return "" }
      let next = last.level > 0 ? name(last.level - 1) : "next"
      return "unmapped  the \(name(last.level)) entry is empty: there is no \(next) table for the "
        + "\(size(walk.spanBytes)) from \(hex(walk.address.rawValue & ~(walk.spanBytes - 1)))\(kernelHalf)\n"
    case .empty:
      let hope = isInArea ? "; the first access is a page fault that brings it, if the area's rights permit it" : ""
      return "unmapped  the PTE is empty: nothing stands for the page\(hope)\(kernelHalf)\n"
    case .inaccessible(let address):
      return "no access the page at \(physical(address)) is without rights (PROT_NONE): not present for the processor, "
        + "the kernel keeps the frame's number inverted\n"
    case .swapped(let device, let offset):
      return "swapped   type \(device), offset \(hex(offset)): in slot \(offset) of swap device \(device)\n"
    case .migrating(let frame):
      return "unmapped  the page is being moved away from frame \(hex(UInt64(frame.rawValue)))\n"
    case .poisoned(let frame):
      return "unmapped  the memory of frame \(hex(UInt64(frame.rawValue))) is broken (hardware poison)\n"
    case .marker(let marks): return "unmapped  a marker for the next fault (\(hex(marks)))\n"
    case .lost: return "unmapped  the page could not be read back from swap\n"
    case .reserved:
      return "invalid   bits are set that must be clear: an access is a page fault with the reserved bit\n"
    }
  }

  private var isInArea: Bool { areas.contains { $0.pages.contains(walk.address.page.rawValue) } }

  private var kernelHalf: String {
    walk.address.page < geometry.userEnd
      ? "" : "; the address is beyond the user's half, which ends at \(hex(geometry.userEnd.address.rawValue))"
  }

  private var rights: String {
    var rights = [walk.isUser ? "user" : "kernel only", "read"]
    if walk.isWritable { rights.append("write") }
    if walk.isExecutable { rights.append("execute") }
    return rights.joined(separator: ", ") + (walk.stepCount > 1 ? " (what all levels permit)" : "")
  }

  // MARK: Words

  private func name(_ level: Int) -> String { "\(geometry.name(level))".uppercased() }

  private func size(_ bytes: UInt64) -> String {
    for (shift, unit) in [(40, "TiB"), (30, "GiB"), (20, "MiB")] where bytes >= 1 << UInt64(shift) {
      return "\(bytes >> UInt64(shift)) \(unit)"
    }
    return "\(bytes >> 10) KiB"
  }

  private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  private func physical(_ address: PhysicalAddress) -> String { "0x" + padded(address.rawValue, is32Bit ? 9 : 12) }

  private func padded(_ value: UInt64, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
}
