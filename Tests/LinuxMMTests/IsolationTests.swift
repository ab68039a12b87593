import HostMemory
import Testing

@testable import LinuxMM

/// A machine whose frames hold bytes, behind a reference.
private final class FilledMachine {
  var machine: SimulatedMachine

  init() throws {
    var configuration = try MachineConfiguration(ramBytes: 32 << 20, startsWarm: true)
    configuration.virtualMemory.overcommitMemory = .always
    machine = try SimulatedMachine(configuration, memory: .host, holdsContents: true)
  }

  /// Writes a tag into every frame that is free, as if somebody had left it there.
  func poison() {
    for index in 0..<Int(machine.configuration.memoryMap.end.rawValue)
    where !machine.spaces.translation.memory.states[index].isUsed {
      for word in 0..<512 {
        machine.spaces.translation.platform.setWord(word, of: FrameNumber(UInt32(index)), to: 0xeeee_eeee_eeee_eeee)
      }
    }
  }

  func start() -> ProcessIndex {
    let process = machine.start()
    precondition(machine.execute(process, TestMachine.stackOnly) == .done)
    return process
  }
}

@Suite struct IsolationTests {
  /// Processes that share nothing write their own tags; whatever they call, they read nothing but their tag and zeros, and
  /// never what a freed frame held.
  @Test(arguments: [31, 32, 33] as [UInt64]) func aProcessReadsOnlyItsOwn(seed: UInt64) throws {
    var random = XorShift64(seed: seed)
    let filled = try FilledMachine()
    filled.poison()
    var alive: [(process: ProcessIndex, tag: UInt8)] = []
    var nextTag: UInt8 = 1
    let base: UInt64 = 0x5_0000_0000
    func address() -> VirtualAddress { VirtualAddress(base + random.below(300) * 4096) }
    var read = 0
    for step in 0..<20_000 {
      if alive.count < 4 || random.below(400) == 0 && alive.count < 8 {
        alive.append((filled.start(), nextTag))
        nextTag = nextTag == 200 ? 1 : nextTag + 1
      }
      let which = Int(random.below(UInt64(alive.count)))
      let (process, tag) = alive[which]
      let length = (1 + random.below(12)) * 4096
      switch random.below(14) {
      case 0, 1:
        let flags: MapFlags = random.below(3) == 0 ? [.shared, .anonymous, .fixed] : [.private, .anonymous, .fixed]
        _ = try? filled.machine.map(
          process, MapRequest(address: address(), length: length, protection: [.read, .write], flags: flags))
      case 2: try? filled.machine.unmap(process, address(), length: length)
      case 3: try? filled.machine.advise(process, address(), length: length, random.below(2) == 0 ? .dontNeed : .free)
      case 4:
        _ = try? filled.machine.remap(
          process,
          RemapRequest(
            address: address(), oldLength: length, newLength: length + random.below(3) * 4096,
            flags: random.below(2) == 0 ? .mayMove : [.mayMove, .fixed], target: address()))
      case 5:
        try? filled.machine.protect(process, address(), length: length, random.below(2) == 0 ? .read : [.read, .write])
      case 6:
        // A child has its parent's tag: what they share is theirs.
        if alive.count < 8, let child = filled.machine.fork(process, sharesMemory: false) { alive.append((child, tag)) }
      case 7 where alive.count > 4:
        filled.machine.exit(process)
        alive.remove(at: which)
        if random.below(8) == 0 { filled.poison() }
      default:
        let place = VirtualAddress(address().rawValue + random.below(4096))
        if random.below(2) == 0, filled.machine.access(process, place.page, .write, on: 0) == .done {
          filled.machine.setByte(process, at: place, to: tag)
        } else if filled.machine.access(process, place.page, .read, on: 0) == .done {
          let byte = filled.machine.byte(process, at: place)
          #expect(byte == 0 || byte == tag, "seed \(seed), step \(step)")
          read += 1
        }
      }
    }
    #expect(read > 500)
    try filled.machine.checkInvariants()
  }
}
