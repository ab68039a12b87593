import CQemuPlugin

/// Whether the layout the program started with has been told. Set by the first thread before there are others.
nonisolated(unsafe) var imageIsKnown = false

/// A load or store of the program. QEMU calls it for every one.
@inline(__always)
@_cdecl("quire_memory_access")
func memoryAccess(
  _ processor: UInt32, _ info: UInt32, _ address: UInt64, _ unused: UnsafeMutableRawPointer?
) {
  access(ThreadState.of(processor), info, address)
}

@inline(__always)
func access(_ state: ThreadState, _ info: UInt32, _ address: UInt64) {
  let time = state[ThreadState.clock] &+ 1
  state[ThreadState.clock] = time
  let page = address >> 12
  let place = AccessFilter.place(page)
  // Bit 17 is set for a store: the page must be known as writable then.
  let tag = state[ThreadState.dataFilter + AccessFilter.tags + 2 * place] | UInt64((~info >> 17) & 1)
  // The last bytes of a page may belong to an access that reaches into the next; QEMU 7.2 makes accesses of at most
  // 8 bytes, and aligned ones of 16.
  guard _fastPath(tag == page << 1 | 1), _fastPath(address & 4095 <= 4096 - 8) else {
    unlistedAccess(state, info, address)
    return
  }
  state[ThreadState.dataFilter + AccessFilter.used + 2 * place] = time
}

/// An access that the filter does not know at once.
@inline(never)
func unlistedAccess(_ state: ThreadState, _ info: UInt32, _ address: UInt64) {
  if !imageIsKnown { reportInitialImage(state, address, isStore: info >> 17 & 1 == 1) }
  if state[ThreadState.process] == 0 { identify(state) }
  let builder = SliceBuilder(state: state)
  if builder.isNearlyFull { state.commit() }
  let writes = info >> 17 & 1 == 1
  let size = UInt64(1) << UInt64(info >> 4 & 7)
  var page = address >> 12
  let last = (address &+ size &- 1) >> 12
  let time = state[ThreadState.clock]
  if page >= emulatorPages.start && page < emulatorPages.end {
    // Not the program's: it does not count.
    state[ThreadState.clock] = time - 1
    return
  }
  while page <= last {
    if listsAll {
      builder.access(page, writes ? 1 : 0)
      page += 1
      continue
    }
    let place = AccessFilter.place(page)
    if state[ThreadState.dataFilter + AccessFilter.tags + 2 * place] | (writes ? 0 : 1) == page << 1 | 1 {
      state[ThreadState.dataFilter + AccessFilter.used + 2 * place] = time
    } else {
      state.data.enter(page, writes: writes, time: time) { page, writes in
        builder.access(page, writes ? 1 : 0)
      }
    }
    page += 1
  }
}

/// The first access of a block, which tells of the block as well.
@inline(__always)
@_cdecl("quire_block_with_access")
func blockWithAccess(
  _ processor: UInt32, _ info: UInt32, _ address: UInt64, _ data: UnsafeMutableRawPointer?
) {
  let state = ThreadState.of(processor)
  block(state, UInt64(UInt(bitPattern: data)))
  access(state, info, address)
}

/// Execution of a block whose first instructions do not surely access memory.
@inline(__always)
@_cdecl("quire_block_executed")
func blockExecuted(_ processor: UInt32, _ data: UnsafeMutableRawPointer?) {
  block(ThreadState.of(processor), UInt64(UInt(bitPattern: data)))
}

/// Execution of a translated block. `packed` holds its page number from bit 16 on and its length in instructions.
@inline(__always)
func block(_ state: ThreadState, _ packed: UInt64) {
  let left = state[ThreadState.instructionsLeft] &- packed & 0xffff
  state[ThreadState.instructionsLeft] = left
  let page = packed >> 16
  if _fastPath(page == state[ThreadState.fetchPage]), _fastPath(left >> 63 == 0) { return }
  let place = ThreadState.fetchFilter + 2 * AccessFilter.place(page)
  guard _fastPath(state[place + AccessFilter.tags] >> 1 == page), _fastPath(left >> 63 == 0),
    _fastPath(state[ThreadState.mustClose] == 0)
  else {
    pageEntered(state, page)
    return
  }
  let time = state[ThreadState.fetchClock] &+ 1
  state[ThreadState.fetchClock] = time
  state[ThreadState.fetchPage] = page
  state[place + AccessFilter.used] = time
}

