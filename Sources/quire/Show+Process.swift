import LinuxMM
import Reporting

/// The views of a process in a saved state.
extension Show {
  /// Refuses options that belong to other views.
  func checkOptions() throws {
    if pid != nil && !view.isOfProcess {
      let views = View.ofProcess.map(\.rawValue)
      throw Failure(
        .usage,
        "--pid is for \(views.dropLast().joined(separator: ", ")) and \(views.last ?? ""), not for '\(view.rawValue)'")
    }
    if address != nil && view != .pagetable && view != .pagemap {
      throw Failure(.usage, "--address is for pagetable and pagemap, not for '\(view.rawValue)'")
    }
    if group != nil && !view.isOfGroup {
      throw Failure(.usage, "--group is for memory.stat, memory.events and memory.pressure, not for '\(view.rawValue)'")
    }
    if raw && view != .pagemap { throw Failure(.usage, "--raw is for pagemap, not for '\(view.rawValue)'") }
    if raw && address == nil { throw Failure(.usage, "--raw needs --address A-B: the file has a word for every page") }
    if view == .pagetable && address == nil {
      throw Failure(.usage, "'show pagetable' needs --address, such as --address 7ffff7dd5a10")
    }
  }

  /// What a view of a process shows.
  func processView() throws -> [UInt8] {
    // What is wrong with the command line is said before what is wrong with the state.
    let range = try addressRange()
    guard let state = try savedState() else {
      throw Failure(
        .usage, "'show \(view.rawValue)' needs a state with processes: 'quire run --state FILE --at TIME', then -i FILE"
      )
    }
    let process = try process(of: state)
    switch view {
    case .pagetable:
      let address = VirtualAddress(range?.start ?? 0)
      let walk = try tables(of: process, state).walk(address)
      let title = "\(process.title), \(moment(state))"
      return Array(PageTableWalkText(walk, areas: process.areas, title: title).text.utf8)
    case .pagemap:
      let pagemap = PagemapText(try tables(of: process, state), areas: process.areas, pages: range?.pages)
      return raw ? pagemap.binary : Array(pagemap.text.utf8)
    case .addressSpace:
      let picture = AddressSpacePicture(
        process.areas, try tables(of: process, state), title: "Address space of \(process.title), \(moment(state))",
        faults: process.minorFaults.map { ($0, process.majorFaults ?? 0) })
      return Array(picture.svg.utf8)
    default: return Array((process.texts[view.rawValue] ?? "").utf8)
    }
  }

  /// So many pages have a word at most, 256 MiB of them.
  private static let mostWords: UInt64 = 1 << 25

  private func addressRange() throws -> AddressRange? {
    guard let address else { return nil }
    func wrong(_ accepted: String) -> Failure {
      Failure(.usage, "--address: '\(address)' is not accepted; expected \(accepted)")
    }
    guard let range = AddressRange(address) else {
      throw wrong(
        view == .pagetable
          ? "an address in hexadecimal, such as 7ffff7dd5a10"
          : "an address in hexadecimal, or a range of them with its end behind its start, such as 400000-41f000")
    }
    if view == .pagetable && range.end != nil { throw wrong("one address, such as 7ffff7dd5a10") }
    if raw && range.pages.upperBound - range.pages.lowerBound > Self.mostWords {
      throw wrong("at most \(Self.mostWords) pages with --raw")
    }
    return range
  }

  private func process(of state: MachineState) throws -> MachineState.ProcessState {
    let alive = state.processes ?? []
    guard let first = alive.first else {
      throw Failure(
        .cannotExecute,
        "no process was alive at \(state.nanoseconds) ns, when the state was saved; save one before the end with --at TIME"
      )
    }
    guard let pid else { return first }
    guard let process = alive.first(where: { $0.pid == pid }) else {
      let known = alive.map { "\($0.pid)" }.joined(separator: ", ")
      throw Failure(.usage, "--pid \(pid): no such process was alive; alive were \(known)")
    }
    return process
  }

  private func tables(of process: MachineState.ProcessState, _ state: MachineState) throws -> KeptPageTables {
    let tables: KeptPageTables?
    do throws(MachineState.Problem) { tables = try state.pageTables(of: process) } catch {
      throw Failure(.damagedInput, "'\(input ?? "")' is \(error)")
    }
    guard let tables else {
      throw Failure(
        .damagedInput,
        "'\(input ?? "")' has no page tables: an older version saved it; save it anew with 'quire run --state'")
    }
    return tables
  }
}
