import HostMemory
import LinuxMM
import Testing

@testable import TraceIO

/// Whatever bytes come in, the reader throws or goes on; it never traps and never loses track of a frame.
@Suite struct FuzzTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func mutatedSlices(seed: UInt64) throws {
    var random = XorShift64(seed: seed &* 7919)
    let slices = SliceWriter.life()
    var rejected = 0
    var replayer = try makeReplayer(ram: 8 << 20)
    for round in 0..<50_000 {
      if round % 500 == 0 {
        let broken = Result { () throws(BrokenInvariant) in try replayer.machine.checkInvariants() }
        #expect((try? broken.get()) != nil, "seed \(seed), round \(round)")
        replayer.finish()
        replayer = try makeReplayer(ram: 8 << 20)
        for slice in slices.prefix(2) { try replayer.consume(slice) }
      }
      var slice = slices[Int(random.below(3))]
      mutate(&slice, &random, keepingHead: random.below(8) != 0)
      do throws(TraceError) { try replayer.consume(slice) } catch { rejected += 1 }
    }
    #expect(rejected > 0 && rejected < 50_000)
  }

  @Test(arguments: [5, 6] as [UInt64]) func mutatedRecordings(seed: UInt64) throws {
    var random = XorShift64(seed: seed &* 7919)
    let content = SliceWriter.life().flatMap { $0 }
    let compressed = Compression.compress(content)
    var whole = FileLayout.magic
    let head = RecordingHead(arguments: ["a"]).bytes
    whole.append(littleEndian: FileLayout.version)
    whole.append(littleEndian: UInt32(head.count))
    whole.append(littleEndian: Compression.checksum(head))
    whole += head
    var rejected = 0
    for _ in 0..<15_000 {
      // Checksums that are right for wrong content let the mutation through to the decoder behind them.
      var block = compressed
      var raw = UInt32(content.count)
      switch random.below(4) {
      case 0:
        var changed = content
        mutate(&changed, &random, keepingHead: false)
        raw = UInt32(changed.count)
        block = Compression.compress(changed)
      case 1: mutate(&block, &random, keepingHead: false)
      case 2: raw = UInt32(truncatingIfNeeded: random.next())
      default: break
      }
      var bytes = whole
      let blockHead = BlockHead(
        magic: FileLayout.block, compressedCount: UInt32(block.count), rawCount: raw, slices: 3
      ).bytes
      bytes += blockHead
      bytes.append(littleEndian: Compression.checksum(blockHead, block))
      bytes.append(littleEndian: UInt32(0))
      bytes += block
      if random.below(4) == 0 { mutate(&bytes, &random, keepingHead: false) }
      do throws(TraceError) {
        var reader = try RecordingReader(ByteArray(bytes))
        var follower = ProcessFollower()
        while let start = try reader.nextSlice() {
          try follower.follow(Array(reader.block[start...]))
        }
      } catch {
        rejected += 1
      }
    }
    // None has an end mark.
    #expect(rejected == 15_000)
  }

  /// Changes a few bytes: flips bits, writes extremes, copies, inserts, removes, cuts.
  private func mutate(_ bytes: inout [UInt8], _ random: inout XorShift64, keepingHead: Bool) {
    let first = keepingHead ? min(SliceHeader.byteCount, bytes.count) : 0
    for _ in 0...random.below(4) {
      guard bytes.count > first + 8 else { return }
      let place = first + Int(random.below(UInt64(bytes.count - first - 8)))
      switch random.below(keepingHead ? 4 : 7) {
      case 0: bytes[place] ^= UInt8(1 << random.below(8))
      case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 2:
        let extremes: [UInt8] = [0, 0xff, 0x7f, 0x80]
        let value = extremes[Int(random.below(4))]
        for index in 0..<Int(1 + random.below(8)) { bytes[place + index] = value }
      case 3:
        let from = first + Int(random.below(UInt64(bytes.count - first - 8)))
        for index in 0..<8 { bytes[place + index] = bytes[from + index] }
      case 4: bytes.removeSubrange(place..<(place + Int(1 + random.below(8))))
      case 5: bytes.insert(contentsOf: [1, 2, 3], at: place)
      default: bytes.removeLast(Int(random.below(UInt64(bytes.count - first))))
      }
    }
  }
}
