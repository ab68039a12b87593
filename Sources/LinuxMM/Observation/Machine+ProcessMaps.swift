/// What `/proc/PID` shows of a process's memory (`fs/proc/task_mmu.c`). A dead process shows nothing.
extension Machine where P: ~Copyable {
  /// `/proc/PID/maps`.
  public func maps(_ process: ProcessIndex) -> [UInt8] {
    var text = ProcText()
    forEachArea(process) { appendHeader($0, &text) }
    return text.bytes
  }

  /// `/proc/PID/smaps`.
  public func smaps(_ process: ProcessIndex) -> [UInt8] {
    var text = ProcText()
    forEachArea(process) { place in
      appendHeader(place, &text)
      let area = spaces.areas[place]
      text.kilobytes("Size:           ", area.pageCount << 12)
      text.kilobytes("KernelPageSize: ", PageSize.bytes)
      text.kilobytes("MMUPageSize:    ", PageSize.bytes)
      var figures = ResidentFigures()
      spaces.addResident(of: place, to: &figures)
      append(figures, isSum: false, &text)
      // Huge pages are none of the model's yet.
      text.text("THPeligible:    0\n")
      text.text("VmFlags: ")
      append(area.flags, &text)
      text.newline()
    }
    return text.bytes
  }

  /// `/proc/PID/smaps_rollup`.
  public func smapsRollup(_ process: ProcessIndex) -> [UInt8] {
    var text = ProcText()
    guard processes[process.rawValue].isAlive else { return [] }
    var figures = ResidentFigures()
    var start = VirtualPage(0)
    var end = VirtualPage(0)
    forEachArea(process) { place in
      if end.rawValue == 0 { start = spaces.areas[place].start }
      end = spaces.areas[place].end
      spaces.addResident(of: place, to: &figures)
    }
    appendRange(start, end, [], 0, nil, &text)
    text.pad(to: 72)
    text.text("[rollup]\n")
    append(figures, isSum: true, &text)
    return text.bytes
  }

  /// The lines of `/proc/PID/status` about memory, from VmPeak to HugetlbPages (`task_mem`).
  public func memoryStatus(_ process: ProcessIndex) -> [UInt8] {
    var text = ProcText()
    let space = processes[process.rawValue].space
    guard space != .none else { return [] }
    let descriptor = spaces.descriptors[space.rawValue]
    let (code, libraries) = codePages(descriptor)
    text.kilobytes("VmPeak:\t", descriptor.peakTotal << 12)
    text.kilobytes("VmSize:\t", descriptor.totalPages << 12)
    text.kilobytes("VmLck:\t", descriptor.lockedPages << 12)
    text.kilobytes("VmPin:\t", descriptor.pinnedPages << 12)
    text.kilobytes("VmHWM:\t", UInt64(descriptor.peakResident) << 12)
    text.kilobytes("VmRSS:\t", UInt64(descriptor.resident) << 12)
    text.kilobytes("RssAnon:\t", UInt64(descriptor.anonymousResident) << 12)
    text.kilobytes("RssFile:\t", UInt64(descriptor.fileResident) << 12)
    text.kilobytes("RssShmem:\t", UInt64(descriptor.sharedResident) << 12)
    text.kilobytes("VmData:\t", descriptor.dataPages << 12)
    text.kilobytes("VmStk:\t", descriptor.stackPages << 12)
    text.kilobytes("VmExe:\t", code << 12)
    text.kilobytes("VmLib:\t", libraries << 12)
    text.kilobytes("VmPTE:\t", UInt64(descriptor.tables) << 12)
    text.kilobytes("VmSwap:\t", UInt64(descriptor.swapped) << 12)
    text.kilobytes("HugetlbPages:\t", 0)
    return text.bytes
  }

