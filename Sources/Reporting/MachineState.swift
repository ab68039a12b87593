import Foundation
import LinuxMM
import TraceIO

/// What can be shown of a machine at one moment, kept in a file: JSON with the schema `quire.state/1`.
public struct MachineState: Codable, Sendable {
  public static let currentSchema = "quire.state/1"

  public var schema = MachineState.currentSchema
  /// On the machine's clock.
  public var nanoseconds: UInt64
  /// Texts by their names below `/proc`.
  public var texts: [String: String]
  /// Memory control groups.
  public var groups: [GroupState]?
  /// The processes that were alive.
  public var processes: [ProcessState]?
  public var zones: [PicturedZone]
  public var pageblockFrames: Int
  /// The levels of the machine's page tables. States of older versions have neither these nor processes' tables.
  public var pageTableLevels: Int?

  /// A process, by its texts below `/proc/PID` and its page tables.
  public struct ProcessState: Codable, Sendable {
    public var pid: UInt32
    public var texts: [String: String]
    /// The program and its arguments, if it ran one.
    public var arguments: [String]?
    public var minorFaults: UInt64?
    public var majorFaults: UInt64?
    /// The highest first.
    public var pageTables: [SavedPageTable]?
  }

  /// A control group, by its texts under the names of its files.
  public struct GroupState: Codable, Sendable {
    public var path: String
    public var texts: [String: String]
  }

  /// A zone's pageblocks, each as eight numbers.
  public struct PicturedZone: Codable, Sendable {
    var node: Int
    var kind: Int
    var start: UInt32
    /// Migration type, reserved, free, listed, movable, page-table and other frames, the largest free order or -1; equal
    /// neighbours stand once, behind their number.
    var blocks: [[Int]]
  }

  /// - Complexity: O(frames used so far).
  public init(_ machine: inout SimulatedMachine) {
    nanoseconds = machine.nanoseconds
    texts = [
      "buddyinfo": String(decoding: machine.buddyInfo, as: UTF8.self),
      "pagetypeinfo": String(decoding: machine.pageTypeInfo, as: UTF8.self),
      "zoneinfo": String(decoding: machine.zoneInfo, as: UTF8.self),
      "vmstat": String(decoding: machine.vmstatText, as: UTF8.self),
      "meminfo": String(decoding: machine.meminfoText, as: UTF8.self),
      "swaps": String(decoding: machine.swapsText, as: UTF8.self),
      "pressure": String(decoding: machine.pressureText(of: .root), as: UTF8.self),
    ]
    if let text = machine.generationText { texts["lru_gen"] = String(decoding: text, as: UTF8.self) }
    groups = []
    // What flags describe has the root's name, and its place.
    for group in machine.groups where group != .root || machine.groupOfPrograms == .root {
      groups?.append(
        GroupState(
          path: String(decoding: machine.path(of: group), as: UTF8.self),
          texts: [
            "memory.stat": String(decoding: machine.statisticsText(of: group), as: UTF8.self),
            "memory.events": String(decoding: machine.eventsText(of: group), as: UTF8.self),
            "memory.pressure": String(decoding: machine.pressureText(of: group), as: UTF8.self),
          ]))
    }
    var alive: [ProcessState] = []
    for number in 0..<machine.processCount {
      let process = machine.process(number: number)
      guard process.isAlive else { continue }
      let index = machine.processIndex(number: number)
      alive.append(
        ProcessState(
          pid: process.identifier,
          texts: [
            "maps": String(decoding: machine.maps(index), as: UTF8.self),
            "smaps": String(decoding: machine.smaps(index), as: UTF8.self),
            "smaps_rollup": String(decoding: machine.smapsRollup(index), as: UTF8.self),
            "status": String(decoding: machine.memoryStatus(index), as: UTF8.self),
            "statm": String(decoding: machine.statm(index), as: UTF8.self),
          ],
          minorFaults: process.minorFaults, majorFaults: process.majorFaults,
          pageTables: machine.pageTables(index).map { SavedPageTable($0) }))
    }
    pageTableLevels = machine.pageTableGeometry.levelCount
    processes = alive
    let picture = machine.memoryPicture
    pageblockFrames = picture.pageblockFrames
    zones = picture.zones.map { zone in
      var blocks: [[Int]] = []
      for block in zone.blocks {
        let row = [
          Int(block.type.rawValue), block.reserved, block.free, block.listed, block.movable, block.pageTables,
          block.other,
          block.largestFree ?? -1,
        ]
        if let last = blocks.last, Array(last.dropFirst()) == row {
          blocks[blocks.count - 1][0] += 1
        } else {
          blocks.append([1] + row)
        }
      }
      return PicturedZone(node: zone.node, kind: zone.kind.rawValue, start: zone.start.rawValue, blocks: blocks)
    }
  }

