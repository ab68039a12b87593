import Testing

@testable import LinuxMM

/// Faults of all kinds, made on purpose: each must be found, and named with who allocated and who freed the object.
@Suite struct WatchedObjectTests {
  /// A watched heap with caches of random sizes, and objects of which everything is known.
  private final class Trial {
    struct Held {
      var address: VirtualAddress
      var cache: Int
      var site: UInt64
    }

    let test: TestHeap
    var caches: [SlabCacheIndex] = []
    var random: XorShift64
    var held: [Held] = []
    var site: UInt64 = 0x1000

    init(seed: UInt64) throws {
      random = XorShift64(seed: seed)
      test = try TestHeap(frames: 8192, nodes: [0, 0]) { $0.debugging = .debugging }
      for index in 0..<12 {
        let size = 1 + Int(random.below([16, 100, 600, 3000][index % 4]))
        let alignment = [0, 0, 64, 16][Int(random.below(4))]
        let flags: SlabCacheFlags = index % 3 == 0 ? .cacheLineAligned : []
        let request = SlabCacheRequest(name: "cache \(index)", objectSize: size, alignment: alignment, flags: flags)
        caches.append(try test.heap.createCache(request))
      }
    }

    func size(_ cache: Int) -> Int { test.heap.description(of: caches[cache])!.layout.objectSize }

    func allocate() throws -> Held {
      let cache = Int(random.below(UInt64(caches.count)))
      site += 1
      let address = try test.heap.allocate(caches[cache], processor: Int(random.below(2)), site: site)
      return Held(address: address, cache: cache, site: site)
    }

    /// Some allocations and frees around the fault.
    func churn() throws {
      for _ in 0..<20 {
        if held.count < 200 && random.below(2) == 0 {
          let object = try allocate()
          let physical = DirectMap.physical(object.address).rawValue
          for offset in 0..<size(object.cache) { test.heap.platform.setByte(at: physical + UInt64(offset), to: 0x11) }
          held.append(object)
        } else if !held.isEmpty {
          let object = held.swapRemove(Int(random.below(UInt64(held.count))))
          site += 1
          try test.heap.free(object.address, caches[object.cache], processor: Int(random.below(2)), site: site)
        }
      }
    }

    /// Changes a byte at a distance from an object.
    func spoil(_ object: Held, _ offset: Int) -> VirtualAddress {
      let place = UInt64(Int(DirectMap.physical(object.address).rawValue) + offset)
      test.heap.platform.setByte(at: place, to: test.heap.platform.byte(at: place) ^ 0x55)
      return DirectMap.address(of: PhysicalAddress(place))
    }

    /// The one report there is.
    func report(_ kind: ObjectReport.Kind, _ object: Held, freed: UInt64?, _ seed: UInt64, _ trial: Int)
      -> ObjectReport?
    {
      let reports = test.heap.takeReports()
      guard reports.count == 1, reports[0].kind == kind, reports[0].object == object.address,
        reports[0].cache == caches[object.cache], reports[0].allocated?.site == object.site,
        freed == nil || reports[0].freed?.site == freed
      else {
        Issue.record("\(kind), seed \(seed), trial \(trial): \(reports)")
        return nil
      }
      return reports[0]
    }
  }

  private static let trials = 1000

  @Test(arguments: [(ObjectReport.Kind.rightRedZone, true), (.leftRedZone, false)])
  func aByteBesideAnObjectIsFoundWhenItIsFreed(kind: ObjectReport.Kind, isBehind: Bool) throws {
    let seed: UInt64 = 11
    let trial = try Trial(seed: seed)
    for number in 0..<Self.trials {
      let object = try trial.allocate()
      try trial.churn()
      let place = trial.spoil(object, isBehind ? trial.size(object.cache) : -1)
      try trial.churn()
      trial.site += 1
      try trial.test.heap.free(object.address, trial.caches[object.cache], site: trial.site)
      let report = trial.report(kind, object, freed: nil, seed, number)
      #expect(report?.place == place && report?.expected == 0xcc && report?.found == 0xcc ^ 0x55)
      #expect(report?.site == trial.site)
    }
    try trial.test.heap.checkInvariants()
  }

  @Test func aWriteToAFreeObjectIsFound() throws {
    let seed: UInt64 = 12
    let trial = try Trial(seed: seed)
    for number in 0..<Self.trials {
      let object = try trial.allocate()
      // Its slab stays as long as another object of it is there.
      let other = try trial.test.heap.allocate(trial.caches[object.cache])
      try trial.churn()
      trial.site += 1
      try trial.test.heap.free(object.address, trial.caches[object.cache], site: trial.site)
      let place = trial.spoil(object, Int(trial.random.below(UInt64(trial.size(object.cache)))))
      if number % 2 == 0 {
        trial.test.heap.validate(trial.caches[object.cache])
      } else {
        // The last one freed is the next one allocated.
        let again = try trial.test.heap.allocate(trial.caches[object.cache])
        #expect(again == object.address)
        try trial.test.heap.free(again, trial.caches[object.cache])
      }
      let report = trial.report(.poison, object, freed: trial.site, seed, number)
      #expect(report?.place == place)
      try trial.test.heap.free(other, trial.caches[object.cache])
    }
    try trial.test.heap.checkInvariants()
  }

