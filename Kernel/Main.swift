import Hardware

/// Where the boot image goes on in Swift.
@_cdecl("kernel_main")
public func kernelMain(_ information: UInt) {
  Serial.write("Quire on bare metal\n")
  exit(selfTest(information) ? 0 : 1)
}

/// Ends the emulator through its debug port: the exit status is twice the value plus one.
func exit(_ value: UInt8) {
  port_write(0xf4, value == 0 ? 0x10 : 0x11)
}

/// Takes the machine's RAM, allocates and frees a million frames at random, then runs programs on it, checking everything.
///
/// - Parameter address: the physical address of the loader's information.
func selfTest(_ address: UInt) -> Bool {
  Segments.load()
  Interrupts.load()
  Processor.protectKernel()
  // The image, then room for Swift's objects, then the metadata of the frames.
  let imageEnd = (UInt(image_end_address()) - UInt(KernelLayout.image) + 4095) & ~4095
  let heapEnd = imageEnd + (16 << 20)
  kernel_set_heap(imageEnd + UInt(KernelLayout.objects), heapEnd + UInt(KernelLayout.objects))
  guard let information = BootInformation(at: PhysicalAddress(UInt64(address))), let last = information.ram.last else {
    Serial.write("error: the loader gave no memory map\n")
    return false
  }
  let bookEnd = (heapEnd + UInt(last.end.rawValue) * UInt(PhysicalMemory.bytesPerFrame) + (1 << 20) + 4095) & ~4095
  let directMap = UInt(KernelLayout.directMap)
  let memory = BootMemory(from: heapEnd + directMap, to: bookEnd + directMap)
  let end = FrameNumber(containing: PhysicalAddress(UInt64(bookEnd)))
  guard let configuration = configuration(information.ram, reservedTo: end) else {
    Serial.write("error: no machine can be made of the loader's memory map\n")
    return false
  }
  do throws(Machine<BareMetalPlatform>.SetupFailure) {
    let machine = try Machine(
      configuration, platform: BareMetalPlatform(kernelRoot: Processor.loadedRoot), metadata: memory.source)
    Serial.write("RAM frames ")
    Serial.write(UInt64(configuration.memoryMap.presentFrames))
    Serial.write(", managed ")
    Serial.write(UInt64(machine.frameAccount.managed))
    Serial.write("\n")
    Serial.write(machine.buddyInfo)
    var computer = Computer(machine)
    return allHolds(&computer)
  } catch {
    Serial.write("error: the machine cannot be set up\n")
    return false
  }
}

/// A machine with this RAM, less the first page and what lies from 1 MiB up to `end`.
private func configuration(_ ram: [FrameRange], reservedTo end: FrameNumber) -> MachineConfiguration? {
  do throws(MemoryMap.Problem) {
    let map = try MemoryMap(
      regions: ram.map { MemoryMap.Region($0) },
      reserved: [FrameRange(FrameNumber(0), FrameNumber(1)), FrameRange(FrameNumber(0x100), end)])
    return machineConfiguration(map)
  } catch {
    return nil
  }
}

private func machineConfiguration(_ map: MemoryMap) -> MachineConfiguration? {
  do throws(PhysicalConfiguration.Problem) {
    let physical = try PhysicalConfiguration(map: map)
    return try? MachineConfiguration(physical: physical, fiveLevels: Processor.hasFiveLevels)
  } catch {
    return nil
  }
}

private func allHolds(_ computer: inout Computer) -> Bool {
  do throws(BrokenInvariant) {
    guard try churn(&computer.machine) else { return false }
    Serial.write("programs in ring 3, on ")
    Serial.write(UInt64(computer.machine.configuration.pageTables.levelCount))
    Serial.write(" levels of page tables\n")
    return try programsHold(&computer)
  } catch {
    Serial.write("error: ")
    Serial.write(error.what)
    Serial.write(" ")
    Serial.write(error.value)
    Serial.write("\n")
    return false
  }
}

/// Runs programs, and counts at the end what is left of them.
private func programsHold(_ computer: inout Computer) throws(BrokenInvariant) -> Bool {
  var facts = Facts()
  let account = computer.machine.frameAccount
  do throws(Errno) {
    try computer.showFaults(&facts)
    try computer.showCopies(&facts)
    if let broken = try computer.compareRandomAccesses(&facts, seed: 2027, steps: 20_000) {
      Serial.write("error: ")
      Serial.write(broken.what)
      Serial.write(" ")
      Serial.write(broken.value)
      Serial.write("\n")
      return false
    }
    try computer.compareWalks(&facts, seed: 2028, count: 10_000)
  } catch {
    Serial.write("error: a call was refused that must not be, errno ")
    Serial.write(UInt64(error.rawValue))
    Serial.write("\n")
    return false
  }
  try computer.machine.checkInvariants()
  computer.machine.sync()
  computer.machine.dropCaches()
  let rest = computer.machine.frameAccount
  facts.title("in the end")
  facts.expect("frames of programs that are left", UInt64(rest.anonymous + rest.pageTables + rest.cached), equals: 0)
  facts.expect("free frames", UInt64(rest.free + rest.listed), equals: UInt64(account.free + account.listed))
  return facts.failures == 0
}
