import Hardware

/// Where the boot image goes on in Swift.
@_cdecl("kernel_main")
public func kernelMain(_ information: UInt) {
  Serial.write("Quire on bare metal\n")
  exit(setUpAndTest(information) ? 0 : 1)
}

/// Ends the emulator through its debug port: the exit status is twice the value plus one.
func exit(_ value: UInt8) {
  port_write(0xf4, value == 0 ? 0x10 : 0x11)
}

/// Sets up the processor and, on the machine's RAM, the engine, and tests them.
///
/// - Parameter address: the physical address of the loader's information.
private func setUpAndTest(_ address: UInt) -> Bool {
  Segments.load()
  Interrupts.load()
  Processor.protectKernel()
  // The image, then room for Swift's objects, then the metadata of the machine's frames, then that of the heap's.
  let imageEnd = (UInt(image_end_address()) - UInt(KernelLayout.image) + 4095) & ~4095
  let heapEnd = imageEnd + (16 << 20)
  kernel_set_heap(imageEnd + UInt(KernelLayout.objects), heapEnd + UInt(KernelLayout.objects))
  guard let information = BootInformation(at: PhysicalAddress(UInt64(address))), let last = information.ram.last else {
    Serial.write("error: the loader gave no memory map\n")
    return false
  }
  let bookEnd = (heapEnd + UInt(last.end.rawValue) * UInt(PhysicalMemory.bytesPerFrame) + (1 << 20) + 4095) & ~4095
  let heapBookEnd = bookEnd + (bookEnd - heapEnd) + UInt(last.end.rawValue) * 80 + (4 << 20) & ~4095
  let directMap = UInt(KernelLayout.directMap)
  let memory = BootMemory(from: heapEnd + directMap, to: bookEnd + directMap)
  let end = FrameNumber(containing: PhysicalAddress(UInt64(heapBookEnd)))
  guard let configuration = configuration(information.ram, reservedTo: end) else {
    Serial.write("error: no machine can be made of the loader's memory map\n")
    return false
  }
  // Before the machine begins, the heap may have all of its memory.
  let heapMemory = BootMemory(from: bookEnd + directMap, to: heapBookEnd + directMap)
  guard heapHolds(configuration.physical, metadata: heapMemory.source) else { return false }
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
    return selfTestHolds(&computer)
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
