/// What the walks through page tables have noted, and who walks.
struct AgingState {
  var filters = AgingFilters()
  /// Whether whoever reclaims has gone through page tables, as the background reclaimer always has, and whether it looked for
  /// private pages. Linux: `reclaim_state->mm_walk`, `can_swap`.
  var hasWalker = false
  var walkerSwaps = false
  /// Pages found used around one.
  var found: [FrameNumber] = []
}
