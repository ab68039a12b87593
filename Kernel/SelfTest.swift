/// Allocates and frees a million frames at random, then runs programs in ring 3, checking everything.
func selfTestHolds(_ computer: inout Computer) -> Bool {
  do throws(BrokenInvariant) {
    guard try churn(&computer.machine) else { return false }
  } catch {
    Serial.write("error: ")
    Serial.write(error.what)
    Serial.write(" ")
    Serial.write(error.value)
    Serial.write("\n")
    return false
  }
  Serial.write("programs in ring 3, on ")
  Serial.write(UInt64(computer.machine.configuration.pageTables.levelCount))
  Serial.write(" levels of page tables\n")
  do throws(Errno) {
    return try programsHold(&computer)
  } catch {
    Serial.write("error: a call was refused that must not be, errno ")
    Serial.write(UInt64(error.rawValue))
    Serial.write("\n")
    return false
  }
}

/// Runs programs, and counts at the end what is left of them.
private func programsHold(_ computer: inout Computer) throws(Errno) -> Bool {
  var facts = Facts()
  let before = computer.machine.frameAccount
  try computer.showFaults(&facts)
  try computer.showCopies(&facts)
  try computer.compareRandomAccesses(&facts, seed: 2027, steps: 20_000)
  try computer.compareWalks(&facts, seed: 2028, count: 10_000)
  facts.title("in the end")
  facts.expectInvariants(of: computer)
  computer.machine.sync()
  computer.machine.dropCaches()
  let rest = computer.machine.frameAccount
  facts.expect("frames of programs that are left", UInt64(rest.anonymous + rest.pageTables + rest.cached), equals: 0)
  facts.expect("free frames, as before", UInt64(rest.free + rest.listed), equals: UInt64(before.free + before.listed))
  return facts.failures == 0
}
