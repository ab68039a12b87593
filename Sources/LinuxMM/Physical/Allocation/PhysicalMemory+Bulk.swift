extension PhysicalMemory {
  /// Takes single frames until there are `count` in `frames` (`alloc_pages_bulk_list`).
  ///
  /// - Parameter frames: where they are added; what is there counts.
  /// - Returns: the number of frames added, fewer than wanted when memory runs out.
  public func allocatePages(
    until count: Int, in frames: inout [FrameNumber], _ flags: GFPFlags = .kernel, processor: Int = 0,
    node: Int? = nil
  ) -> Int {
    let before = frames.count
    while frames.count < count {
      do throws(AllocationFailure) {
        frames.append(try allocatePages(.single, flags, processor: processor, node: node))
      } catch {
        break
      }
    }
    return frames.count - before
  }

  /// Gives single frames back (`free_pages_bulk_array`).
  ///
  /// - Throws: at the first that cannot be freed; those before it are.
  public func freePages(_ frames: [FrameNumber], processor: Int = 0) throws(FreeFailure) {
    for frame in frames { try freePages(frame, .single, processor: processor) }
  }
}