  @Test func whatIsFreedTwiceIsFound() throws {
    let seed: UInt64 = 13
    let trial = try Trial(seed: seed)
    for number in 0..<Self.trials {
      let object = try trial.allocate()
      let other = try trial.test.heap.allocate(trial.caches[object.cache])
      trial.site += 1
      let first = trial.site
      try trial.test.heap.free(object.address, trial.caches[object.cache], site: first)
      // Others of the slab are freed between.
      for held in trial.held where held.cache == object.cache { try trial.test.heap.free(held.address, site: 5) }
      trial.held.removeAll { $0.cache == object.cache }
      #expect(throws: ObjectFault.alreadyFree(object.address)) {
        try trial.test.heap.free(object.address, trial.caches[object.cache], site: first + 1)
      }
      _ = trial.report(.alreadyFree, object, freed: first, seed, number)
      try trial.test.heap.free(other, trial.caches[object.cache])
      try trial.churn()
    }
    try trial.test.heap.checkInvariants()
  }

  @Test func whatIsNoObjectOfTheCacheIsFound() throws {
    let seed: UInt64 = 14
    let trial = try Trial(seed: seed)
    for number in 0..<Self.trials {
      try trial.churn()
      let object = try trial.allocate()
      if number % 2 == 0 {
        let other = (object.cache + 1 + Int(trial.random.below(11))) % 12
        #expect(throws: ObjectFault.otherCache(object.address, trial.caches[object.cache])) {
          try trial.test.heap.free(object.address, trial.caches[other], site: 7)
        }
        #expect(trial.report(.otherCache, object, freed: nil, seed, number)?.site == 7)
      } else {
        let inside = VirtualAddress(object.address.rawValue + 1 + trial.random.below(UInt64(trial.size(object.cache))))
        #expect(throws: ObjectFault.notAllocated(inside)) { try trial.test.heap.free(inside, site: 8) }
        let reports = trial.test.heap.takeReports()
        #expect(reports.count == 1 && reports[0].kind == .notAnObject && reports[0].object == inside)
      }
      try trial.test.heap.free(object.address, trial.caches[object.cache])
    }
    #expect(trial.test.heap.takeReports().isEmpty)
    try trial.test.heap.checkInvariants()
  }

  /// Without faults there is no report, and the bytes of objects are theirs.
  @Test func rightUseIsNotReported() throws {
    let trial = try Trial(seed: 15)
    for _ in 0..<500 { try trial.churn() }
    for cache in trial.test.heap.allCaches { trial.test.heap.validate(cache) }
    #expect(trial.test.heap.takeReports().isEmpty)
    for object in trial.held { try trial.test.heap.free(object.address) }
    for cache in trial.test.heap.allCaches {
      trial.test.heap.shrink(cache)
      #expect(try trial.test.heap.usage(of: cache) == SlabCacheUsage())
    }
  }

  /// The report in the layout of the kernel's log.
  @Test func reportsReadAsTheKernels() throws {
    let test = try TestHeap { $0.debugging = .debugging }
    let cache = try test.heap.createCache(SlabCacheRequest(name: "socket", objectSize: 20))
    let object = try test.heap.allocate(cache, processor: 1, site: 0xc0de)
    let physical = DirectMap.physical(object).rawValue
    for offset in 0..<22 { test.heap.platform.setByte(at: physical + UInt64(offset), to: UInt8(ascii: "A")) }
    try test.heap.free(object, cache, site: 0xf0)
    let report = try #require(test.heap.takeReports().first)
    let lines = String(decoding: test.heap.text(of: report), as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let address = String(object.rawValue, radix: 16)
    let after = String(object.rawValue + 20, radix: 16)
    #expect(lines[1] == "BUG socket (Not tainted): Right Redzone overwritten")
    #expect(
      lines[4] == "0x\(after)-0x\(String(object.rawValue + 21, radix: 16)) @offset=28. First byte 0x41 instead of 0xcc")
    #expect(lines[5] == "Allocated in 0xc0de age=1 cpu=1 pid=0")
    #expect(lines[6].hasPrefix("Slab 0x\(String(object.rawValue - 8, radix: 16)) objects=36 used=1 fp=0x"))
    #expect(lines[7].hasPrefix("Object 0x\(address) @offset=8 fp=0x"))
    #expect(
      lines[9]
        == "Redzone  \(String(object.rawValue - 8, radix: 16)): cc cc cc cc cc cc cc cc                          ........"
    )
    #expect(lines[10] == "Object   \(address): 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41  AAAAAAAAAAAAAAAA")
    #expect(lines[12] == "Redzone  \(after): 41 41 cc cc                                      AA..")
  }
}
