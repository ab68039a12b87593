/// The random numbers of one exec, before the rules cut them to size. Equal draws give equal layouts.
struct LayoutDraws {
  /// `arch/x86/mm/mmap.c:arch_rnd` for the base of mappings.
  var mmapBase: UInt64
  /// `mm/util.c:randomize_stack_top`.
  var stackPages: UInt64
  /// `arch/x86/kernel/process.c:arch_align_stack` for the stack's top.
  var stackBytes: UInt64
  /// `arch/x86/mm/mmap.c:arch_mmap_rnd` for a position-independent program.
  var program: UInt64
  /// `arch/x86/entry/vdso/vma.c:vdso_addr`.
  var vdso: UInt64
  /// `arch_align_stack` for the first stack pointer.
  var stackPointer: UInt64
  /// `mm/util.c:randomize_page` for the heap.
  var heap: UInt64

  /// All draws the same: 0 gives each rule its least shift, `UInt64.max` its largest.
  init(all value: UInt64) {
    mmapBase = value
    stackPages = value
    stackBytes = value
    program = value
    vdso = value
    stackPointer = value
    heap = value
  }

  /// Seven numbers, in the order in which exec uses them.
  init(using random: inout some RandomNumberGenerator) {
    mmapBase = random.next()
    stackPages = random.next()
    stackBytes = random.next()
    program = random.next()
    vdso = random.next()
    stackPointer = random.next()
    heap = random.next()
  }

  /// A draw as a number in 0 ..< `bound`: the high half of the product, as `drivers/char/random.c:get_random_u32_below`
  /// has it.
  @inline(__always)
  static func below(_ bound: UInt64, _ draw: UInt64) -> UInt64 { draw.multipliedFullWidth(by: bound).high }
}
