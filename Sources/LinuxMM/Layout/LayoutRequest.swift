/// All that decides where exec puts things: the kernel, its settings, the process's limits, and the program.
public struct LayoutRequest: Hashable, Sendable {
  /// Stands for no limit of the stack. Linux: `RLIM_INFINITY`.
  public static let unlimited = UInt64.max

  public var width: TaskWidth
  /// Levels of the kernel's page tables: 4, or 5 for 64-bit kernels on processors with LA57. Programs see the larger
  /// space only when they ask for addresses in it.
  public var pageTableLevels = 4
  /// RLIMIT_STACK at exec in bytes, or ``unlimited``.
  public var stackLimit: UInt64 = 8 << 20
  public var personality: Personality = []
  public var randomization: AddressRandomization = .full
  /// Linux: `vm.legacy_va_layout`.
  public var isLegacy = false
  /// Random bits in the page number of the base of mappings: `vm.mmap_rnd_bits`, or for 32-bit programs on a 64-bit
  /// kernel `vm.mmap_rnd_compat_bits`; in ``TaskWidth/mmapRandomBits``.
  public var mmapRandomBits: Int
  /// The bytes kept free below a stack, a multiple of the page. Linux: `stack_guard_gap=` of the boot line, in pages.
  public var stackGuardGap: UInt64 = 256 << 12
  public var program: LoadableImage
  /// What `PT_INTERP` names, such as `ld-linux-x86-64.so.2`.
  public var interpreter: LoadableImage?
  public var arguments = Arguments()
  /// Pages of the kernel's data and code that every program is given. Linux: `[vvar]` and `[vdso]`, as Debian's 6.1 has
  /// them.
  public var vvarPages: UInt64 = 4
  public var vdsoPages: UInt64 = 2

  /// What exec copies to the top of the stack.
  public struct Arguments: Hashable, Sendable {
    /// Linux: `argc`.
    public var count = 1
    /// Strings of the environment.
    public var environmentCount = 0
    /// The bytes of all strings with their ending zeros: the program's path, the environment, the arguments.
    public var stringBytes: UInt64 = 0

    public init(count: Int = 1, environmentCount: Int = 0, stringBytes: UInt64 = 0) {
      self.count = count
      self.environmentCount = environmentCount
      self.stringBytes = stringBytes
    }

    /// The arguments and environment that exec was given.
    ///
    /// - Parameter path: the file executed; for a script the script itself.
    public init(path: String, _ arguments: [String], environment: [String] = []) {
      count = arguments.count
      environmentCount = environment.count
      stringBytes = UInt64(path.utf8.count + 1)
      for string in arguments { stringBytes += UInt64(string.utf8.count + 1) }
      for string in environment { stringBytes += UInt64(string.utf8.count + 1) }
    }
  }

  /// The kernel's defaults.
  public init(_ width: TaskWidth, program: LoadableImage, interpreter: LoadableImage? = nil) {
    self.width = width
    self.program = program
    self.interpreter = interpreter
    mmapRandomBits = width.mmapRandomBits.lowerBound
  }

  /// Whether anything is placed at random (`fs/binfmt_elf.c:load_elf_binary`, `PF_RANDOMIZE`).
  public var isRandomized: Bool { randomization != .none && !personality.contains(.noRandomization) }

  /// Whether mappings are made from the bottom up (`arch/x86/mm/mmap.c:mmap_is_legacy`).
  public var isBottomUp: Bool { isLegacy || personality.contains(.legacyLayout) }
}

/// Why a layout cannot be: the kernel refuses the setting, or ends the program before its first instruction.
public enum LayoutProblem: Error, Hashable, Sendable {
  case pageTableLevels
  case mmapRandomBits(ClosedRange<Int>)
  case stackGuardGap
  /// The program or its interpreter has no segments to load.
  case nothingToLoad
  /// A segment lies outside the task's addresses, or has more bytes in the file than in memory.
  case segment(LoadableImage.Segment)
  /// The program lies where something else is.
  case occupied(Range<VirtualAddress>)
  /// No hole is large enough.
  case noRoom(bytes: UInt64)
  /// The arguments do not fit into the stack.
  case stackLimit
}
