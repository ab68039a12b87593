/// A machine inside a host program.
public typealias SimulatedMachine = Machine<SimulatedPlatform>

extension Machine where P == SimulatedPlatform {
  /// Sets up a simulated machine whose RAM and bookkeeping come from `memory`.
  public init(_ configuration: MachineConfiguration, memory: MemorySource) throws(SetupFailure) {
    guard let platform = SimulatedPlatform(end: configuration.memoryMap.end, from: memory) else {
      throw .noHostMemory
    }
    try self.init(configuration, platform: platform, metadata: memory)
  }
}