  /// `/proc/PID/statm`, in pages (`fs/proc/array.c:proc_pid_statm`).
  public func statm(_ process: ProcessIndex) -> [UInt8] {
    var text = ProcText()
    let space = processes[process.rawValue].space
    guard space != .none else {
      text.text("0 0 0 0 0 0 0\n")
      return text.bytes
    }
    let descriptor = spaces.descriptors[space.rawValue]
    let code = VirtualPage.end(of: descriptor.codeEnd, length: 0).rawValue - descriptor.codeStart.page.rawValue
    let figures = [
      descriptor.totalPages, UInt64(descriptor.resident),
      UInt64(descriptor.fileResident + descriptor.sharedResident), code, 0,
      descriptor.dataPages + descriptor.stackPages,
      0,
    ]
    for (index, figure) in figures.enumerated() {
      if index > 0 { text.character(UInt8(ascii: " ")) }
      text.number(Int(figure))
    }
    text.newline()
    return text.bytes
  }

  /// Executable pages of the program and of libraries.
  private func codePages(_ descriptor: MemoryDescriptor) -> (UInt64, UInt64) {
    let code = VirtualPage.end(of: descriptor.codeEnd, length: 0).rawValue - descriptor.codeStart.page.rawValue
    let own = min(code, descriptor.executablePages)
    return (own, descriptor.executablePages - own)
  }

  private func forEachArea(_ process: ProcessIndex, _ body: (UInt32) -> Void) {
    let space = processes[process.rawValue].space
    guard space != .none else { return }
    var place = spaces.descriptors[space.rawValue].areas.first
    while place != AreaTree.none {
      body(place)
      place = spaces.areas[place].next
    }
  }

  /// The line of an area (`show_map_vma`).
  private func appendHeader(_ place: UInt32, _ text: inout ProcText) {
    let area = spaces.areas[place]
    let descriptor = spaces.descriptors[area.space.rawValue]
    if area.file != .none {
      appendRange(area.start, area.end, area.flags, area.offset << 12, area.file, &text)
      text.pad(to: 72)
      text.bytes(fileName(area.file, of: area.opening))
    } else {
      appendRange(area.start, area.end, area.flags, 0, nil, &text)
      if isHeap(area, descriptor) {
        text.pad(to: 72)
        text.text("[heap]")
      } else if area.start.address <= descriptor.stackStart && area.end.address >= descriptor.stackStart {
        text.pad(to: 72)
        text.text("[stack]")
      }
    }
    text.newline()
  }

  private func isHeap(_ area: Area, _ descriptor: MemoryDescriptor) -> Bool {
    if spaces.settings.rules.contains(.heapNameNeedsOverlap) {
      return area.start.address < descriptor.breakEnd && descriptor.breakStart < area.end.address
    }
    return area.start.address <= descriptor.breakEnd && descriptor.breakStart <= area.end.address
  }

  private func appendRange(
    _ start: VirtualPage, _ end: VirtualPage, _ flags: AreaFlags, _ offset: UInt64, _ file: FileIndex?,
    _ text: inout ProcText
  ) {
    text.beginLine()
    text.hexadecimal(start.address.rawValue, digits: 8)
    text.character(UInt8(ascii: "-"))
    text.hexadecimal(end.address.rawValue, digits: 8)
    text.character(UInt8(ascii: " "))
    text.character(flags.contains(.read) ? UInt8(ascii: "r") : UInt8(ascii: "-"))
    text.character(flags.contains(.write) ? UInt8(ascii: "w") : UInt8(ascii: "-"))
    text.character(flags.contains(.execute) ? UInt8(ascii: "x") : UInt8(ascii: "-"))
    text.character(flags.contains(.mayShare) ? UInt8(ascii: "s") : UInt8(ascii: "p"))
    text.character(UInt8(ascii: " "))
    text.hexadecimal(offset, digits: 8)
    text.character(UInt8(ascii: " "))
    let identity = file.map { spaces.cache.files[$0.rawValue].identity } ?? FileIdentity(device: 0, inode: 0)
    // The numbers of a device as programs see them (`new_encode_dev`).
    text.hexadecimal(identity.device >> 8 & 0xfff, digits: 2)
    text.character(UInt8(ascii: ":"))
    text.hexadecimal(identity.device & 0xff | identity.device >> 12 & 0xfff00, digits: 2)
    text.character(UInt8(ascii: " "))
    text.number(Int(truncatingIfNeeded: identity.inode))
    text.character(UInt8(ascii: " "))
  }

