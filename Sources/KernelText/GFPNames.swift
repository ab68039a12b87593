import LinuxMM

extension GFPFlags {
  /// The flags by their names, those of newer kernels included.
  private static let byName: [String: GFPFlags] = {
    var flags: [String: GFPFlags] = ["__GFP_DMA": .dma, "__GFP_DMA32": .dma32]
    for entry in GFPFlags.names { flags[entry.name.description] = entry.flags }
    return flags
  }()

  /// The flags of a text such as `GFP_KERNEL|__GFP_ZERO`; names that are not known, and the numbers newer kernels print for
  /// flags of theirs, are left out.
  public init(names text: some StringProtocol) {
    self = []
    for name in text.split(separator: "|") {
      if let flags = Self.byName[String(name)] { formUnion(flags) }
    }
  }
}
