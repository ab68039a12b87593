/// A group of processors and the memory near them. Linux: `struct pglist_data`.
///
/// Its zones are found through their own ``Zone/node``.
struct Node: ~Copyable {
  let number: Int
  /// One more than the largest order the background reclaimer is asked for, 0 when it is not. Linux: `kswapd_order`.
  let wantedOrder = SharedNumber(0)
  /// The highest kind of zone it is asked for. Linux: `kswapd_highest_zoneidx`.
  let wantedZone = SharedNumber(0)

  /// Asks the background reclaimer for memory (`mm/vmscan.c:wakeup_kswapd`).
  borrowing func wake(_ order: PageOrder, _ highest: ZoneKind) {
    if wantedOrder.value <= order.index { wantedOrder.set(order.index + 1) }
    if wantedZone.value < highest.rawValue { wantedZone.set(highest.rawValue) }
  }

  /// Notes that its wishes were taken over.
  borrowing func forgetWishes() {
    wantedOrder.set(0)
    wantedZone.set(0)
  }
}
