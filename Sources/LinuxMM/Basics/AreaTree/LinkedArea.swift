/// What an ``AreaTree`` knows of an area: the pages it has, its neighbours and its node.
protocol LinkedArea: BitwiseCopyable {
  /// The first page, and one past the last one.
  var start: VirtualPage { get }
  var end: VirtualPage { get }
  /// The areas before and after it; `AreaTree.none` if there is none.
  var previous: UInt32 { get set }
  var next: UInt32 { get set }
  /// The node that lists it; `AreaTree.none` while it is in no tree.
  var node: UInt32 { get set }
}
