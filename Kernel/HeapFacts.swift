/// The kernel's heap on real memory: what it maps is where the processor goes, and what it does not map faults.
///
/// - Parameters:
///   - map: the machine's RAM, of which nothing is used by anybody else yet.
///   - source: where the metadata is kept.
/// - Returns: whether all facts were found.
func heapHolds(_ configuration: PhysicalConfiguration, metadata source: MemorySource) -> Bool {
  var settings = HeapSettings(processors: 1)
  settings.magazineBytes = 0
  guard let memory = PhysicalMemory(configuration, metadata: source) else {
    Serial.write("error: no memory for the heap's metadata\n")
    return false
  }
  let levels: PageTableGeometry = Processor.hasFiveLevels ? .fiveLevels : .fourLevels
  let heap = KernelHeap(
    memory, BareMetalPlatform(kernelRoot: Processor.loadedRoot), settings, tables: levels, metadata: source)
  guard let heap else {
    Serial.write("error: no memory for the heap's metadata\n")
    return false
  }
  var facts = Facts()
  facts.title("the kernel's heap, read by the processor")
  do throws(VmallocFailure) {
    try heap.showAreas(&facts)
    try heap.compareRandomly(&facts, seed: 2029, count: 20_000)
  } catch {
    facts.expect("areas that were refused", 1, equals: 0)
  }
  heap.showObjects(&facts, seed: 2030, steps: 200_000)
  heap.forgetTables()
  return facts.failures == 0
}

extension KernelHeap where P == BareMetalPlatform {
  /// How the processor reads a word of the kernel's addresses.
  private func read(_ address: VirtualAddress) -> (outcome: AccessOutcome, word: UInt64) {
    guard let root = tables.root else { return (.fault([]), 0) }
    return Probe.read(root, address, overridesPrevention: false)
  }

  /// 1 MiB in single frames, none beside another of its own, and large pages.
  fileprivate func showAreas(_ facts: inout Facts) throws(VmallocFailure) {
    // Every second frame of a stretch of memory is free, and the next to be given.
    var taken: [FrameNumber] = []
    while taken.count < 1024, let frame = try? memory.allocatePages(.single) { taken.append(frame) }
    for frame in taken where frame.rawValue % 2 == 0 { memory.free(frame, .single, processor: 0) }
    let area = try allocateVirtual(bytes: 1 << 20)
    var neighbours: UInt64 = 0
    var right: UInt64 = 0
    for page in 0..<UInt64(256) {
      let address = VirtualAddress(area.rawValue + page << 12)
      guard let frame = frame(of: address) else { continue }
      if self.frame(of: VirtualAddress(address.rawValue + 4096)) == frame + 1 { neighbours += 1 }
      platform.setWord(0, of: frame, to: page &* 0x9e37_79b9_7f4a_7c15)
      platform.setWord(511, of: frame, to: ~page)
    }
    for page in 0..<UInt64(256) {
      let first = read(VirtualAddress(area.rawValue + page << 12))
      let last = read(VirtualAddress(area.rawValue + page << 12 + 4088))
      if first == (.done, page &* 0x9e37_79b9_7f4a_7c15) && last == (.done, ~page) { right += 1 }
    }
    facts.expect("pages of vmalloc with the words of their frames", right, equals: 256)
    facts.expect("pages whose frame is followed by the next page's", neighbours, equals: 0)
    facts.expectFault(
      "words of the guard page that could be read", read(VirtualAddress(area.rawValue + 1 << 20)).outcome)
    do throws(ObjectFault) { try freeVirtual(area) } catch {
      facts.expect("areas that could not be freed", 1, equals: 0)
    }
    facts.expectFault("words of a freed area that could be read", read(area).outcome)
    for frame in taken where frame.rawValue % 2 == 1 { memory.free(frame, .single, processor: 0) }
    let large = try allocateVirtual(bytes: 4 << 20, isHuge: true)
    right = 0
    for page in 0..<UInt64(1024) {
      let address = VirtualAddress(large.rawValue + page << 12 + page % 512 * 8)
      guard let frame = frame(of: address) else { continue }
      platform.setWord(Int(page % 512), of: frame, to: page ^ 0x5555)
      if read(address) == (.done, page ^ 0x5555) { right += 1 }
    }
    facts.expect("pages of two large ones with the words of their frames", right, equals: 1024)
    facts.expect(
      "large pages with tables below them", depth(large) == tables.geometry.levelCount - 1 ? 0 : 1, equals: 0)
    do throws(ObjectFault) { try freeVirtual(large) } catch {
      facts.expect("areas that could not be freed", 1, equals: 0)
    }
  }

