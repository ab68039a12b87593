/// Which file it is, on whatever path it was opened: device and inode number.
public struct FileIdentity: Hashable, Sendable, BitwiseCopyable {
  public var device: UInt64
  public var inode: UInt64

  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}
