import Foundation
import LinuxMM

/// An event of a real kernel's page allocator, from a line of ftrace's or perf script's text.
public struct PageEvent: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// `mm_page_alloc`; without a frame it failed.
    case allocation(frame: UInt64?, order: Int, flags: GFPFlags)
    /// `mm_page_free`.
    case free(frame: UInt64, order: Int)
    /// `mm_page_alloc_extfrag`: memory of another migration type was taken.
    case fallback(isFragmenting: Bool, changesOwnership: Bool)
  }

  /// Since the kernel's start.
  public var microseconds: UInt64
  public var processor: Int
  public var kind: Kind

  /// The event of a line; `nil` for comments, other events and lines that are none.
  ///
  /// Of `mm_page_free_batched` nothing is made: a `mm_page_free` has told the same.
  ///
  /// - Complexity: O(line).
  public init?(line: some StringProtocol) {
    guard let line = TraceLine(Substring(line)) else { return nil }
    processor = line.processor
    microseconds = line.microseconds
    switch line.event {
    case "mm_page_alloc":
      guard let frame = line.number("pfn"), let order = line.number("order"), order <= 10, frame < 1 << 40 else {
        return nil
      }
      let page = line["page"] ?? ""
      let failed = page == "(nil)" || (page.allSatisfy { $0 == "0" || $0 == "x" } && !page.isEmpty) && frame == 0
      kind = .allocation(
        frame: failed ? nil : frame, order: Int(order), flags: GFPFlags(names: line["gfp_flags"] ?? ""))
    case "mm_page_free":
      guard let frame = line.number("pfn"), let order = line.number("order"), order <= 10, frame < 1 << 40 else {
        return nil
      }
      kind = .free(frame: frame, order: Int(order))
    case "mm_page_alloc_extfrag":
      guard let fallback = line.number("fallback_order"), let block = line.number("pageblock_order") else { return nil }
      // perf prints its own idea of `fragmenting`.
      kind = .fallback(isFragmenting: fallback < block, changesOwnership: line.number("change_ownership") == 1)
    default: return nil
    }
  }
}
