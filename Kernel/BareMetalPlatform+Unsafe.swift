/// The machine the kernel runs on: a frame's bytes stand in the direct map.
struct BareMetalPlatform: Platform, ~Copyable, Sendable {
  /// The root of the kernel's own address space, whose lower half is empty. Linux: `swapper_pg_dir`.
  let kernelRoot: FrameNumber

  var holdsContents: Bool { true }

  private func pointer(_ frame: FrameNumber) -> UnsafeMutablePointer<UInt64> {
    // SAFETY: all RAM the engine knows is in the direct map.
    unsafe UnsafeMutablePointer(bitPattern: KernelLayout.address(of: frame.address)).unsafelyUnwrapped
  }

  func word(_ index: Int, of frame: FrameNumber) -> UInt64 { unsafe pointer(frame)[index] }

  func setWord(_ index: Int, of frame: FrameNumber, to value: UInt64) {
    unsafe pointer(frame)[index] = value
  }

  func setByte(at address: UInt64, to value: UInt8) {
    // SAFETY: all RAM the engine knows is in the direct map.
    let byte = unsafe UnsafeMutablePointer<UInt8>(bitPattern: KernelLayout.address(of: PhysicalAddress(address)))
    unsafe byte.unsafelyUnwrapped.pointee = value
  }

  func copy(_ frame: FrameNumber, to target: FrameNumber) {
    for index in 0..<512 { setWord(index, of: target, to: word(index, of: frame)) }
  }

  func clear(_ frame: FrameNumber) { unsafe pointer(frame).update(repeating: 0, count: 512) }

  func shareKernelEntries(with root: FrameNumber) {
    for index in 256..<512 { setWord(index, of: root, to: word(index, of: kernelRoot)) }
  }
}
