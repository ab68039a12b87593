import LinuxMM

/// An event of a real kernel's heap, from a line of ftrace's or perf script's text.
public struct HeapEvent: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// `kmalloc` and `kmem_cache_alloc`, and what they were called for nodes before 6.1.
    ///
    /// - isCache: of a cache; kernels from 6.2 on say its name.
    /// - requested, granted: in bytes.
    case allocation(
      isCache: Bool, name: String?, requested: Int, granted: Int, flags: GFPFlags, node: Int?, isCharged: Bool)
    /// `kfree` and `kmem_cache_free`.
    case free(isCache: Bool, name: String?)
  }

  /// Since the kernel's start.
  public var microseconds: UInt64
  public var processor: Int
  /// The object's address, or what the kernel prints instead of it.
  public var pointer: UInt64
  /// The function that asked, as the kernel prints it.
  public var site: String
  public var kind: Kind

  public init(microseconds: UInt64, processor: Int, pointer: UInt64, site: String, kind: Kind) {
    self.microseconds = microseconds
    self.processor = processor
    self.pointer = pointer
    self.site = site
    self.kind = kind
  }

  /// The event of a line; `nil` for comments, other events and lines that are none, and for frees of nothing.
  ///
  /// - Complexity: O(line).
  public init?(line: Substring) {
    guard let line = TraceLine(line), let pointer = line.address("ptr"), pointer != 0 else { return nil }
    self.pointer = pointer
    processor = line.processor
    microseconds = line.microseconds
    site = line["call_site"].map(String.init) ?? "?"
    let name = line["name"].map(String.init)
    switch line.event {
    case "kmalloc", "kmalloc_node", "kmem_cache_alloc", "kmem_cache_alloc_node":
      guard let requested = line.number("bytes_req"), let granted = line.number("bytes_alloc"),
        (1...UInt64(SizeClass.largestRequest)).contains(granted), (1...granted).contains(requested)
      else { return nil }
      kind = .allocation(
        isCache: line.event.hasPrefix("kmem"), name: name, requested: Int(requested), granted: Int(granted),
        flags: GFPFlags(names: line["gfp_flags"] ?? ""), node: line.number("node").flatMap { Int(exactly: $0) },
        isCharged: line["accounted"] == "true")
    case "kfree", "kmem_cache_free":
      kind = .free(isCache: line.event == "kmem_cache_free", name: name)
    default: return nil
    }
  }
}
