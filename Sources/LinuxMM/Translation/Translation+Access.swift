/// Translating accesses: the path of every access of a program.
extension Translation where P: ~Copyable {
  /// Translates one access of a user on a processor that has `context` loaded: first-level buffer, second-level
  /// buffer, page-table walk. Sets the accessed and dirty bits as the hardware does.
  ///
  /// - Complexity: O(ways) in the buffers, O(levels) for a walk.
  mutating func access(
    _ page: VirtualPage, _ kind: AccessKind, _ context: TranslationContext, on processor: Int
  ) -> AccessOutcome {
    translate(page, kind, .user, context, on: processor).outcome
  }

  /// Translates an access in any mode, and says to what.
  @inline(never)
  mutating func translate(
    _ page: VirtualPage, _ kind: AccessKind, _ mode: AccessMode, _ context: TranslationContext, on processor: Int
  ) -> TranslatedAccess {
    let view = processors.view(processor)
    return translate(page, kind, mode, context, view, held: processors.findFirst(page, kind, view))
  }

  /// Translates an access of a user again whose fault was resolved: of its page the buffers have nothing left.
  @inline(never)
  mutating func translateAgain(
    _ page: VirtualPage, _ kind: AccessKind, _ context: TranslationContext, on processor: Int
  ) -> TranslatedAccess {
    processors.statistics.firstLevelMisses &+= 1
    return walk(page, kind, .user, context, processors.view(processor), isHeld: false)
  }

  /// The same after ``Processors/findFirst(_:_:_:)``, which said `held`.
  ///
  /// A buffered translation that does not permit the access is not final: the tables are walked again, as processors do
  /// before they fault.
  @inline(__always)
  mutating func translate(
    _ page: VirtualPage, _ kind: AccessKind, _ mode: AccessMode, _ context: TranslationContext, _ view: BufferView,
    held: Int
  ) -> TranslatedAccess {
    var held = held
    if held < 0 && processors.holdsOthers {
      held = processors.findOther(page, BufferRole.first(kind), view)
    }
    if held < 0 {
      processors.statistics.firstLevelMisses &+= 1
      held = processors.findSecond(page, kind, view)
      if held >= 0 {
        processors.statistics.secondLevelHits &+= 1
        let rights = processors.entries.tag(held) & BufferedEntry.allRights
        processors.fill(page, processors.entries.translation(held), rights, BufferRole.first(kind), view)
      }
    }
    if held >= 0 {
      let found = processors.entries.translation(held)
      if mode.isUser && processors.permitsUser(held, kind)
        || (kind != .write || found.isDirty) && processors.controls.violation(found, kind, mode) == nil
      {
        return TranslatedAccess(found)
      }
    }
    return walk(page, kind, mode, context, view, isHeld: held >= 0)
  }
}

/// What became of an access, and the page if it is there and permits it.
struct TranslatedAccess: BitwiseCopyable {
  var outcome: AccessOutcome
  var page: PageTranslation

  @inline(__always)
  init(_ page: PageTranslation) {
    outcome = .done
    self.page = page
  }

  init(_ outcome: AccessOutcome) {
    self.outcome = outcome
    page = PageTranslation(rawValue: 0)
  }
}
