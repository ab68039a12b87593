import Foundation
import HostMemory
import Testing

@testable import LinuxMM
@testable import Reporting

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Views of a process in a state: what is kept is what the machine had, and pictures can be read.
@Suite struct ProcessViewTests {
  /// A machine with a process that has a file, memory partly touched, and `extra` small areas.
  private func machine(extra: Int = 0, fiveLevels: Bool = false) throws -> SimulatedMachine {
    let configuration = try MachineConfiguration(
      physical: try .pc([64 << 20], kernelBytes: 0), fiveLevels: fiveLevels, startsWarm: true)
    var machine = try SimulatedMachine(configuration, memory: .host)
    machine.virtualMemory.overcommitMemory = .always
    let process = machine.start()
    machine.setIdentifier(process, 7)
    let identity = FileIdentity(device: 0x801, inode: 5)
    let file = machine.file(identity, size: 1 << 20)
    machine.setName(of: identity, Array("/bin/a&b <c>".utf8))
    machine.setName(of: FileIdentity(device: 0x801, inode: 6), Array("/unknown".utf8))
    let base: UInt64 = 0x40_0000
    func page(_ number: UInt64) -> VirtualPage { VirtualPage(base >> 12 + number) }
    let top: UInt64 = 0x7fff_f000_0000
    let image = ProgramImage(
      segments: [
        .init(start: page(0), end: page(40), protection: [.read, .execute], file: file, offset: 0),
        .init(start: page(40), end: page(50), protection: [.read, .write], file: file, offset: 40),
      ], cleared: [], stackPointer: VirtualAddress(top - 3 * 4096), stackTop: VirtualAddress(top),
      breakStart: page(50).address)
    let result = machine.execute(process, image)
    #expect(result == .done)
    for number in [0, 20, 41] as [UInt64] { _ = machine.access(process, page(number), .read, on: 0) }
    let memory = try machine.map(
      process, MapRequest(length: 3000 * 4096, protection: [.read, .write], flags: [.private, .anonymous]))
    for number in stride(from: 0 as UInt64, to: 3000, by: 7) {
      _ = machine.access(process, memory.page + number, number % 2 == 0 ? .write : .read, on: 0)
    }
    for number in 0..<extra {
      let protection: Protection = number % 2 == 0 ? [.read] : [.read, .write]
      let small = try machine.map(
        process, MapRequest(length: 4096, protection: protection, flags: [.private, .anonymous]))
      _ = machine.access(process, small.page, .read, on: 0)
    }
    try machine.protect(process, VirtualAddress(memory.rawValue + 4096 * 70), length: 4096 * 20, [])
    _ = machine.fork(process, sharesMemory: false)
    _ = machine.access(process, memory.page, .write, on: 0)
    return machine
  }

