import HostMemory
import LinuxMM
import TraceIO

/// Sets the machine up on this host.
func makeMachine(_ configuration: MachineConfiguration) throws -> SimulatedMachine {
  do throws(SimulatedMachine.SetupFailure) {
    return try SimulatedMachine(configuration, memory: .host)
  } catch {
    throw Failure(
      .usage, "this computer has no address space for a machine of \(configuration.ramBytes) bytes of RAM")
  }
}

/// Sets the machine up for a traced program, of which there are 64-bit ones only.
func makeProgramMachine(_ configuration: MachineConfiguration) throws -> SimulatedMachine {
  guard configuration.memoryMap.architecture == .x86_64 else {
    throw Failure(
      .usage, "arch: a 32-bit machine cannot run the traced programs, which are 64-bit ones; expected 'x86_64'")
  }
  return try makeMachine(configuration)
}

extension ContinuousClock.Instant {
  var nanosecondsToNow: UInt64 {
    let (seconds, attoseconds) = duration(to: .now).components
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}

extension Progress {
  mutating func update(_ replayer: borrowing Replayer) {
    update(
      accesses: replayer.counts.accesses, residentPages: replayer.machine.frameAccount.anonymous,
      faults: replayer.machine.faultCount)
  }
}
