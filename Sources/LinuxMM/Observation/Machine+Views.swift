/// What `/proc` shows of the machine's physical memory.
extension Machine where P: ~Copyable {
  public var buddyInfo: [UInt8] { spaces.translation.memory.buddyInfo }
  public var pageTypeInfo: [UInt8] { spaces.translation.memory.pageTypeInfo }
  public var zoneInfo: [UInt8] { spaces.translation.memory.zoneInfo }
  /// The kernel's report of a failed allocation.
  public func report(of failure: AllocationFailure, command: StaticString) -> [UInt8] {
    spaces.translation.memory.report(of: failure, command: command, swap: swapFigures)
  }
  public var memoryPicture: MemoryPicture { spaces.translation.memory.picture }
}
