extension Machine where P: ~Copyable {
  /// The text of `/sys/kernel/debug/lru_gen`: for each control group and node the generations, oldest first, with their age in
  /// ms and their private and file pages; `nil` if pages are not kept so (`mm/vmscan.c:lru_gen_seq_show`).
  ///
  /// - Complexity: O(groups · nodes).
  public var generationText: [UInt8]? {
    guard spaces.memory.hasGenerations else { return nil }
    var text = ProcText()
    for group in 0..<spaces.memory.groups.limit {
      text.text("memcg ")
      text.number(group + 1, 5)
      text.text(" ")
      writePath(UInt16(truncatingIfNeeded: group), &text)
      text.newline()
      for node in 0..<spaces.memory.nodeCount {
        text.text(" node ")
        text.number(node, 5)
        text.newline()
        writeGenerations(UInt32(group * spaces.memory.nodeCount + node), &text)
      }
    }
    return text.bytes
  }

  private func writeGenerations(_ vector: UInt32, _ text: inout ProcText) {
    let state = spaces.memory.generations[vector]
    var sequence = min(state.oldest[Generations.anonymous], state.oldest[Generations.file])
    while sequence <= state.newest {
      text.text(" ")
      text.number(Int(sequence), 10)
      text.text(" ")
      text.number(Int((clock &- state.births[Generations.place(sequence)]) / 1_000_000_000), 10)
      for type in 0..<2 {
        text.text(" ")
        let pages = spaces.memory.generationLists.size(vector, Generations.place(sequence), type)
        text.number(sequence < state.oldest[type] ? 0 : pages, 10)
        text.text(" ")
      }
      text.newline()
      sequence += 1
    }
  }
}