  /// The state of a machine that runs recorded programs, whose files and processes have names.
  public init(_ replayer: inout Replayer) {
    replayer.nameFiles()
    self.init(&replayer.machine)
    for traced in replayer.processes {
      if let place = processes?.firstIndex(where: { $0.pid == traced.pid }) {
        processes?[place].arguments = traced.arguments
      }
    }
  }

  /// The state of a kernel's heap.
  ///
  /// - Throws: what is wrong with its slabs and lists.
  public init(_ heap: borrowing KernelHeap<SimulatedPlatform>, nanoseconds: UInt64) throws {
    self.nanoseconds = nanoseconds
    texts = [
      "buddyinfo": String(decoding: heap.memory.buddyInfo, as: UTF8.self),
      "pagetypeinfo": String(decoding: heap.memory.pageTypeInfo, as: UTF8.self),
      "zoneinfo": String(decoding: heap.memory.zoneInfo, as: UTF8.self),
      "slabinfo": String(decoding: try heap.slabInfoText(), as: UTF8.self),
      "slabtop": String(decoding: try heap.slabTopText(), as: UTF8.self),
      "vmallocinfo": String(decoding: heap.vmallocInfoText(), as: UTF8.self),
    ]
    zones = []
    pageblockFrames = PageOrder.largest.frameCount
  }

  /// Reads a state.
  ///
  /// - Throws: ``Problem`` if the bytes are none.
  public init(_ data: Data) throws(Problem) {
    do {
      self = try JSONDecoder().decode(MachineState.self, from: data)
    } catch {
      throw Problem(what: "not a saved state")
    }
    guard schema == Self.currentSchema else {
      throw Problem(what: "a state of another form, '\(schema)'; expected '\(Self.currentSchema)'")
    }
    for zone in zones {
      let isWhole = zone.blocks.allSatisfy { row in
        row.count == 9 && row[0] > 0 && row[0] < 1 << 24 && MigrationType(rawValue: UInt8(clamping: row[1])) != nil
          && row[2...7].allSatisfy { (0...pageblockFrames).contains($0) } && (-1...10).contains(row[8])
      }
      guard isWhole, ZoneKind(rawValue: zone.kind) != nil, zone.blocks.reduce(0, { $0 + $1[0] }) < 1 << 24 else {
        throw Problem(what: "a damaged state: its picture of node \(zone.node) is impossible")
      }
    }
    guard pageTableLevels.map({ PageTableGeometry(levelCount: $0) != nil }) ?? true else {
      throw Problem(what: "a damaged state: its page tables have \(pageTableLevels ?? 0) levels")
    }
  }

  /// The page tables of a process; `nil` if the state was saved without any.
  ///
  /// - Throws: ``Problem`` if they are damaged.
  public func pageTables(of process: ProcessState) throws(Problem) -> KeptPageTables? {
    guard let levels = pageTableLevels, let geometry = PageTableGeometry(levelCount: levels),
      let saved = process.pageTables
    else { return nil }
    guard let tables = KeptPageTables(saved, geometry) else {
      throw Problem(what: "a damaged state: the page tables of process \(process.pid) are impossible")
    }
    return tables
  }

  public struct Problem: Error, CustomStringConvertible {
    let what: String
    public var description: String { what }
  }

  public func data() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  public var picture: MemoryPicture {
    MemoryPicture(
      pageblockFrames: pageblockFrames,
      zones: zones.map { zone in
        var result = MemoryPicture.Zone(
          node: zone.node, kind: ZoneKind(rawValue: zone.kind) ?? .normal, start: FrameNumber(zone.start))
        for row in zone.blocks {
          let block = MemoryPicture.Block(
            type: MigrationType(rawValue: UInt8(clamping: row[1])) ?? .movable, reserved: row[2], free: row[3],
            listed: row[4],
            movable: row[5], pageTables: row[6], other: row[7], largestFree: row[8] < 0 ? nil : row[8])
          for _ in 0..<row[0] { result.blocks.append(block) }
        }
        return result
      })
  }
}
