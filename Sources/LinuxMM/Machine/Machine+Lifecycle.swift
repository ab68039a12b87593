extension Machine where P: ~Copyable {
  /// Starts a process with an empty address space, to be filled by ``execute(_:_:)``.
  ///
  /// If memory for it cannot be had even by killing all others, the process is dead from the start.
  public mutating func start() -> ProcessIndex {
    let index = ProcessIndex(processes.insert(Process(space: .none)))
    giveSpace(to: index)
    return index
  }

  /// Gives a process an empty address space, killing others as long as memory is missing for it.
  private mutating func giveSpace(to process: ProcessIndex) {
    repeat {
      do throws(AllocationFailure) {
        processes[process.rawValue].space = try spaces.makeSpace()
        return
      } catch {}
    } while killForMemory(invoker: process)
    processes[process.rawValue].outOfMemoryKilled = true
  }

  /// Replaces a process's image (`fs/exec.c`, `fs/binfmt_elf.c:load_elf_binary`): a new address space
  /// with the segments and a stack; the kernel's own writes to it are faults of the process.
  ///
  /// - Returns: `.done`, or why the image could not be set up.
  public mutating func execute(_ process: ProcessIndex, _ image: ProgramImage) -> AccessResult {
    guard processes[process.rawValue].isAlive else { return .killed }
    leaveSpace(process)
    giveSpace(to: process)
    let space = processes[process.rawValue].space
    guard space != .none else { return .killed }
    processes[process.rawValue].stackLimit = image.stackLimit
    let stackEnd = VirtualPage.end(of: image.stackTop, length: 0)
    // The kernel leaves room of 128 KiB below the arguments (`fs/exec.c:setup_arg_pages`).
    let argumentPages = stackEnd - image.stackPointer.page
    let stackStart = VirtualPage(stackEnd.rawValue - argumentPages - 32)
    let stackFlags: AreaFlags = [
      .read, .write, .mayRead, .mayWrite, .mayExecute, .growsDown, .accounted,
    ]
    spaces.addArea(
      Area(start: stackStart, end: stackEnd, flags: stackFlags, offset: stackStart.rawValue),
      to: space)
    for segment in image.segments where segment.start < segment.end {
      do throws(Errno) { try spaces.unmapPages(space, segment.start, segment.end) } catch {
        return .refused(.notMapped)
      }
      var flags = segment.protection.areaFlags.union([.mayRead, .mayWrite, .mayExecute])
      if flags.contains(.write) { flags.insert(.accounted) }
      spaces.addArea(
        Area(
          start: segment.start, end: segment.end, flags: flags, file: segment.file,
          offset: segment.file == .none ? segment.start.rawValue : segment.offset),
        to: space)
    }
    spaces.descriptors[space.rawValue].breakStart = image.breakStart
    spaces.descriptors[space.rawValue].breakEnd = image.breakStart
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

  /// Where the heap starts, if exec could not know.
  public mutating func setBreakStart(_ process: ProcessIndex, _ address: VirtualAddress) {
    let space = processes[process.rawValue].space
    guard space != .none else { return }
    spaces.descriptors[space.rawValue].breakStart = address
    spaces.descriptors[space.rawValue].breakEnd = address
  }

  /// Makes a child process with a copy of the parent's address space, or with the very same one (vfork).
  ///
  /// - Returns: the child, or `nil` if the parent is dead.
  public mutating func fork(_ parent: ProcessIndex, sharesMemory: Bool) -> ProcessIndex? {
    guard processes[parent.rawValue].isAlive else { return nil }
    if sharesMemory {
      let space = processes[parent.rawValue].space
      spaces.descriptors[space.rawValue].users += 1
      return insertChild(of: parent, space)
    }
    while processes[parent.rawValue].isAlive {
      do throws(AllocationFailure) {
        let space = try spaces.fork(processes[parent.rawValue].space)
        return insertChild(of: parent, space)
      } catch {
        killForMemory(invoker: parent)
      }
    }
    return nil
  }

  private mutating func insertChild(of parent: ProcessIndex, _ space: SpaceIndex) -> ProcessIndex {
    var child = Process(space: space)
    child.stackLimit = processes[parent.rawValue].stackLimit
    return ProcessIndex(processes.insert(child))
  }

  /// Ends a process and frees what only it used.
  public mutating func exit(_ process: ProcessIndex) {
    guard processes[process.rawValue].isAlive else { return }
    // The processor has nobody to run now, and keeps the address space only in case another thread of it comes.
    spaces.translation.processors.enterLazy(
      spaces.descriptors[processes[process.rawValue].space.rawValue].context, on: processor)
    leaveSpace(process)
  }

  /// Ends all processes.
  public mutating func exitAll() {
    var number: UInt32 = 0
    while Int(number) < processes.limit {
      exit(ProcessIndex(number))
      number += 1
    }
  }

  /// Takes a process out of its address space, keeping its figures.
  mutating func leaveSpace(_ process: ProcessIndex) {
    areaChanges &+= 1
    spaces.translation.processors.forgetRunner(process.rawValue)
    let space = processes[process.rawValue].space
    let descriptor = spaces.descriptors[space.rawValue]
    var state = processes[process.rawValue]
    state.space = .none
    state.peakResident = max(state.peakResident, descriptor.peakResident)
    state.resident = descriptor.resident
    state.peakTotal = descriptor.peakTotalPages
    state.tablePages = descriptor.tables
    processes[process.rawValue] = state
    spaces.descriptors[space.rawValue].users -= 1
    if spaces.descriptors[space.rawValue].users == 0 { spaces.destroy(space) }
  }
}
