import Foundation

/// What a kernel's boot log (`dmesg`) says of the memory that it freed after its marks were computed.
///
/// The marks, reserves and list sizes of a freshly booted kernel follow from the memory that was managed then: the final
/// amount less the initial RAM disk and the kernel's own initialization code, which come later.
public struct BootLogText: Sendable {
  /// Memory freed after the marks were set.
  public struct Freed: Sendable {
    public let frames: Int
    public let isRAMDisk: Bool
  }

  public private(set) var freedLater: [Freed] = []
  /// Each node's order of nodes to fall back on, where the log has it.
  public private(set) var fallbackOrders: [Int: [Int]] = [:]
  /// RAM of each node, first and last byte.
  public private(set) var nodeRanges: [(node: Int, first: UInt64, last: UInt64)] = []
  /// The kernel's command line.
  public private(set) var commandLine = ""
  /// The start of each node's movable zone is logged in bytes.
  public private(set) var movableStarts: [Int: UInt64] = [:]

  /// Where the initial RAM disk was, in physical bytes.
  public private(set) var ramDisk: UInt64?
  /// The node of each processor, in the order of the firmware's table.
  public private(set) var nodeOfProcessor: [Int] = []
  /// Whether it is a 32-bit kernel with three levels of page tables.
  public private(set) var hasPAE = false

  public init(_ text: String) {
    var isMovable = false
    for raw in text.split(whereSeparator: \.isNewline) {
      let line = raw.drop(while: { $0 != "]" }).dropFirst().drop(while: { $0 == " " })
      if line.hasPrefix("Freeing ") && !line.contains("SMP alternatives"), let colon = line.lastIndex(of: ":") {
        let digits = line[line.index(after: colon)...].filter(\.isNumber)
        if let kilobytes = Int(digits) {
          freedLater.append(Freed(frames: kilobytes / 4, isRAMDisk: line.contains("initrd")))
        }
      }
      if line.hasPrefix("Linux version ") && line.contains("-pae") { hasPAE = true }
      // A 32-bit kernel moves the RAM disk to memory that it maps.
      if line.hasPrefix("RAMDISK: [mem 0x") || line.hasPrefix("Allocated new RAMDISK: [mem 0x"),
        let mark = line.range(of: "0x")
      {
        ramDisk = UInt64(line[mark.upperBound...].prefix(while: \.isHexDigit), radix: 16)
      }
      if line.hasPrefix("SRAT: PXM "), line.contains("APIC"), let node = Int(line.split(separator: " ").last ?? "") {
        nodeOfProcessor.append(node)
      }
      if line.hasPrefix("Fallback order for Node "), let colon = line.firstIndex(of: ":"),
        let node = Int(line[..<colon].split(separator: " ").last ?? "")
      {
        fallbackOrders[node] = line[line.index(after: colon)...].split(separator: " ").compactMap { Int($0) }
      }
      if line.hasPrefix("Kernel command line: ") { commandLine = String(line.dropFirst("Kernel command line: ".count)) }
      if line.hasPrefix("node "), line.contains("[mem 0x") {
        let words = line.split(whereSeparator: { " :[]-".contains($0) })
        if words.count == 5, let node = Int(words[1]), let first = UInt64(words[3].dropFirst(2), radix: 16),
          let last = UInt64(words[4].dropFirst(2), radix: 16)
        {
          nodeRanges.append((node, first, last))
        }
      }
      if line.hasPrefix("Movable zone start") {
        isMovable = true
      } else if isMovable {
        let words = line.split(separator: " ")
        if words.count >= 3, words[0] == "Node", let node = Int(words[1].dropLast()), words[2].hasPrefix("0x") {
          movableStarts[node] = UInt64(words[2].dropFirst(2), radix: 16)
        } else {
          isMovable = false
        }
      }
    }
  }
}
