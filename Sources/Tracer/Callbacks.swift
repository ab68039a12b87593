import CQemuPlugin

/// The states of the threads, by QEMU's index of the virtual processor. Set once at start.
nonisolated(unsafe) var states: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>! = nil
let mostThreads = 65536
/// Whether the layout the program started with has been told. Set by the first thread before there are others.
nonisolated(unsafe) var imageIsKnown = false

/// A load or store of the program. QEMU calls it for every one.
@inline(__always)
@_cdecl("quire_memory_access")
func memoryAccess(
  _ processor: UInt32, _ info: UInt32, _ address: UInt64, _ unused: UnsafeMutableRawPointer?
) {
  access(ThreadState(states[Int(processor)].unsafelyUnwrapped), info, address)
}

@inline(__always)
func access(_ state: ThreadState, _ info: UInt32, _ address: UInt64) {
  let time = state[ThreadState.clock] &+ 1
  state[ThreadState.clock] = time
  let page = address >> 12
  let place = Int(page & 1023)
  // Bit 17 is set for a store: the page must be known as writable then.
  let tag = state[ThreadState.dataFilter + AccessFilter.tags + 2 * place] | UInt64((~info >> 17) & 1)
  // Bytes near the page's end may belong to an access that reaches into the next page.
  if tag != page << 1 | 1 || address & 4095 > 4096 - 64 {
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
  while page <= last {
    let place = Int(page & 1023)
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

/// Execution of a translated block. `data` holds its page number from bit 16 on and its length in instructions.
@inline(__always)
@_cdecl("quire_block_executed")
func blockExecuted(_ processor: UInt32, _ data: UnsafeMutableRawPointer?) {
  let packed = UInt64(UInt(bitPattern: data))
  let state = ThreadState(states[Int(processor)].unsafelyUnwrapped)
  let left = state[ThreadState.instructionsLeft] &- packed & 0xffff
  state[ThreadState.instructionsLeft] = left
  if packed >> 16 != state[ThreadState.fetchPage] || left >> 63 != 0 {
    pageEntered(state, packed >> 16)
  }
}

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
  let place = Int(page & 1023)
  if state[ThreadState.fetchFilter + AccessFilter.tags + 2 * place] >> 1 == page {
    state[ThreadState.fetchFilter + AccessFilter.used + 2 * place] = time
    return
  }
  state.fetch.enter(page, writes: false, time: time) { page, _ in builder.access(page, 2) }
}

/// Registers for everything a block does, when QEMU translates it.
func blockTranslated(_ id: qemu_plugin_id_t, _ block: OpaquePointer?) {
  let count = qemu_plugin_tb_n_insns(block)
  let first = qemu_plugin_tb_vaddr(block)
  qemu_plugin_register_vcpu_tb_exec_cb(
    block, blockExecuted, 0, UnsafeMutableRawPointer(bitPattern: UInt((first >> 12) << 16 | UInt64(count))))
  var group = StackGroup()
  for index in 0..<count {
    let instruction = qemu_plugin_tb_get_insn(block, index)
    let bytes = qemu_plugin_insn_data(instruction)?.assumingMemoryBound(to: UInt8.self)
    let kind = bytes.map { StackInstruction($0, qemu_plugin_insn_size(instruction)) } ?? .unknown
    switch kind {
    case .registersOnly(let change): group.move(change)
    case .access(let offset, let writes, let change):
      if !group.add(offset, writes: writes, change: change, instruction: index) {
        register(&group, block)
        _ = group.add(offset, writes: writes, change: change, instruction: index)
      }
    case .unknown:
      register(&group, block)
      // Filters for loads or stores only are wrong in QEMU 7.2: take both.
      qemu_plugin_register_vcpu_mem_cb(instruction, memoryAccess, 0, 3, nil)
    }
  }
  register(&group, block)
}

/// Registers the one callback of a group, and begins a new one.
private func register(_ group: inout StackGroup, _ block: OpaquePointer?) {
  defer { group.clear() }
  guard group.count > 0 else { return }
  let first = qemu_plugin_tb_get_insn(block, group.firstInstruction)
  if group.count > 1, let data = group.packed() {
    qemu_plugin_register_vcpu_mem_cb(first, stackAccesses, 0, 3, data)
  } else {
    qemu_plugin_register_vcpu_mem_cb(first, memoryAccess, 0, 3, nil)
  }
}

/// A thread begins.
func processorStarted(_ id: qemu_plugin_id_t, _ processor: UInt32) {
  guard Int(processor) < mostThreads, let state = ThreadState() else {
    qemu_plugin_outs("quire: more threads than the tracer can follow\n")
    abort()
  }
  if let old = states[Int(processor)] { free(old) }
  highestProcessor = max(highestProcessor, Int(processor) + 1)
  // The thread's number is not known before it runs itself; see `identify`.
  states[Int(processor)] = state.words
}

/// A thread ends.
func processorStopped(_ id: qemu_plugin_id_t, _ processor: UInt32) {
  guard let words = states[Int(processor)] else { return }
  let state = ThreadState(words)
  if state[ThreadState.process] != 0 { state.commit() }
}
