import Testing

@testable import LinuxMM

/// Entries beside the formulas of the kernel's headers, written out anew.
@Suite struct PageTableEntryTests {
  private let frames = [0, 1, 0x12345, 0xfffff, 0x0fff_ffff].map { FrameNumber(UInt32($0)) }

  @Test func bitsStandWhereTheHardwareHasThem() {
    let bits: [(UInt64, UInt64)] = [
      (PageTableEntry.present, 0), (PageTableEntry.writable, 1), (PageTableEntry.user, 2),
      (PageTableEntry.writeThrough, 3), (PageTableEntry.cacheDisabled, 4), (PageTableEntry.accessed, 5),
      (PageTableEntry.dirty, 6), (PageTableEntry.large, 7), (PageTableEntry.attribute, 7), (PageTableEntry.global, 8),
      (PageTableEntry.protectionNone, 8), (PageTableEntry.special, 9), (PageTableEntry.userFaultWrite, 10),
      (PageTableEntry.softDirty, 11), (PageTableEntry.attributeLarge, 12), (PageTableEntry.deviceMap, 58),
      (PageTableEntry.noExecute, 63),
    ]
    for (bit, position) in bits { #expect(bit == 1 << position) }
    #expect(PageTableEntry.protectionKeyMask == 0x7800_0000_0000_0000)
    // _PAGE_TABLE: present, writable, user, accessed, dirty.
    #expect(PageTableEntry.table(FrameNumber(0x123)).rawValue == 0x12_3067)
    #expect(PageTableEntry(rawValue: 11 << 59 | 1).protectionKey == 11)
  }

  @Test func pagesWithoutRightsStoreTheirFrameInverted() {
    for frame in frames {
      let none = PageTableEntry.page(frame, PageTableEntry.protectionNone | PageTableEntry.accessed)
      #expect(none.rawValue == ~(UInt64(frame.rawValue) << 12) & 0x000f_ffff_ffff_f000 | 0x120)
      #expect(none.frame == frame && none.holdsPage && !none.isPresent && !none.isEmpty)
      let there = PageTableEntry.page(frame, PageTableEntry.present)
      #expect(there.rawValue == UInt64(frame.rawValue) << 12 | 1 && there.frame == frame)
      // mprotect there and back.
      let changed = there.setting(PageTableEntry.dirty | PageTableEntry.softDirty | PageTableEntry.writable)
      let gone = changed.changing(to: PageTableEntry.protectionNone)
      #expect(gone.frame == frame && gone.isDirty && !gone.isWritable && !gone.isPresent)
      #expect(gone.changing(to: PageTableEntry.present).rawValue == there.rawValue | 1 << 6 | 1 << 11)
      // A large one inverts only its own bits (PHYSICAL_PMD_PAGE_MASK).
      let large = FrameNumber(frame.rawValue & ~511)
      let hidden = PageTableEntry.largePage(large, PageTableEntry.protectionNone, span: 512)
      #expect(hidden.rawValue == ~(UInt64(large.rawValue) << 12) & 0x000f_ffff_ffe0_0000 | 0x180)
      #expect(hidden.frame(span: 512) == large)
    }
  }

  @Test func swapEntriesAreTheKernels() {
    for device in [0, 1, 25] {
      for offset in [0, 1, 0x7f_ffff, 1 << 50 - 2] as [UInt64] {
        for marks in 0..<8 as Range<UInt64> {
          let entry = PageTableEntry(.swap(device: device, offset: offset), marks: SwapMarks(rawValue: marks << 1))
          // __swp_entry of pgtable_64.h: the offset is shifted up by 14 inverted, and down by 5.
          #expect(entry.rawValue == (~offset << 14) >> 5 | UInt64(device) << 59 | marks << 1)
          #expect(entry.nonPresent == .swap(device: device, offset: offset))
          #expect(entry.swapMarks.rawValue == marks << 1)
          #expect(!entry.isPresent && !entry.holdsPage && !entry.isLarge && !entry.isEmpty)
        }
      }
    }
  }

  @Test func otherEntriesSayWhatTheyWereMadeOf() {
    typealias Migration = NonPresentEntry.Migration
    var all: [NonPresentEntry] = [.marker(NonPresentEntry.userfaultMarker)]
    for frame in frames {
      all += [.poisoned(frame), .swapInError(frame)]
      for rights in [Migration.Rights.read, .readExclusive, .write] {
        for bits in 0..<4 {
          all.append(
            .migration(frame, Migration(rights: rights, isAccessed: bits & 1 != 0, isDirty: bits & 2 != 0)))
        }
      }
    }
    var types: Set<UInt64> = []
    for entry in all {
      let made = PageTableEntry(entry)
      #expect(made.nonPresent == entry)
      #expect(!made.holdsPage && !made.isPresent)
      types.insert(made.rawValue >> 59)
    }
    // hwpoison, three of migration, marker, swap-in error: all types that are no devices.
    #expect(types == Set(26...31))
    #expect(PageTableEntry.empty.nonPresent == nil)
    #expect(PageTableEntry.page(frames[1], PageTableEntry.protectionNone).nonPresent == nil)
    // Young and dirty stand above the frame number of 34 bits.
    let dirty = PageTableEntry(.migration(frames[1], Migration(rights: .write, isAccessed: true, isDirty: true)))
    #expect((~dirty.rawValue << 5) >> 14 == 1 | 1 << 34 | 1 << 35)
  }

  @Test func narrowEntriesAreTheKernels() {
    for frame in [0, 1, 0xfffff].map({ FrameNumber($0) }) {
      let address = frame.rawValue << 12
      let page = PageTableEntry.page(frame, TestTranslation.userBits | PageTableEntry.noExecute)
      #expect(NarrowEntry.encode(page) == address | 7)
      #expect(NarrowEntry.decode(address | 7) == page.clearing(PageTableEntry.noExecute))
      // Nothing is inverted there.
      let none = PageTableEntry.page(frame, PageTableEntry.protectionNone | PageTableEntry.accessed)
      #expect(NarrowEntry.encode(none) == address | 0x120)
      #expect(NarrowEntry.decode(address | 0x120) == none)
      let first = FrameNumber(frame.rawValue & ~1023)
      let large = PageTableEntry.largePage(first, PageTableEntry.protectionNone, span: 1024)
      #expect(NarrowEntry.encode(large) == first.rawValue << 12 | 0x180)
      #expect(NarrowEntry.decode(NarrowEntry.encode(large)) == large)
    }
    #expect(NarrowEntry.encode(.empty) == 0 && NarrowEntry.decode(0) == .empty)
    for device in 0..<26 {
      for offset in [1, 12345, 0x7f_ffff] as [UInt64] {
        let entry = PageTableEntry(.swap(device: device, offset: offset))
        // __swp_entry of pgtable-2level.h.
        #expect(NarrowEntry.encode(entry) == UInt32(device) << 1 | UInt32(offset) << 9)
        #expect(NarrowEntry.decode(NarrowEntry.encode(entry)) == entry)
      }
    }
  }
}
