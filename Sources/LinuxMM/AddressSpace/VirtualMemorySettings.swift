/// The sysctls and boot options that decide about address spaces, under the kernel's names and with its defaults.
public struct VirtualMemorySettings: Equatable, Sendable, BitwiseCopyable {
  /// How much memory programs may be promised. Linux: `vm.overcommit_memory`.
  public enum Overcommit: UInt8, Sendable, BitwiseCopyable {
    /// A single request must not exceed RAM and swap together.
    case guess = 0
    case always = 1
    /// All promises together must not exceed the commit limit.
    case never = 2
  }

  public var overcommitMemory = Overcommit.guess
  /// `vm.overcommit_ratio`: percent of RAM that may be promised.
  public var overcommitRatio: UInt64 = 50
  /// `vm.overcommit_kbytes`: the same as an amount; 0 leaves it to the ratio.
  public var overcommitKilobytes: UInt64 = 0
  /// `vm.max_map_count`.
  public var maximumAreas = 65530
  /// `vm.mmap_min_addr` in bytes: below it only privileged processes may map.
  public var lowestAddress: UInt64 = 65536
  /// Where hints below it are raised to, and how far stacks grow: the same, but at least what the kernel was built with.
  /// Linux: `mmap_min_addr`, `CONFIG_LSM_MMAP_MIN_ADDR`.
  public var lowestHint: UInt64 = 65536
  /// `stack_guard_gap` in pages.
  public var stackGuardPages: UInt64 = 256
  /// `fault_around_bytes` in pages, a power of two.
  public var faultAroundPages: UInt64 = 16
  /// Whether it is recorded which pages were written and which areas are new. Linux: `CONFIG_MEM_SOFT_DIRTY`.
  public var recordsWrites = true

  /// `vm.unprivileged_userfaultfd`: whether everybody's userfaultfd may be asked about the kernel's own accesses.
  public var unprivilegedUserFault = false

  /// In what the kernel differs from Linux 6.1.
  public var rules = KernelRules.linux61

  public init() {}
}
