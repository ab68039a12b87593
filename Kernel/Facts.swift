/// What is shown on the way, each fact with its count: what was expected must be found.
struct Facts {
  private(set) var failures = 0

  /// Begins a group of facts.
  func title(_ text: StaticString) {
    Serial.write(text)
    Serial.write("\n")
  }

  /// States a count.
  mutating func expect(_ what: StaticString, _ found: UInt64, equals expected: UInt64) {
    let holds = found == expected
    Serial.write(holds ? "  " : "  FAILED: expected ")
    if !holds {
      failures += 1
      Serial.write(expected)
      Serial.write(", found ")
    }
    Serial.write(found)
    Serial.write(holds ? " " : ": ")
    Serial.write(what)
    Serial.write("\n")
  }

  /// States that an access ended as it should.
  mutating func expect(_ what: StaticString, _ found: AccessEnd, is expected: AccessEnd) {
    let holds = found == expected
    Serial.write(holds ? "  " : "  FAILED: expected ")
    Serial.write(expected)
    if !holds {
      failures += 1
      Serial.write(", found ")
      Serial.write(found)
    }
    Serial.write(": ")
    Serial.write(what)
    Serial.write("\n")
  }

  /// States that a page fault had a certain error code.
  mutating func expect(_ what: StaticString, _ found: PageFaultCode, is expected: PageFaultCode) {
    let holds = found == expected
    Serial.write(holds ? "  error code " : "  FAILED: expected error code ")
    Serial.write(hexadecimal: UInt64(expected.rawValue))
    if !holds {
      failures += 1
      Serial.write(", found ")
      Serial.write(hexadecimal: UInt64(found.rawValue))
    }
    Serial.write(": ")
    Serial.write(what)
    Serial.write("\n")
  }

  /// Has the engine check all its structures.
  mutating func expectInvariants(of computer: borrowing Computer) {
    do throws(BrokenInvariant) {
      try computer.machine.checkInvariants()
    } catch {
      failures += 1
      Serial.write("  FAILED: ")
      Serial.write(error.what)
      Serial.write(" ")
      Serial.write(error.value)
      Serial.write("\n")
    }
  }

  /// Tells a count of which nothing is expected.
  func note(_ what: StaticString, _ count: UInt64) {
    Serial.write("  ")
    Serial.write(count)
    Serial.write(" ")
    Serial.write(what)
    Serial.write("\n")
  }

  /// Notes a failure, of which the first few are told.
  mutating func fail(_ what: StaticString, at address: VirtualAddress, _ tell: () -> Void) {
    failures += 1
    guard failures <= 10 else { return }
    Serial.write("  FAILED: ")
    Serial.write(what)
    Serial.write(" at ")
    Serial.write(hexadecimal: address.rawValue)
    Serial.write(": ")
    tell()
    Serial.write("\n")
  }
}

extension Serial {
  static func write(_ end: AccessEnd) {
    switch end {
    case .done(let word):
      write("done, word ")
      write(hexadecimal: word)
    case .refused(let outcome):
      switch outcome {
      case .notMapped: write("refused, not mapped")
      case .notPermitted: write("refused, not permitted")
      case .unreadable: write("refused, could not be read back from swap")
      case .beyondEndOfFile: write("refused, beyond the end of the file")
      case .outOfMemory: write("refused, out of memory")
      case .refusedByWatcher, .watched: write("refused, watched")
      case .minor, .major, .hint, .reading: write("refused, though resolved")
      }
    case .generalProtection: write("general protection")
    case .unexpected(let vector):
      write("trap that must not happen, vector ")
      write(vector)
    }
  }

  static func write(_ outcome: AccessOutcome?) {
    switch outcome {
    case .done: write("done")
    case .fault(let code):
      write("page fault, code ")
      write(hexadecimal: UInt64(code.rawValue))
    case .generalProtection: write("general protection")
    case nil: write("something else")
    }
  }
}