  private func depth(_ address: VirtualAddress) -> Int { tables.walk(address, platform)?.stepCount ?? 0 }

  /// Areas come and go; at random addresses among them the processor finds the frame that the heap says, or faults.
  fileprivate func compareRandomly(_ facts: inout Facts, seed: UInt64, count: UInt64) throws(VmallocFailure) {
    var random = XorShift64(seed: seed)
    var areas: [VirtualAddress] = []
    var agreements: UInt64 = 0
    var mapped: UInt64 = 0
    let start = settings.vmallocRange.lowerBound.rawValue
    for _ in 0..<count {
      if random.below(20) == 0 {
        if areas.count < 40 {
          let bytes = Int(1 + random.below(random.below(10) == 0 ? 3 << 20 : 200_000))
          areas.append(try allocateVirtual(bytes: bytes, isHuge: random.below(2) == 0))
        } else {
          let index = Int(random.below(UInt64(areas.count)))
          do throws(ObjectFault) { try freeVirtual(areas[index]) } catch { return facts.expect("frees", 0, equals: 1) }
          areas.swapAt(index, areas.count - 1)
          areas.removeLast()
        }
      }
      let address = VirtualAddress((start + random.below(24 << 20)) & ~7)
      let found = read(address)
      do throws(KernelPageFault) {
        let place = try physicalAddress(of: address)
        mapped += 1
        let word = random.next()
        platform.setWord(at: place, to: word)
        if read(address) == (.done, word) { agreements += 1 }
      } catch {
        if found.outcome == .fault(error.code) { agreements += 1 }
      }
    }
    for area in areas {
      do throws(ObjectFault) { try freeVirtual(area) } catch { return facts.expect("frees", 0, equals: 1) }
    }
    facts.expect("addresses where heap and processor agree", agreements, equals: count)
    facts.note("of them mapped", mapped)
  }

  /// Objects of kmalloc come and go; each keeps its first and last word.
  fileprivate func showObjects(_ facts: inout Facts, seed: UInt64, steps: Int) {
    var random = XorShift64(seed: seed)
    var live: [(address: VirtualAddress, bytes: Int, tag: UInt64)] = []
    var kept: UInt64 = 0
    var freed: UInt64 = 0
    for _ in 0..<steps {
      if live.count < 2000 && random.below(100) < 55 {
        let bytes = Int(8 + random.below(random.below(10) == 0 ? 20_000 : 500)) & ~7
        guard let address = try? allocate(bytes: bytes) else { continue }
        let place = DirectMap.physical(address).rawValue
        let tag = random.next()
        platform.setWord(at: PhysicalAddress(place), to: tag)
        platform.setWord(at: PhysicalAddress(place + UInt64(bytes) - 8), to: ~tag)
        if bytes == 8 { platform.setWord(at: PhysicalAddress(place), to: tag) }
        live.append((address, bytes, tag))
      } else if !live.isEmpty {
        let index = Int(random.below(UInt64(live.count)))
        let object = live[index]
        live[index] = live[live.count - 1]
        live.removeLast()
        freed += 1
        let place = DirectMap.physical(object.address).rawValue
        let last = platform.word(at: PhysicalAddress(place + UInt64(object.bytes) - 8))
        let isKept = platform.word(at: PhysicalAddress(place)) == object.tag
        if isKept && (object.bytes == 8 || last == ~object.tag) { kept += 1 }
        do throws(ObjectFault) { try free(object.address) } catch { return facts.expect("frees", 0, equals: 1) }
      }
    }
    for object in live {
      do throws(ObjectFault) { try free(object.address) } catch { return facts.expect("frees", 0, equals: 1) }
    }
    facts.expect("objects of kmalloc that kept their words", kept, equals: freed)
    do throws(BrokenInvariant) { try checkInvariants() } catch {
      facts.expect("invariants that are broken", 1, equals: 0)
    }
  }

  /// Takes the heap's tables out of the kernel's own ones, which they are below with five levels.
  fileprivate func forgetTables() {
    guard tables.geometry.levelCount == 5, let root = tables.root else { return }
    let shared = PageTableEntry(rawValue: platform.word(511, of: root)).frame
    platform.setWord(tables.geometry.index(settings.vmallocRange.lowerBound.page, 3), of: shared, to: 0)
  }
}

extension Facts {
  /// States that nothing is mapped where was read: a fault whose error code has no bit.
  fileprivate mutating func expectFault(_ what: StaticString, _ found: AccessOutcome) {
    expect(what, UInt64(found == .fault([]) ? 0 : 1), equals: 0)
  }
}
