/// One address space. Linux: `struct mm_struct`.
struct MemoryDescriptor: BitwiseCopyable {
  var context: TranslationContext
  var areas = AreaTree()
  /// Processes that use it; a vforked child borrows its parent's.
  var users = 1

  /// Mapped pages. Linux: `total_vm`; the three below it are `data_vm`, `exec_vm`, `stack_vm`.
  var totalPages: UInt64 = 0
  var dataPages: UInt64 = 0
  var executablePages: UInt64 = 0
  var stackPages: UInt64 = 0
  /// The most `totalPages` ever were. Linux: `hiwater_vm`.
  var peakTotalPages: UInt64 = 0

  /// Resident pages by kind. Linux: `rss_stat`.
  var anonymousResident = 0
  var fileResident = 0
  var sharedResident = 0
  /// The most resident pages ever were. Linux: `hiwater_rss`.
  var peakResident = 0
  /// Tables below the root. Linux: `pgtables_bytes` / 4096.
  var tables = 0

  /// Whether areas to come are locked (`mlockall(MCL_FUTURE)`, `def_flags`). Not inherited by a child.
  var locksNewAreas = false
  /// The heap: from its start, as exec set it, to the current break.
  var breakStart = VirtualAddress(0)
  var breakEnd = VirtualAddress(0)

  var resident: Int { anonymousResident + fileResident + sharedResident }
}
