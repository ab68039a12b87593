extension Machine where P: ~Copyable {
  /// Starts a process with an empty address space, to be filled by ``execute(_:_:)``.
  ///
  /// If memory for it cannot be had even by killing all others, the process is dead from the start.
  @_specialize(where P == SimulatedPlatform)
  public mutating func start(in group: GroupIndex? = nil) -> ProcessIndex {
    var process = Process(space: .none)
    process.group = group?.rawValue ?? programGroup
    let index = ProcessIndex(processes.insert(process))
    giveSpace(to: index)
    return index
  }

  /// Gives a process an empty address space, killing others as long as memory is missing for it.
  private mutating func giveSpace(to process: ProcessIndex) {
    repeat {
      do throws(AllocationFailure) {
        let space = try spaces.makeSpace()
        spaces.descriptors[space.rawValue].group = processes[process.rawValue].group
        processes[process.rawValue].space = space
        return
      } catch {}
    } while killForMemory(invoker: process)
    processes[process.rawValue].outOfMemoryKilled = true
  }

  /// Replaces a process's image (`fs/exec.c`, `fs/binfmt_elf.c:load_elf_binary`): a new address space
  /// with the segments and a stack; the kernel's own writes to it are faults of the process.
  ///
  /// - Returns: `.done`, or why the image could not be set up.
  @_specialize(where P == SimulatedPlatform)
  public mutating func execute(_ process: ProcessIndex, _ image: ProgramImage) -> AccessResult {
    guard processes[process.rawValue].isAlive else { return .killed }
    let shares = sharesTime
    sharesTime = false
    defer { sharesTime = shares }
    leaveSpace(process)
    forgetHintFaults(of: process)
    giveSpace(to: process)
    let space = processes[process.rawValue].space
    guard space != .none else { return .killed }
    let stackEnd = VirtualPage.end(of: image.stackTop, length: 0)
    // The kernel leaves room of 128 KiB below the arguments (`fs/exec.c:setup_arg_pages`).
    let argumentPages = stackEnd - image.stackPointer.page
    let stackStart = image.stackStart?.page ?? VirtualPage(stackEnd.rawValue - argumentPages - 32)
    // It does not count as new: its flags were set anew (`setup_arg_pages`).
    let stackFlags = AreaFlags.data.union([.growsDown, .accounted])
    place(
      Area(start: stackStart, end: stackEnd, flags: stackFlags, offset: stackStart.rawValue),
      in: space)
    for segment in image.segments where segment.start < segment.end {
      do throws(Errno) { try spaces.unmapPages(space, segment.start, segment.end) } catch {
        return .refused(.notMapped)
      }
      var flags = segment.protection.areaFlags.union(.mayAccess).union(.softDirty)
      if flags.contains(.write) { flags.insert(.accounted) }
      place(
        Area(
          start: segment.start, end: segment.end, flags: flags, file: segment.file,
          offset: segment.file == .none ? segment.start.rawValue : segment.offset),
        in: space)
    }
    let limit = configuration.stackLimit ?? image.stackLimit ?? MachineConfiguration.usualStackLimit
    processes[process.rawValue].caller.limits.stack.soft = limit
    setLayout(space, image, stackLimit: limit)
    // Arguments are copied from the highest address down, before the segments are cleared.
    var page = VirtualPage(stackEnd.rawValue - 1)
    while !(page < image.stackPointer.page) {
      let result = fault(process, page, .write)
      if result != .done { return result }
      page = VirtualPage(page.rawValue - 1)
    }
    for page in image.cleared {
      let result = fault(process, page, .write)
      if result != .done { return result }
    }
    return .done
  }

  /// Sets where the parts of a new image are, and from where mmap looks for room (`arch/x86/mm/mmap.c:mmap_base`):
  /// below the stack's largest size and its guard, at least 128 MiB.
  ///
  /// - Parameter stackLimit: RLIMIT_STACK when the program was started, in bytes.
  private mutating func setLayout(_ space: SpaceIndex, _ image: ProgramImage, stackLimit: UInt64) {
    let shift = UInt64(PageSize.shift)
    let top = configuration.pageTables.usualMapEnd.rawValue
    let guarded = (stackLimit >> shift) &+ spaces.settings.stackGuardPages
    let gap = min(max(guarded, PageSize.pages(128 << 20)), top / 6 * 5)
    spaces.descriptors[space.rawValue].mapBase = VirtualPage(top - gap)
    spaces.descriptors[space.rawValue].legacyMapBase = VirtualPage.end(
      of: VirtualAddress(configuration.pageTables.usualMapEnd.address.rawValue / 3), length: 0)
    if let bases = image.mapBases {
      spaces.descriptors[space.rawValue].mapBase = bases.topDown.page
      spaces.descriptors[space.rawValue].legacyMapBase = bases.bottomUp.page
      spaces.descriptors[space.rawValue].mapsBottomUp = bases.isBottomUp
    }
    spaces.descriptors[space.rawValue].breakStart = image.breakStart
    spaces.descriptors[space.rawValue].breakEnd = image.breakStart
    spaces.descriptors[space.rawValue].codeStart = image.code.lowerBound
    spaces.descriptors[space.rawValue].codeEnd = image.code.upperBound
    spaces.descriptors[space.rawValue].dataStart = image.data.lowerBound
    spaces.descriptors[space.rawValue].dataEnd = image.data.upperBound
    spaces.descriptors[space.rawValue].stackStart = image.stackPointer
  }

  /// Tells the number and the name that a process is known by outside, for reports.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setIdentifier(_ process: ProcessIndex, _ identifier: UInt32, name: [UInt8] = []) {
    processes[process.rawValue].identifier = identifier
    while processNames.count <= Int(process.rawValue) { processNames.append([]) }
    processNames[Int(process.rawValue)] = name
  }

  /// Adds an area of a new image.
  private mutating func place(_ area: Area, in space: SpaceIndex) {
    spaces.insertArea(area, to: space)
    spaces.account(space, area.flags, Int64(area.pageCount))
    if area.flags.contains(.accounted) { spaces.commit.add(area.pageCount) }
  }

  /// Where the heap starts, if exec could not know.
  @_specialize(where P == SimulatedPlatform)
  public mutating func setBreakStart(_ process: ProcessIndex, _ address: VirtualAddress) {
    let space = processes[process.rawValue].space
    guard space != .none else { return }
    spaces.descriptors[space.rawValue].breakStart = address
    spaces.descriptors[space.rawValue].breakEnd = address
  }

  /// Makes a child process with a copy of the parent's address space, or with the very same one (vfork).
  ///
  /// - Returns: the child, or `nil` if the parent is dead or its memory exceeds what may be promised (`ENOMEM`).
  @_specialize(where P == SimulatedPlatform)
  public mutating func fork(_ parent: ProcessIndex, sharesMemory: Bool) -> ProcessIndex? {
    guard processes[parent.rawValue].isAlive else { return nil }
    noteFork(of: parent)
    if sharesMemory {
      let space = processes[parent.rawValue].space
      spaces.descriptors[space.rawValue].users += 1
      return insertChild(of: parent, space)
    }
    while processes[parent.rawValue].isAlive {
      do throws(ForkFailure) {
        let space = try spaces.fork(processes[parent.rawValue].space, caller(parent))
        return insertChild(of: parent, space)
      } catch {
        if error == .refused { return nil }
        killForMemory(invoker: parent)
      }
    }
    return nil
  }

  private mutating func insertChild(of parent: ProcessIndex, _ space: SpaceIndex) -> ProcessIndex {
    var child = Process(space: space)
    child.caller = processes[parent.rawValue].caller
    child.group = processes[parent.rawValue].group
    child.outOfMemoryAdjustment = processes[parent.rawValue].outOfMemoryAdjustment
    child.balance = balance(ofChildOf: parent, space)
    return ProcessIndex(processes.insert(child))
  }

  /// Ends a process and frees what only it used.
  @_specialize(where P == SimulatedPlatform)
  public mutating func exit(_ process: ProcessIndex) {
    guard processes[process.rawValue].isAlive else { return }
    // The processor has nobody to run now, and keeps the address space only in case another thread of it comes.
    spaces.translation.processors.enterLazy(
      spaces.descriptors[processes[process.rawValue].space.rawValue].context, on: processor)
    leaveSpace(process)
  }

  /// Ends all processes.
  @_specialize(where P == SimulatedPlatform)
  public mutating func exitAll() {
    var number: UInt32 = 0
    while Int(number) < processes.limit {
      exit(ProcessIndex(number))
      number += 1
    }
  }

  /// Takes a process out of its address space, keeping its figures.
  mutating func leaveSpace(_ process: ProcessIndex) {
    // Where others stay in it, its areas do not change, yet they are this process's no more.
    spaces.areaChanges &+= 1
    spaces.translation.processors.forgetRunner(process.rawValue)
    if !waitingFaults.isEmpty { waitingFaults.removeAll { $0.process == process } }
    let space = processes[process.rawValue].space
    let descriptor = spaces.descriptors[space.rawValue]
    var state = processes[process.rawValue]
    state.space = .none
    state.peakResident = max(state.peakResident, descriptor.peakResident)
    state.resident = descriptor.resident
    state.swapped = descriptor.swapped
    state.peakTotal = descriptor.peakTotal
    state.tablePages = descriptor.tables
    processes[process.rawValue] = state
    spaces.descriptors[space.rawValue].users -= 1
    if spaces.descriptors[space.rawValue].users == 0 { spaces.destroy(space) }
  }
}