  private func fileName(_ file: FileIndex, of opening: FileOpening) -> [UInt8] {
    if Int(file.rawValue) < fileNames.count, !fileNames[Int(file.rawValue)].isEmpty {
      return fileNames[Int(file.rawValue)]
    }
    var text = ProcText()
    guard spaces.cache.files[file.rawValue].isSharedMemory else {
      text.text("(path not recorded)")
      return text.bytes
    }
    text.text(opening.traits.contains(.attachment) ? "/SYSV00000000 (deleted)" : "/dev/zero (deleted)")
    return text.bytes
  }

  /// The figures of an area or of all together (`__show_smap`).
  private func append(_ figures: ResidentFigures, isSum: Bool, _ text: inout ProcText) {
    text.kilobytes("Rss:            ", UInt64(figures.resident) << 12)
    text.kilobytes("Pss:            ", figures.share >> 12)
    text.kilobytes("Pss_Dirty:      ", figures.dirtyShare >> 12)
    if isSum {
      text.kilobytes("Pss_Anon:       ", figures.anonymousShare >> 12)
      text.kilobytes("Pss_File:       ", figures.fileShare >> 12)
      text.kilobytes("Pss_Shmem:      ", figures.sharedMemoryShare >> 12)
    }
    text.kilobytes("Shared_Clean:   ", UInt64(figures.sharedClean) << 12)
    text.kilobytes("Shared_Dirty:   ", UInt64(figures.sharedDirty) << 12)
    text.kilobytes("Private_Clean:  ", UInt64(figures.privateClean) << 12)
    text.kilobytes("Private_Dirty:  ", UInt64(figures.privateDirty) << 12)
    text.kilobytes("Referenced:     ", UInt64(figures.referenced) << 12)
    text.kilobytes("Anonymous:      ", UInt64(figures.anonymous) << 12)
    text.kilobytes("LazyFree:       ", UInt64(figures.lazilyFree) << 12)
    text.kilobytes("AnonHugePages:  ", 0)
    text.kilobytes("ShmemPmdMapped: ", 0)
    text.kilobytes("FilePmdMapped:  ", 0)
    text.kilobytes("Shared_Hugetlb: ", 0)
    text.kilobytes("Private_Hugetlb: ", 0, width: 7)
    text.kilobytes("Swap:           ", UInt64(figures.swapped) << 12)
    text.kilobytes("SwapPss:        ", figures.swappedShare >> 12)
    text.kilobytes("Locked:         ", figures.lockedShare >> 12)
  }

  /// Two letters for each flag (`show_smap_vma_flags`).
  private func append(_ all: AreaFlags, _ text: inout ProcText) {
    let flags = spaces.settings.recordsWrites ? all : all.subtracting(.softDirty)
    for (flag, name) in AreaFlags.shortNames where flags.contains(flag) {
      text.text(flag == .lockOnFault && spaces.settings.rules.contains(.namesLockOnFault) ? "lf" : name)
      text.character(UInt8(ascii: " "))
    }
  }
}

extension AreaFlags {
  /// As smaps shows them, from the lowest bit to the highest.
  fileprivate static var shortNames: [(AreaFlags, StaticString)] {
    [
      (.read, "rd"), (.write, "wr"), (.execute, "ex"), (.shared, "sh"), (.mayRead, "mr"), (.mayWrite, "mw"),
      (.mayExecute, "me"), (.mayShare, "ms"), (.growsDown, "gd"), (.userFaultMissing, "um"), (.frameMap, "pf"),
      (.userFaultWrite, "uw"), (.locked, "lo"), (.device, "io"), (.sequential, "sr"), (.random, "rr"),
      (.dontCopy, "dc"), (.dontExpand, "de"), (.lockOnFault, "??"), (.accounted, "ac"), (.noReserve, "nr"),
      (.hugeTLB, "ht"), (.synchronous, "sf"), (.wipeOnFork, "wf"), (.dontDump, "dd"), (.softDirty, "sd"),
      (.mixedMap, "mm"), (.hugePage, "hg"), (.noHugePage, "nh"), (.mergeable, "mg"), (.userFaultMinor, "ui"),
      (.droppable, "dp"),
    ]
  }
}
