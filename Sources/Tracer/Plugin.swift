import CQemuPlugin

/// The exit status the program gave to exit_group, for the event at the very end.
nonisolated(unsafe) var exitStatus: UInt64 = 0
/// Whether every access is listed, for checks and for translation buffers smaller than the filter is exact for.
nonisolated(unsafe) var listsAll = false
/// The value of `-plugin` to start QEMU again for a program that this one executes.
nonisolated(unsafe) var pluginOption: UnsafeMutablePointer<CChar>? = nil

/// QEMU calls this when it loads the plugin; the options are `ring=PATH`,
/// `tracer=PATH`, the plugin's own file, and `filter=on` or `filter=off`.
@_cdecl("qemu_plugin_install")
public func install(
  _ id: qemu_plugin_id_t, _ info: UnsafeRawPointer?, _ argumentCount: Int32,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  guard argumentCount == 3, let option = arguments?[0], strncmp(option, "ring=", 5) == 0,
    let own = arguments?[1], strncmp(own, "tracer=", 7) == 0,
    let filter = arguments?[2], strncmp(filter, "filter=", 7) == 0
  else {
    qemu_plugin_outs("quire: the tracer is started by 'quire run' or 'quire record'\n")
    return 1
  }
  guard ring.open(option + 5) else {
    qemu_plugin_outs("quire: the tracer cannot open its shared memory\n")
    return 1
  }
  listsAll = strcmp(filter + 7, "off") == 0
  pluginOption = join(own + 7, option, own, filter)
  ring.attach(1)
  qemu_plugin_register_vcpu_init_cb(id, processorStarted)
  qemu_plugin_register_vcpu_exit_cb(id, processorStopped)
  qemu_plugin_register_vcpu_tb_trans_cb(id, blockTranslated)
  qemu_plugin_register_vcpu_syscall_cb(id, systemCallEntered)
  qemu_plugin_register_vcpu_syscall_ret_cb(id, systemCallReturned)
  qemu_plugin_register_atexit_cb(id, programEnds, nil)
  FatalSignal.watch()
  return 0
}

/// The process ends by itself.
func programEnds(_ id: qemu_plugin_id_t, _ unused: UnsafeMutableRawPointer?) { handOverRest() }

/// Every thread's rest is handed over, then the process's end is told.
func handOverRest() {
  var last: ThreadState? = nil
  for index in 0..<highestProcessor {
    guard let words = ThreadState.all[index] else { continue }
    let state = ThreadState(words)
    if state[ThreadState.process] == UInt64(getpid()) {
      // A thread that waits for room has its slice under way; it is given a moment.
      var waits = 0
      while state[ThreadState.isCommitting] != 0 && waits < 4000 {
        var pause = timespec(tv_sec: 0, tv_nsec: 50_000)
        nanosleep(&pause, nil)
        waits += 1
      }
      if state[ThreadState.isCommitting] != 0 { continue }
      state.commit()
      if last == nil { last = state }
    }
  }
  if let last {
    SliceBuilder(state: last).event(.exit, exitStatus, count: 1)
    last.commit()
  }
  ring.attach(-1)
}

/// The four texts with commas between them.
private func join(
  _ first: UnsafePointer<CChar>, _ second: UnsafePointer<CChar>, _ third: UnsafePointer<CChar>,
  _ fourth: UnsafePointer<CChar>
) -> UnsafeMutablePointer<CChar>? {
  let total = strlen(first) + strlen(second) + strlen(third) + strlen(fourth)
  guard let block = calloc(1, total + 4) else { return nil }
  let text = block.bindMemory(to: CChar.self, capacity: total + 4)
  var length = 0
  func add(_ piece: UnsafePointer<CChar>, comma: Bool) {
    if comma {
      text[length] = 44
      length += 1
    }
    memcpy(text + length, piece, strlen(piece))
    length += strlen(piece)
  }
  add(first, comma: false)
  add(second, comma: true)
  add(third, comma: true)
  add(fourth, comma: true)
  return text
}
