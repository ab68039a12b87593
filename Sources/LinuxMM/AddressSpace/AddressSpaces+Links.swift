/// Keeps the reverse map in step with the areas.
extension AddressSpaces where P: ~Copyable {
  /// Enters an area that has just got its place: its file, and the families of `source`, the area it was made from.
  mutating func link(_ place: UInt32, familiesOf source: UInt32 = AreaTree.none) {
    let area = areas[place]
    areas[place].links = ReverseMap.none
    areas[place].fileLink = ReverseMap.none
    if area.file != .none {
      areas[place].fileLink = reverse.link(place, area.positions, tree: &cache.files[area.file.rawValue].mappings)
    }
    guard source != AreaTree.none, area.family != ReverseMap.none else { return }
    for family in reverse.families(of: areas[source].links) { link(place, to: family) }
    reverse.countActive(area.family, 1)
  }

  /// Enters an area into a family.
  mutating func link(_ place: UInt32, to family: UInt32) {
    areas[place].links = reverse.link(place, areas[place].positions, family: family, next: areas[place].links)
  }

  /// Takes an area out that is about to go.
  mutating func unlink(_ place: UInt32) {
    let area = areas[place]
    if area.fileLink != ReverseMap.none {
      reverse.unlink(area.fileLink, tree: &cache.files[area.file.rawValue].mappings)
    }
    reverse.unlink(all: area.links)
    if area.family != ReverseMap.none { reverse.countActive(area.family, -1) }
    areas[place].links = ReverseMap.none
    areas[place].fileLink = ReverseMap.none
  }

  /// Tells tree of areas and reverse map that an area's bounds have changed.
  mutating func boundsChanged(_ place: UInt32, in space: SpaceIndex) {
    descriptors[space.rawValue].areas.boundsChanged(place, in: &areaNodes, areas)
    let area = areas[place]
    if area.fileLink != ReverseMap.none {
      reverse.update(area.fileLink, area.positions, tree: &cache.files[area.file.rawValue].mappings)
    }
    reverse.update(all: area.links, area.positions)
  }

  /// Gives an area a family of its own for new anonymous pages.
  mutating func setFamily(_ place: UInt32, _ family: UInt32) {
    areas[place].family = family
    reverse.countActive(family, 1)
  }

  /// Calls `body` with every entry that maps a frame and the page it maps it at (`mm/rmap.c:rmap_walk`).
  func forEachMapping(
    of frame: FrameNumber, _ body: (_ place: EntryPlace, _ page: VirtualPage, _ space: SpaceIndex) -> Void
  ) {
    let state = translation.memory.frames[frame.index]
    guard state.mappings > 0 else { return }
    let candidates =
      if state.flags.contains(.anonymous) {
        reverse.areas(family: state.owner, at: state.fileOffset)
      } else {
        reverse.areas(tree: cache.files[state.owner].mappings, at: state.fileOffset)
      }
    for candidate in candidates {
      let area = areas[candidate]
      let page = area.start + (state.fileOffset &- area.offset)
      guard let place = translation.place(descriptors[area.space.rawValue].context.root, page) else { continue }
      let entry = translation.entry(place)
      if entry.holdsPage && !entry.isSpecial && entry.frame == frame { body(place, page, area.space) }
    }
  }
}
