/// 64 slots of the swap cache: how many have an entry, and how many a frame. Linux: a last node of `swapper_spaces`.
struct SwapNode: BitwiseCopyable {
  var used: UInt8 = 0
  var frames: UInt8 = 0
}
