/// A disk on the machine's clock.
struct BlockDevice: BitwiseCopyable {
  let model: DeviceModel
  /// When it has moved the pages of all requests so far.
  private var freeAt: UInt64 = 0

  init(_ model: DeviceModel) { self.model = model }

  /// Requests a transfer.
  ///
  /// - Returns: when it will be over, not before any transfer that was requested earlier.
  mutating func submit(pages: Int, at now: UInt64) -> UInt64 {
    let start = max(now, freeAt)
    freeAt = start + UInt64(pages) * model.page
    if !model.isSerial { return freeAt + model.request }
    freeAt += model.request
    return freeAt
  }
}
