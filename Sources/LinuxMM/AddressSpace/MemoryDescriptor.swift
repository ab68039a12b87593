/// One address space. Linux: `struct mm_struct`.
struct MemoryDescriptor: BitwiseCopyable {
  var context: TranslationContext
  var areas: AreaTree
  /// Processes that use it; a vforked child borrows its parent's.
  var users = 1

  /// Mapped pages. Linux: `total_vm`; the three below it are `data_vm`, `exec_vm`, `stack_vm`.
  var totalPages: UInt64 = 0
  var dataPages: UInt64 = 0
  var executablePages: UInt64 = 0
  var stackPages: UInt64 = 0
  /// Pages of locked areas. Linux: `locked_vm`.
  var lockedPages: UInt64 = 0
  /// Pages that devices hold. Linux: `pinned_vm`.
  var pinnedPages: UInt64 = 0
  /// The most `totalPages` were when it last shrank. Linux: `hiwater_vm`.
  var highestTotal: UInt64 = 0

  /// Resident pages by kind. Linux: `rss_stat`.
  var anonymousResident = 0
  var fileResident = 0
  var sharedResident = 0
  /// Entries of pages that are in swap. Linux: `MM_SWAPENTS`.
  var swapped = 0
  /// The most resident pages ever were. Linux: `hiwater_rss`.
  var peakResident = 0
  /// Tables below the root. Linux: `pgtables_bytes` / 4096.
  var tables = 0

  /// What areas to come are marked with: those of mlockall(MCL_FUTURE). Not inherited by a child. Linux: `def_flags`.
  var newAreaFlags: AreaFlags = []
  /// The program's code, in bytes. Linux: `start_code`, `end_code`.
  var codeStart = VirtualAddress(0)
  var codeEnd = VirtualAddress(0)
  /// The program's initialized data. Linux: `start_data`, `end_data`.
  var dataStart = VirtualAddress(0)
  var dataEnd = VirtualAddress(0)
  /// Where the arguments begin. Linux: `start_stack`.
  var stackStart = VirtualAddress(0)
  /// The heap: from its start, as exec set it, to the current break.
  var breakStart = VirtualAddress(0)
  var breakEnd = VirtualAddress(0)
  /// Where the search for room begins: from here down, or from here up. Linux: `mmap_base`, `mmap_legacy_base`.
  var mapBase = VirtualPage(0)
  var legacyMapBase = VirtualPage(0)
  /// Whether room is looked for from low addresses to high ones.
  var mapsBottomUp = false
  /// One past the last page of user space. Linux: `TASK_SIZE`.
  var end = VirtualPage.userEnd

  /// The nodes for which its tables were never gone through for used pages, and those since whose last walk it has run, as
  /// bits of the node's number modulo 64. Linux: `lru_gen.bitmap`.
  var isUnwalked = UInt64.max
  var hasRun = UInt64.max
  /// The control group of its process. Linux: that of `owner`.
  var group: UInt16 = 0
  /// What NUMA balancing knows of it.
  var balance = SpaceBalance()

  var resident: Int { anonymousResident + fileResident + sharedResident }
  /// Linux: `VmPeak`.
  var peakTotal: UInt64 { max(highestTotal, totalPages) }

  /// Notes how much was mapped before some of it goes. Linux: `update_hiwater_vm`.
  mutating func noteTotal() { highestTotal = max(highestTotal, totalPages) }
}

extension MemoryDescriptor {
  /// Notes that pages have come.
  @inline(__always)
  mutating func notePeakResident() { peakResident = max(peakResident, resident) }
}
