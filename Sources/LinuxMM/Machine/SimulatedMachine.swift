/// A machine inside a host program.
public typealias SimulatedMachine = Machine<SimulatedPlatform>

extension Machine where P == SimulatedPlatform {
  /// Sets up a simulated machine whose RAM and bookkeeping come from `memory`.
  ///
  /// - Parameter holdsContents: whether what programs write is kept.
  public init(
    _ configuration: MachineConfiguration, memory: MemorySource, holdsContents: Bool = false
  ) throws(SetupFailure) {
    guard
      let platform = SimulatedPlatform(
        end: configuration.memoryMap.end, from: memory, holdsContents: holdsContents)
    else {
      throw .noHostMemory
    }
    try self.init(configuration, platform: platform, metadata: memory)
  }
}
