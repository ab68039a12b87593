/// A fault on a marked page (``AddressSpaces/markNext(_:pages:from:)``) that the machine has to decide about.
struct HintFault: BitwiseCopyable {
  var area = AreaTree.none
  var place = EntryPlace(table: FrameNumber(0), index: 0)
}
