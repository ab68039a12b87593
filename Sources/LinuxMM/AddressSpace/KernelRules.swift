/// In what newer kernels' address spaces differ from those of Linux 6.1, which the model is of. Each rule stands for one
/// change of the kernel, named as it was merged.
public struct KernelRules: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// MADV_POPULATE_READ and _WRITE stop where nothing is mapped or the rights do not suffice, instead of going on behind
  /// it. Linux 6.10: "mm/madvise: make MADV_POPULATE_(READ|WRITE) handle VM_FAULT_RETRY properly".
  public static let populateStopsAtHoles = KernelRules(rawValue: 1 << 0)
  /// `[heap]` names what overlaps the heap, no longer what only touches it. Linux 6.6: "mm: factor out VMA stack and heap
  /// checks".
  public static let heapNameNeedsOverlap = KernelRules(rawValue: 1 << 1)
  /// MAP_ABOVE4G. Linux 6.6: "x86/mm: Introduce MAP_ABOVE4G".
  public static let aboveFourGiB = KernelRules(rawValue: 1 << 8)
  /// Private memory of whole multiples of 2 MiB is aligned to 2 MiB unless a place is asked for. Linux 6.7: "mm: align larger
  /// anonymous mappings on THP boundaries"; 6.13: "mm, mmap: limit THP alignment of anonymous mappings to PMD-aligned sizes".
  public static let alignsLargeMemory = KernelRules(rawValue: 1 << 9)
  /// MAP_DROPPABLE: anonymous memory that is dropped instead of swapped. Linux 6.11: "mm: add MAP_DROPPABLE for designating
  /// always lazily freeable mappings".
  public static let droppable = KernelRules(rawValue: 1 << 2)
  /// A mapping that is refused for want of promised memory leaves what was there. Linux 6.12: "mm/mmap: use vms accounted
  /// pages in mmap_region()".
  public static let refusedMapKeepsOld = KernelRules(rawValue: 1 << 3)
  /// MADV_DONTNEED frees last-level tables that it empties as a whole. Linux 6.14: "mm: pgtable: reclaim empty PTE page in
  /// madvise(MADV_DONTNEED)".
  public static let dontNeedFreesTables = KernelRules(rawValue: 1 << 4)
  /// Areas merge where only the one that changes has been touched; and a new mapping that cannot join both neighbours joins
  /// the lower one. Linux 6.13 and 6.16: "mm: refactor vma_merge() into modify-only vma_merge_existing_range()", "mm/vma: fix
  /// incorrectly disallowed anonymous VMA merges".
  public static let touchedAreasMerge = KernelRules(rawValue: 1 << 5)
  /// mremap looks at all of its arguments before it looks at the mapping, and moves several areas at once. Linux 6.17:
  /// "mm/mremap: permit mremap() move of multiple VMAs".
  public static let remapMovesManyAreas = KernelRules(rawValue: 1 << 6)
  /// Pipes and sockets count as being mounted with `noexec` (`SB_I_NOEXEC` of pseudo file systems). Linux 6.18 has it, 6.12
  /// has not.
  public static let pseudoFilesNotExecutable = KernelRules(rawValue: 1 << 7)

  /// smaps has a name for areas locked on fault, `lf`. Linux 6.12 has it.
  public static let namesLockOnFault = KernelRules(rawValue: 1 << 10)
  /// Memory that was never touched is not promised any more when it loses the right to be written. Linux 6.6: "mm/mprotect:
  /// allow unfaulted VMAs to be unaccounted on mprotect()".
  public static let untouchedIsUnpromised = KernelRules(rawValue: 1 << 11)
  /// MAP_STACK forbids huge pages. Linux 6.7: "mm: mmap: map MAP_STACK to VM_NOHUGEPAGE".
  public static let stacksWithoutHugePages = KernelRules(rawValue: 1 << 12)

  /// Attachments of System V segments merge as long as none of them goes. Linux 6.3: "mm/mmap: start distinguishing if vma
  /// can be removed in mergeability test".
  public static let attachmentsMerge = KernelRules(rawValue: 1 << 13)

  /// A fault next to a file's last page maps nothing around where there is no table yet and that page would be the first
  /// (`mm/filemap.c:filemap_map_pages`). Linux 6.18: "mm/memory: do not populate page table entries beyond i_size".
  public static let lastPageMakesNoTable = KernelRules(rawValue: 1 << 14)
  /// What is missing of an executable mapping is read from the page on, up to the mapping's end. Linux 6.16:
  /// "mm/filemap: allow arch to request folio size for exec memory".
  public static let codeIsReadAhead = KernelRules(rawValue: 1 << 15)

  /// A fault that only begins to read ahead counts as minor, since it comes back without having been tried. Linux 6.4: "x86/mm:
  /// try VMA lock-based page fault handling first".
  public static let faultsLockAreas = KernelRules(rawValue: 1 << 16)

  /// An area whose pages mremap has all moved away keeps their positions, so that it merges with fewer neighbours. Linux
  /// 6.18.44 has it still; 6.1.192, 6.12.117 and 7.2 count positions from the area's address again.
  public static let emptiedAreaKeepsOffset = KernelRules(rawValue: 1 << 17)

  /// process_madvise about the own memory takes every advice and needs no privilege. Linux 6.13: "mm/madvise: unrestrict
  /// process_madvise() for current process".
  public static let adviseOwnProcess = KernelRules(rawValue: 1 << 18)

  /// Of a single range of a call that takes a list of them, no more than counts is looked at. Linux 6.4: "iov_iter: import
  /// single vector iovecs as ITER_UBUF".
  public static let singleRangeIsCut = KernelRules(rawValue: 1 << 19)

  /// A private page that is clean, as after MADV_FREE, can become writable with its area. Linux 6.2: "mm/mprotect: allow clean
  /// exclusive anon pages to be writable".
  public static let cleanPagesBecomeWritable = KernelRules(rawValue: 1 << 20)

  /// The part of an area that userfaultfd begins or ends to watch merges with the next area. Linux 6.4: "mm/uffd: fix vma
  /// operation where start addr cuts part of vma".
  public static let watchMergesByPosition = KernelRules(rawValue: 1 << 24)
  /// UFFDIO_WRITEPROTECT works on several areas at once. Linux 6.4: "mm/userfaultfd: support WP on multiple VMAs".
  public static let protectsManyWatchedAreas = KernelRules(rawValue: 1 << 25)
  /// The end of userfaultfd's write protection makes pages writable only where a fault would do nothing else. Linux 6.3:
  /// "mm/userfaultfd: rely on vma->vm_page_prot in uffd_wp_range()".
  public static let endedProtectionAsksEachPage = KernelRules(rawValue: 1 << 26)
  /// userfaultfd has UFFDIO_POISON, UFFDIO_MOVE and a mode of UFFDIO_CONTINUE for write protection. Linux 6.4 to 6.8.
  public static let laterWatchCalls = KernelRules(rawValue: 1 << 27)
  /// A page to be supplied prepares its private area before the rest is looked at. Linux 6.9: "userfaultfd: use per-vma locks
  /// in userfaultfd operations".
  public static let supplyPreparesFirst = KernelRules(rawValue: 1 << 28)
  /// Only its own watcher ends the watch of an area. Linux 6.17: "userfaultfd: prevent unregistering VMAs through a different
  /// userfaultfd".
  public static let watchEndsByItsWatcher = KernelRules(rawValue: 1 << 29)
  /// UFFDIO_COPY refuses a source outside of user space before it looks at anything else. Linux 6.18 has it, 6.1 has not.
  public static let supplyChecksSource = KernelRules(rawValue: 1 << 30)

  public static let linux61: KernelRules = []
  public static let linux618: KernelRules = [
    .populateStopsAtHoles, .heapNameNeedsOverlap, .droppable, .refusedMapKeepsOld, .dontNeedFreesTables,
    .touchedAreasMerge, .remapMovesManyAreas, .pseudoFilesNotExecutable, .aboveFourGiB, .alignsLargeMemory,
    .namesLockOnFault,
    .untouchedIsUnpromised, .stacksWithoutHugePages, .attachmentsMerge, .lastPageMakesNoTable,
    .codeIsReadAhead, .faultsLockAreas, .emptiedAreaKeepsOffset,
    .adviseOwnProcess, .singleRangeIsCut, .cleanPagesBecomeWritable,
    .watchMergesByPosition, .protectsManyWatchedAreas, .endedProtectionAsksEachPage, .laterWatchCalls,
    .supplyPreparesFirst, .watchEndsByItsWatcher, .supplyChecksSource,
  ]
}
