/// What happened to the pages of one control group on one node, without the groups below it. Linux: events of
/// `struct memcg_vmstats` and of `struct lruvec_stats`.
struct VectorEvents: BitwiseCopyable {
  var backgroundScans: UInt64 = 0
  var directScans: UInt64 = 0
  var backgroundSteals: UInt64 = 0
  var directSteals: UInt64 = 0
  var faults: UInt64 = 0
  var majorFaults: UInt64 = 0
  var refilled: UInt64 = 0
  var activated: UInt64 = 0
  var deactivated: UInt64 = 0
  var lazilyFreed: UInt64 = 0
  var lazilyTaken: UInt64 = 0
  var anonymousRefaults: UInt64 = 0
  var fileRefaults: UInt64 = 0
  var anonymousActivations: UInt64 = 0
  var fileActivations: UInt64 = 0
  var anonymousRestores: UInt64 = 0
  var fileRestores: UInt64 = 0

  mutating func add(_ other: VectorEvents) {
    backgroundScans &+= other.backgroundScans
    directScans &+= other.directScans
    backgroundSteals &+= other.backgroundSteals
    directSteals &+= other.directSteals
    faults &+= other.faults
    majorFaults &+= other.majorFaults
    refilled &+= other.refilled
    activated &+= other.activated
    deactivated &+= other.deactivated
    lazilyFreed &+= other.lazilyFreed
    lazilyTaken &+= other.lazilyTaken
    anonymousRefaults &+= other.anonymousRefaults
    fileRefaults &+= other.fileRefaults
    anonymousActivations &+= other.anonymousActivations
    fileActivations &+= other.fileActivations
    anonymousRestores &+= other.anonymousRestores
    fileRestores &+= other.fileRestores
  }
}
