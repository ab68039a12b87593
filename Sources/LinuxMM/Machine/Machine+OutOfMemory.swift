extension Machine where P: ~Copyable {
  /// Kills the process that frees the most memory (`mm/oom_kill.c:oom_badness`: resident pages and page
  /// tables) and takes its memory back.
  ///
  /// - Returns: whether there was anyone to kill.
  @discardableResult
  mutating func killForMemory(invoker: ProcessIndex) -> Bool {
    var victim: ProcessIndex?
    var most: UInt64 = 0
    var number: UInt32 = 0
    while Int(number) < processes.limit {
      if processes[number].isAlive {
        let descriptor = spaces.descriptors[processes[number].space.rawValue]
        let points = UInt64(descriptor.resident + descriptor.tables)
        if victim == nil || points > most {
          most = points
          victim = ProcessIndex(number)
        }
      }
      number += 1
    }
    guard let victim else { return false }
    let descriptor = spaces.descriptors[processes[victim.rawValue].space.rawValue]
    outOfMemoryEvents.append(
      OutOfMemoryEvent(
        nanoseconds: nanoseconds, invoker: invoker, victim: victim, points: most,
        anonymousPages: descriptor.anonymousResident, filePages: descriptor.fileResident,
        sharedPages: descriptor.sharedResident, tablePages: descriptor.tables,
        freePages: spaces.translation.memory.freeFrames))
    spaces.translation.memory.statistics.outOfMemoryKills += 1
    processes[victim.rawValue].outOfMemoryKilled = true
    leaveSpace(victim)
    return true
  }
}
