import ArgumentParser
import KernelText
import LinuxMM

/// The machine, by flags and by a file with the same keys.
struct MachineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Installed RAM, 8M to 15T (default 1G).", valueName: "size"))
  var ram: [String] = []

  @Option(help: ArgumentHelp("Processors, 1 to 64 (default 1).", valueName: "count"))
  var cpus: [String] = []

  @Option(
    help: ArgumentHelp(
      "A NUMA node and its RAM, once for each node, instead of --ram; its processors if they are not to be spread evenly.",
      valueName: "node:size[:cpus]"))
  var node: [String] = []

  @Option(
    help: ArgumentHelp(
      "How far two nodes are from each other, 11 to 254 (default 20).", valueName: "node:node:distance"))
  var distance: [String] = []

  @Option(
    help: ArgumentHelp(
      "A swap area, once for each; areas of equal priority take turns (default: one after the other); zram keeps them in memory, compressed.",
      valueName: "size[:priority[:device]]"))
  var swap: [String] = []

  @Option(
    name: .customLong("memory-max"),
    help: ArgumentHelp("Put the program into a memory control group that never has more.", valueName: "size"))
  var memoryMax: [String] = []

  @Option(help: ArgumentHelp("Imitate the memory map of a /proc/zoneinfo text.", valueName: "file"))
  var memmap: [String] = []

  @Option(
    name: .customLong("kernel-ram"),
    help: ArgumentHelp(
      "RAM the kernel takes at boot (default 24M and 1/64 of the RAM, a quarter at most).", valueName: "size"))
  var kernelRAM: [String] = []

  @Option(
    name: .customLong("page-cache"),
    help: ArgumentHelp(
      "cold: files are read from the disk first (default); warm: they are in memory already.",
      valueName: "cold|warm"))
  var pageCache: [String] = []

  @Option(
    help: ArgumentHelp(
      "The processor whose translation buffers it has (default intel-skylake-server): "
        + ProcessorModel.allCases.map { "\($0.name)" }.joined(separator: ", ") + ".",
      valueName: "name"))
  var tlb: [String] = []

  @Option(
    help: ArgumentHelp(
      "Any other setting; may be repeated. Keys: arch (x86_64, i386, i386-pae), lowmem, kernelcore, movablecore, cma, "
        + "vm.min_free_kbytes, vm.watermark_scale_factor, vm.watermark_boost_factor, vm.lowmem_reserve_ratio, "
        + "vm.percpu_pagelist_high_fraction, vm.extfrag_threshold, vm.compaction_proactiveness, "
        + "transparent_hugepage, tlb.l1i, tlb.l1d, tlb.l2 (entries:ways, 4 KiB pages), tlb.pde, tlb.pdpte, tlb.pml4e, "
        + "tlb.pml5e (walk caches, entries:ways or 0), tlb.pcid (0 or 1), la57 (five levels of page tables, 0 or 1), "
        + "kernel.numa_balancing (0 or 1), numa_balancing.scan_delay_ms, numa_balancing.scan_period_min_ms, "
        + "numa_balancing.scan_period_max_ms, numa_balancing.scan_size_mb, "
        + "slab (slub, slab or slob), slub_min_objects, slub_min_order, slub_max_order, slub_debug (letters), slab_nomerge, "
        + "slab_max_order, slab_freelist_hardened, slab_freelist_random (0 or 1), "
        + "memory.min, memory.low, memory.high, memory.max, memory.swap.max (sizes or max; the program's control group), "
        + "memory.oom.group (0 or 1), vm.dirty_ratio, vm.dirty_background_ratio, vm.dirty_expire_centisecs, "
        + "vm.dirty_writeback_centisecs, vm.panic_on_oom (0 to 2), vm.oom_kill_allocating_task (0 or 1), "
        + "vm.zone_reclaim_mode (0 to 7), vm.min_unmapped_ratio, vm.min_slab_ratio (percent), "
        + "vm.swappiness (0 to 200), vm.page-cluster (0 to 10), vma_ra_enabled (0 or 1), swap.device (nvme, ssd, disk, "
        + "virtual or zram), compression.ratio (of zram and zswap; 3), zswap.enabled (0 or 1), zswap.max_pool_percent, "
        + "zswap.accept_threshold_percent, zswap.zpool (zbud, z3fold or zsmalloc), lru_gen.enabled (y, n, or the sum of 1: "
        + "pages in generations, 2: found used by walks through page tables, 4: but those not used), lru_gen.min_ttl_ms, "
        + "swap.failing_request (the request to each swap device that fails), memmap.in_use (1: as much of --memmap's memory is in use as was then), "
        + "stack_limit, cost.instruction_ps, cost.tlb_l2_ps, cost.walk_ps, cost.fault_ps, cost.disk_request_ps, "
        + "cost.disk_page_ps, cost.scan_ps, cost.reclaim_ps.",
      valueName: "key=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "A YAML file with the same keys; flags go before it. For run also: programs and groups.", valueName: "file"))
  var machine: String?

  /// The first flag given other than --set.
  var givenBesideSettings: String? {
    for (name, values) in [
      ("--ram", ram), ("--cpus", cpus), ("--node", node), ("--distance", distance), ("--memmap", memmap),
      ("--kernel-ram", kernelRAM), ("--swap", swap), ("--memory-max", memoryMax), ("--page-cache", pageCache),
      ("--machine", machine.map { [$0] } ?? []),
    ] where !values.isEmpty { return name }
    return nil
  }

  /// The flag that sets a key.
  private static func flag(_ key: String) -> String { key == "memory.max" ? "memory-max" : key }

  /// The configuration that flags and file describe.
  ///
  /// - Parameter free: frames that were free on the machine that --memmap names.
  func configuration(free: FreeFramesText? = nil) throws -> MachineConfiguration {
    let settings = try settings(free: free)
    guard settings.workload.programs.isEmpty else {
      throw Failure(.usage, "machine file '\(machine ?? "")' names programs, which only 'quire run' starts")
    }
    return try settings.configuration()
  }

  /// What flags and file set, with the programs that the file names.
  func settings(free: FreeFramesText? = nil) throws -> MachineSettings {
    var settings = MachineSettings()
    settings.memory.free = free
    if let machine { try settings.read(file: machine) }
    var flags: [(String, String)] = []
    for (key, values) in [
      ("ram", ram), ("cpus", cpus), ("kernel-ram", kernelRAM), ("page-cache", pageCache),
      ("memmap", memmap), ("tlb", tlb), ("memory.max", memoryMax),
    ] {
      guard let value = values.first else { continue }
      if let other = values.first(where: { $0 != value }) {
        throw Failure(.usage, "--\(Self.flag(key)) is given twice, as '\(value)' and '\(other)'")
      }
      flags.append((key, value))
    }
    if !swap.isEmpty { flags.append(("swap", swap.joined(separator: ","))) }
    for (key, value) in flags { try settings.set(key, value, from: "--\(Self.flag(key))") }
    for value in node {
      let parts = value.split(separator: ":", maxSplits: 1)
      try settings.set("node.\(parts.first ?? "")", parts.count > 1 ? String(parts[1]) : "", from: "--node \(value)")
    }
    for value in distance {
      let parts = value.split(separator: ":")
      guard parts.count == 3 else {
        throw Failure(.usage, "--distance: '\(value)' is not accepted; expected NODE:NODE:DISTANCE such as 0:1:21")
      }
      try settings.set("distance.\(parts[0]).\(parts[1])", String(parts[2]), from: "--distance \(value)")
    }
    var seen: [String: String] = [:]
    for pair in set {
      guard let mark = pair.firstIndex(of: "=") else {
        throw Failure(.usage, "--set '\(pair)': expected KEY=VALUE")
      }
      let key = String(pair[..<mark])
      let value = String(pair[pair.index(after: mark)...])
      if let other = seen[key], other != value {
        throw Failure(.usage, "--set \(key) is given twice, as '\(other)' and '\(value)'")
      }
      if let flag = flags.first(where: { $0.0 == key }), flag.1 != value {
        throw Failure(.usage, "--\(Self.flag(key)) \(flag.1) and --set \(key)=\(value) contradict each other")
      }
      seen[key] = value
      try settings.set(key, value, from: "--set \(key)")
    }
    return settings
  }
}
