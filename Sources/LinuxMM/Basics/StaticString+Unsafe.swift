extension [UInt8] {
  /// Appends the UTF-8 bytes of a text.
  mutating func append(text: StaticString) {
    // SAFETY: the buffer is the text's own and only read.
    text.withUTF8Buffer { unsafe append(contentsOf: $0) }
  }
}
