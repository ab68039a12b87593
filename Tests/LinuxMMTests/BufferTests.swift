import HostMemory
import Testing

@testable import LinuxMM

@Suite struct BufferTests {
  /// Every order that a few ways can come into, by all moves, is that of a list.
  @Test(arguments: 1...16) func recencyOrdersAreLists(_ ways: Int) {
    var random = XorShift64(seed: UInt64(ways))
    var order = RecencyOrder(stored: 0)
    var list = Array(0..<ways)
    for step in 0..<3000 {
      let way = Int(random.below(UInt64(ways)))
      switch random.below(3) {
      case 0:
        order.promote(way)
        list.removeAll { $0 == way }
        list.insert(way, at: 0)
      case 1:
        order.demote(way, ways)
        list.removeAll { $0 == way }
        list.append(way)
      default:
        let last = order.turn(ways)
        #expect(last == list.last, "\(ways) ways, step \(step)")
        list.insert(list.removeLast(), at: 0)
      }
      for (place, way) in list.enumerated() {
        let stored = (order.stored ^ 0xfedc_ba98_7654_3210) >> UInt64(4 * place) & 15
        #expect(Int(stored) == way, "\(ways) ways, step \(step), place \(place)")
      }
    }
  }

  /// Keys that share their digest are told apart.
  @Test func keysWithTheSameDigest() throws {
    final class Holder {
      var entries: BufferEntries
      init?() {
        guard let entries = BufferEntries(count: 64, from: .host) else { return nil }
        self.entries = entries
      }

      func insert(_ key: UInt64, _ frame: UInt64, _ set: BufferSet) {
        entries.insert(key, PageTranslation(rawValue: frame), set)
      }
      func find(_ key: UInt64, _ set: BufferSet) -> UInt64? {
        let index = entries.find(key, set)
        return index < 0 ? nil : entries.translation(index).rawValue
      }
    }
    // Flipping a bit and the one that is folded onto it leaves the digest as it was.
    let keys = (0..<4).map { 1 | UInt64($0) << 12 | UInt64($0) << 43 } as [UInt64]
    for ways in [2, 3, 4, 6, 20] as [UInt8] {
      let holder = try #require(Holder())
      let set = BufferSet(base: 8, ways: ways)
      for (number, key) in keys.enumerated() { holder.insert(key, UInt64(number) + 10, set) }
      let kept = min(Int(ways), keys.count)
      for (number, key) in keys.enumerated() {
        #expect(holder.find(key, set) == (number >= keys.count - kept ? UInt64(number) + 10 : nil), "\(ways) ways")
      }
    }
  }

  @Test func everyProcessorHasItsNameAndItsBuffers() {
    var names: Set<String> = []
    for model in ProcessorModel.allCases {
      names.insert("\(model.name)")
      let tlb = model.tlb
      let entries = [tlb.instruction, tlb.data, tlb.second].map { $0.base?.entries ?? 0 }
      let wanted: [Int] =
        switch model {
        case .intelSkylakeServer: [128, 64, 1536]
        case .intelIceLakeServer: [128, 64, 2048]
        case .intelSapphireRapids: [256, 64, 2048]
        case .intelAlderLakeE: [64, 48, 2048]
        case .amdZen2, .amdZen3: [64, 64, 2048]
        case .amdZen4: [64, 72, 3072]
        case .none: [0, 0, 0]
        }
      #expect(entries == wanted, "\(model.name)")
      #expect(tlb.processContexts == (model != .amdZen2 && model != .none), "\(model.name)")
      if model != .none {
        let layout = BufferLayout(tlb)
        #expect(layout.stride > entries.reduce(0, +), "\(model.name)")
        // What has no buffer of its own is held in smaller parts, but always held.
        for role in 0..<BufferRole.count { for size in 0..<3 { #expect(layout.heldSize(role, size) >= 0) } }
      }
    }
    #expect(names.count == ProcessorModel.allCases.count)
    #expect(TLBConfiguration() == ProcessorModel.intelSkylakeServer.tlb)
  }
}
