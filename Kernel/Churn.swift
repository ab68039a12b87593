/// Allocates and frees a million frames in blocks of random orders.
///
/// - Returns: whether every frame is free at the end and every check held.
func churn<P: Platform & ~Copyable>(_ machine: inout Machine<P>) throws(BrokenInvariant) -> Bool {
  var random = XorShift64(seed: 2026)
  var live: [(frame: FrameNumber, order: PageOrder)] = []
  live.reserveCapacity(4096)
  let free = machine.frameAccount.free + machine.frameAccount.listed
  var frames: UInt64 = 0
  var failures: UInt64 = 0
  while frames < 1_000_000 {
    if live.count < 4096 && random.below(100) < 55 {
      let order = PageOrder(Int(random.below(5)))
      do throws(AllocationFailure) {
        let frame = try machine.allocatePages(order)
        live.append((frame, order))
        frames += UInt64(order.frameCount)
      } catch {
        failures += 1
      }
    } else if !live.isEmpty {
      let index = Int(random.below(UInt64(live.count)))
      let block = live[index]
      live[index] = live[live.count - 1]
      live.removeLast()
      if !gaveBack(block.frame, block.order, &machine) { return false }
    }
    if random.below(100_000) == 0 { try machine.checkInvariants() }
  }
  try machine.checkInvariants()
  for block in live where !gaveBack(block.frame, block.order, &machine) { return false }
  try machine.checkInvariants()
  Serial.write("allocated and freed ")
  Serial.write(frames)
  Serial.write(" frames, ")
  Serial.write(failures)
  Serial.write(" refusals; all checks held\n")
  Serial.write(machine.buddyInfo)
  return machine.frameAccount.free + machine.frameAccount.listed == free
}

/// Frees a block, or says that it was refused.
private func gaveBack<P: Platform & ~Copyable>(
  _ frame: FrameNumber, _ order: PageOrder, _ machine: inout Machine<P>
) -> Bool {
  do throws(FreeFailure) {
    try machine.freePages(frame, order)
    return true
  } catch {
    Serial.write("error: an allocated block could not be freed\n")
    return false
  }
}
