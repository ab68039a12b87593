import Foundation
import LinuxMM

/// What can be shown of a machine at one moment, kept in a file: JSON with the schema `quire.state/1`.
public struct MachineState: Codable, Sendable {
  public static let currentSchema = "quire.state/1"

  public var schema = MachineState.currentSchema
  /// On the machine's clock.
  public var nanoseconds: UInt64
  /// Texts by their names below `/proc`.
  public var texts: [String: String]
  /// The processes that were alive.
  public var processes: [ProcessState]?
  public var zones: [PicturedZone]
  public var pageblockFrames: Int

  /// A process, by its texts below `/proc/PID`.
  public struct ProcessState: Codable, Sendable {
    public var pid: UInt32
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
  public init(_ machine: borrowing SimulatedMachine) {
    nanoseconds = machine.nanoseconds
    texts = [
      "buddyinfo": String(decoding: machine.buddyInfo, as: UTF8.self),
      "pagetypeinfo": String(decoding: machine.pageTypeInfo, as: UTF8.self),
      "zoneinfo": String(decoding: machine.zoneInfo, as: UTF8.self),
    ]
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
          ]))
    }
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