  private func kept(_ machine: inout SimulatedMachine) throws -> (MachineState, KeptPageTables) {
    let state = try MachineState(try MachineState(&machine).data())
    let process = try #require(state.processes?.first)
    return (state, try #require(try state.pageTables(of: process)))
  }

  @Test(arguments: [false, true]) func aStateKeepsTheTables(fiveLevels: Bool) throws {
    var machine = try machine(extra: 20, fiveLevels: fiveLevels)
    let (state, tables) = try kept(&machine)
    let index = machine.processIndex(number: 0)
    let areas = try #require(state.processes?.first).areas
    #expect(areas.count > 20 && areas.first?.name == "/bin/a&b <c>")
    for area in areas {
      let words = machine.pagemap(index, area.pages)
      var found: [UInt64] = []
      tables.forEach(area.pages, isNew: area.isNew) { pages, entry in
        for _ in pages { found.append(entry.rawValue) }
      }
      #expect(found == words, "\(area.range)")
      for page in area.pages {
        let address = VirtualAddress(page << 12 | 0x123)
        let live = machine.walk(index, address)
        let walk = try #require(live)
        let again = tables.walk(address)
        #expect(again.end == walk.end && again.stepCount == walk.stepCount)
        for step in 0..<walk.stepCount {
          #expect(again.steps[step].rawValue == walk.steps[step].rawValue)
          #expect(again.steps[step].place == walk.steps[step].place)
        }
      }
    }
    // The file has the words as they are in memory: eight bytes each, the lowest first.
    let first = try #require(areas.first).pages
    let range = first.lowerBound - 1..<first.upperBound
    let bytes = PagemapText(tables, areas: areas, pages: range).binary
    var expected = Data([UInt8](repeating: 0, count: 8))
    for word in machine.pagemap(index, first) {
      withUnsafeBytes(of: word.littleEndian) { expected.append(contentsOf: $0) }
    }
    #expect(Data(bytes) == expected)
  }

  @Test func damagedAndOlderStatesAreToldApart() throws {
    var machine = try machine()
    var state = MachineState(&machine)
    var process = try #require(state.processes?.first)
    let sound = try #require(process.pageTables)
    let broken: [(inout SavedPageTable) -> Void] = [
      { $0.entries = "0=zz" }, { $0.entries = "600=1" }, { $0.entries = "500+100=1" }, { $0.level = 9 },
      { $0.entries = "-1=5" }, { $0.entries = "1=5:q" }, { $0.frame = sound[1].frame },
    ]
    for change in broken {
      process.pageTables = sound
      change(&process.pageTables![0])
      #expect(throws: MachineState.Problem.self) { try state.pageTables(of: process) }
    }
    process.pageTables = nil
    #expect(try state.pageTables(of: process) == nil)
    state.pageTableLevels = 7
    let data = try state.data()
    #expect(throws: MachineState.Problem.self) { try MachineState(data) }
  }

  @Test func aWalkIsToldLevelByLevel() throws {
    var machine = try machine()
    let (state, tables) = try kept(&machine)
    let areas = try #require(state.processes?.first).areas
    let memory = try #require(areas.first { $0.name.isEmpty && $0.rights == "rw-p" })
    func text(_ address: UInt64) -> String {
      PageTableWalkText(tables.walk(VirtualAddress(address)), areas: areas, title: "it").text
    }
    let address = memory.pages.lowerBound << 12 | 0xabc
    let lines = text(address).split(separator: "\n").map(String.init)
    #expect(lines.filter { ["PGD ", "PUD ", "PMD ", "PTE "].contains($0.prefix(4)) }.count == 4, "\(lines)")
    let pte = try #require(lines.first { $0.hasPrefix("PTE ") })
    #expect(pte.contains("20-12") && pte.hasSuffix("present writable user accessed dirty soft-dirty NX"), "\(pte)")
    let head = try #require(lines.first { $0.hasPrefix("LEVEL") })
    // Every column begins where its head does.
    for (name, value) in [("ENTRY AT", "0x"), ("NAMES", "page")] {
      let column = try #require(head.range(of: name)).lowerBound
      let offset = head.distance(from: head.startIndex, to: column)
      #expect(pte.dropFirst(offset).hasPrefix(value), "\(pte)")
    }
    #expect(lines.last == "rights    user, read, write (what all levels permit)")
    #expect(text((memory.pages.lowerBound + 1) << 12).contains("unmapped  the PTE is empty"))
    #expect(text((memory.pages.lowerBound + 70) << 12).contains("no access the page at 0x"))
    #expect(text(0x1234_5678_9000).contains("unmapped  the PGD entry is empty: there is no PUD table for the 512 GiB"))
    #expect(text(0x7fff_ffff_f000).contains("beyond the user's half, which ends at 0x7ffffffff000"))
    #expect(text(0x8000_0000_0000).contains("not canonical: bits 48 to 63 must all equal bit 47"))
    let pagemap = PagemapText(tables, areas: areas, pages: memory.pages.lowerBound..<memory.pages.lowerBound + 9).text
    let first = try #require(pagemap.split(separator: "\n").dropFirst(2).first)
    #expect(first.hasSuffix("anonymous, mapped here only, soft-dirty"), "\(pagemap)")
    #expect(pagemap.contains("not present, soft-dirty, 6 pages up to"), "\(pagemap)")
  }

  /// Tables written down by hand, an address, and parts of what is said of it.
  struct Written: Sendable {
    var levels: Int
    var tables: [SavedPageTable]
    var address: UInt64
    var parts: [String]
  }

  static let written = [
    Written(
      levels: 2, tables: [SavedPageTable(frame: 5, level: 1, entries: "2=8e7:x")], address: 0x80_1234,
      parts: ["PGD    31-22      2  0x002  0x000005008  000008e7  page", "PS soft-dirty", "0x000001234: ", "of 4 MiB"]),
    Written(
      levels: 2,
      tables: [
        SavedPageTable(frame: 5, level: 1, entries: "3=6067"),
        SavedPageTable(frame: 6, level: 0, entries: "1=7067 2=8a4"),
      ], address: 0xc0_2000,
      parts: ["PTE    21-12      2  0x002  0x000006008  000008a4  swap", "swapped   type 18, offset 0x4: in slot 4"]),
    Written(
      levels: 3,
      tables: [
        SavedPageTable(frame: 5, level: 2, entries: "1=6001"),
        SavedPageTable(frame: 6, level: 1, entries: "4=80000000002000e7"),
      ], address: 0x4080_0042,
      parts: [
        "PGD    31-30      1", "PMD    29-21      4  0x004  0x000006020  80000000002000e7", "frame 0x200", "2 MiB",
      ]),
    Written(
      levels: 4,
      tables: [
        SavedPageTable(frame: 5, level: 3, entries: "1=6067"),
        SavedPageTable(frame: 6, level: 2, entries: "0=28000000800000e7"),
      ], address: 0x80_1234_5678,
      parts: [
        "PUD    38-30      0", "PS protection key 5", "PUD 0      offset 0x12345678\n",
        "physical  0x000092345678: byte 0x12345678 of a page of 1 GiB",
        "user, read, write, execute",
      ]),
  ]

  @Test(arguments: written.indices) func tablesOfEveryKindAreWalked(_ number: Int) throws {
    let written = Self.written[number]
    let geometry = try #require(PageTableGeometry(levelCount: written.levels))
    let kept = try #require(KeptPageTables(written.tables, geometry))
    let text = PageTableWalkText(kept.walk(VirtualAddress(written.address)), areas: [], title: "it").text
    for part in written.parts { #expect(text.contains(part), "\(part) in\n\(text)") }
  }

  /// Well-formed, the areas' addresses in order, and no two rows closer than a line of text is high.
  @Test(arguments: [0, 30, 1000]) func aPictureOfAnAddressSpaceCanBeRead(extra: Int) throws {
    var machine = try machine(extra: extra)
    let (state, tables) = try kept(&machine)
    let areas = try #require(state.processes?.first).areas
    #expect(areas.count > extra)
    let svg = AddressSpacePicture(areas, tables, title: "a & b", faults: (1, 2)).svg
    let reader = TextReader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(parser.parserError.debugDescription)")
    #expect(reader.groups > 3 && reader.groups <= 2 * AddressSpaceRows.mostAreas)
    if extra < 40 { #expect(reader.groups == areas.count) }
    let starts = reader.texts.filter { $0.x == 118 && $0.y > 134 && $0.style == "m e" }
    #expect(starts.count == reader.groups)
    for (upper, lower) in zip(starts, starts.dropFirst()) {
      let (high, low) = (try #require(UInt64(upper.text, radix: 16)), try #require(UInt64(lower.text, radix: 16)))
      #expect(high > low)
    }
    // Columns keep their places, so that only texts of one column could collide.
    for texts in Dictionary(grouping: reader.texts.filter { $0.y > 120 }, by: \.x).values {
      let lines = texts.map(\.y).sorted()
      for (upper, lower) in zip(lines, lines.dropFirst()) { #expect(lower - upper >= 11, "at \(upper)") }
    }
    #expect(reader.texts.allSatisfy { $0.x != 846 || $0.text.count <= 48 })
  }

  @Test func kindsAreThoseOfTheirLines() {
    func area(_ line: String) -> ProcessArea { ProcessArea.areas(smaps: line)[0] }
    for (line, kind) in [
      ("00400000-00401000 r-xp 00000000 08:01 5    /bin/a", AreaKind.code),
      ("00400000-00401000 r--p 00000000 08:01 5    /bin/a", .readOnlyData),
      ("00400000-00401000 rw-p 00000000 08:01 5    /bin/a", .data),
      ("00400000-00401000 r--p 00000000 08:01 6    /data", .file),
      ("00400000-00401000 rw-s 00000000 08:01 6    /data", .file),
      ("00400000-00401000 rw-s 00000000 00:01 6    /dev/zero (deleted)", .sharedMemory),
      ("00400000-00401000 rw-p 00000000 00:00 0 ", .anonymous),
      ("00400000-00401000 rw-p 00000000 00:00 0    [heap]", .heap),
      ("00400000-00401000 rw-p 00000000 00:00 0    [stack]", .stack),
    ] { #expect(AreaKind(area(line), programs: ["/bin/a"]) == kind, "\(line)") }
  }
}

/// Collects the texts of a picture and counts its areas.
private final class TextReader: NSObject, XMLParserDelegate {
  var texts: [(x: Int, y: Double, style: String, text: String)] = []
  var groups = 0
  private var isInText = false

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String] = [:]
  ) {
    if name == "g" && attributes["class"] == "area" { groups += 1 }
    isInText = name == "text"
    guard isInText else { return }
    texts.append(
      (Int(attributes["x"] ?? "") ?? -1, Double(attributes["y"] ?? "") ?? -1, attributes["class"] ?? "", ""))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if isInText { texts[texts.count - 1].text += string }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { isInText = false }
}