/// Execution enters a page that the filter does not know, or a slice is to be closed.
@inline(never)
func pageEntered(_ state: ThreadState, _ page: UInt64) {
  guard imageIsKnown else { return }
  if state[ThreadState.process] == 0 { identify(state) }
  let builder = SliceBuilder(state: state)
  if builder.isNearlyFull || state[ThreadState.instructionsLeft] >> 63 != 0
    || state[ThreadState.mustClose] != 0
  {
    state.commit()
  }
  state[ThreadState.fetchPage] = page
  let time = state[ThreadState.fetchClock] &+ 1
  state[ThreadState.fetchClock] = time
  if page == state[ThreadState.lastFetchPage] { state[ThreadState.sliceFetchClock] += 1 }
  state[ThreadState.lastFetchPage] = ThreadState.noPage
  if listsAll {
    builder.access(page, 2)
    return
  }
  let place = AccessFilter.place(page)
  if state[ThreadState.fetchFilter + AccessFilter.tags + 2 * place] >> 1 == page {
    state[ThreadState.fetchFilter + AccessFilter.used + 2 * place] = time
    return
  }
  state.fetch.enter(page, writes: false, time: time) { page, _ in builder.access(page, 2) }
}

/// Registers for everything a block does, when QEMU translates it.
///
/// As few callbacks as possible: stack accesses in groups, and the block's own execution with its first access when
/// that is certain to come.
func blockTranslated(_ id: qemu_plugin_id_t, _ block: OpaquePointer?) {
  let count = qemu_plugin_tb_n_insns(block)
  var registration = BlockRegistration(
    block: block, packed: (qemu_plugin_tb_vaddr(block) >> 12) << 16 | UInt64(count))
  for index in 0..<count {
    let instruction = qemu_plugin_tb_get_insn(block, index)
    let bytes = qemu_plugin_insn_data(instruction)?.assumingMemoryBound(to: UInt8.self)
    let kind = bytes.map { InstructionKind($0, qemu_plugin_insn_size(instruction)) } ?? .unknown
    registration.add(kind, instruction, index)
  }
  registration.finish()
}

/// Collects what is to be registered for one block.
private struct BlockRegistration {
  let block: OpaquePointer?
  /// See ``blockExecuted(_:_:)``.
  let packed: UInt64
  /// Whether the block's execution is told already.
  var isTold = false
  var group = StackGroup()

  mutating func add(_ kind: InstructionKind, _ instruction: OpaquePointer?, _ index: Int) {
    switch kind {
    case .registersOnly(let change): group.move(change)
    case .access(let offset, let writes, let change):
      if !group.add(offset, writes: writes, change: change, instruction: index) {
        closeGroup()
        _ = group.add(offset, writes: writes, change: change, instruction: index)
      }
    case .memory:
      closeGroup()
      access(instruction)
    case .unknown:
      closeGroup()
      tellByItself()
      access(instruction)
    }
  }

  mutating func finish() {
    closeGroup()
    tellByItself()
  }

  /// The block's execution is told at its beginning, by a callback of its own.
  private mutating func tellByItself() {
    guard !isTold else { return }
    isTold = true
    qemu_plugin_register_vcpu_tb_exec_cb(
      block, blockExecuted, 0, UnsafeMutableRawPointer(bitPattern: UInt(packed)))
  }

  private mutating func access(_ instruction: OpaquePointer?) {
    // Filters for loads or stores only are wrong in QEMU 7.2: take both.
    if isTold {
      qemu_plugin_register_vcpu_mem_cb(instruction, memoryAccess, 0, 3, nil)
    } else {
      isTold = true
      qemu_plugin_register_vcpu_mem_cb(
        instruction, blockWithAccess, 0, 3, UnsafeMutableRawPointer(bitPattern: UInt(packed)))
    }
  }

  /// Registers the one callback of the group so far, and begins a new one.
  private mutating func closeGroup() {
    guard group.count > 0 else { return }
    let first = qemu_plugin_tb_get_insn(block, group.firstInstruction)
    if group.count > 1, let data = group.packed(block: isTold ? 0 : packed) {
      if isTold {
        qemu_plugin_register_vcpu_mem_cb(first, stackAccesses, 0, 3, data)
      } else {
        isTold = true
        qemu_plugin_register_vcpu_mem_cb(first, blockWithStackAccesses, 0, 3, data)
      }
    } else {
      access(first)
    }
    group.clear()
  }
}

/// A thread begins.
func processorStarted(_ id: qemu_plugin_id_t, _ processor: UInt32) {
  if Int(processor) < ThreadState.most, let old = ThreadState.all[Int(processor)] {
    // Used again in place: another thread may be looking at it.
    ThreadState(old).reset()
    return
  }
  guard Int(processor) < ThreadState.most, let state = ThreadState() else {
    qemu_plugin_outs("quire: more threads than the tracer can follow\n")
    abort()
  }
  highestProcessor = max(highestProcessor, Int(processor) + 1)
  // The thread's number is not known before it runs itself; see `identify`.
  ThreadState.all[Int(processor)] = state.words
}

/// A thread ends.
func processorStopped(_ id: qemu_plugin_id_t, _ processor: UInt32) {
  guard let words = ThreadState.all[Int(processor)] else { return }
  let state = ThreadState(words)
  if state[ThreadState.process] != 0 { state.commit() }
}
