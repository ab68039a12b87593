/// A small deterministic random number generator (Marsaglia's xorshift with shifts 13, 7, 17).
public struct XorShift64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// - Parameter seed: any value; zero, the one state the generator cannot leave, is replaced.
  public init(seed: UInt64) { state = seed == 0 ? 88_172_645_463_325_252 : seed }

  @inline(__always)
  public mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// A number in 0 ..< `bound`: the high half of the product, without division.
  @inline(__always)
  public mutating func below(_ bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }
}
