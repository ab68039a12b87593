/// An entry that maps a frame.
struct FrameMapping: BitwiseCopyable {
  var area: UInt32
  var space: SpaceIndex
  var page: VirtualPage
  var place: EntryPlace
}
