extension Machine where P: ~Copyable {
  /// Tells the path of a file by its identity, for views; without effect if no process has used the file.
  public mutating func setName(of identity: FileIdentity, _ path: [UInt8]) {
    if let file = spaces.cache.file(knownAs: identity) { setName(of: file, path) }
  }
}
