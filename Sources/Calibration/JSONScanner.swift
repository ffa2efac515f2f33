import Foundation

/// A text that is no JSON; `offset` in bytes from its start.
struct MalformedJSON: Error {
  let offset: Int
}

/// Walks over one JSON text and looks only at what it is asked for.
///
/// Of what it skips only quotes and the number of brackets are checked: an audit event can be
/// megabytes long, and a dozen short values of it matter.
struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next byte that is no white space; nil at the end.
  mutating func peek() -> UInt8? {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): index += 1
      case let byte: return byte
      }
    }
    return nil
  }

  /// Visits each member of an object; `visit` must read or skip its value.
  mutating func members(
    _ visit: (_ key: String, inout JSONScanner) throws(MalformedJSON) -> Void
  ) throws(MalformedJSON) {
    try parts("{", "}") { (scanner) throws(MalformedJSON) in
      let key = try scanner.string()
      try scanner.expect(":")
      try visit(key, &scanner)
    }
  }

  /// Visits each element of an array; `visit` must read or skip it.
  mutating func elements(
    _ visit: (inout JSONScanner) throws(MalformedJSON) -> Void
  ) throws(MalformedJSON) {
    try parts("[", "]", visit)
  }

  private mutating func parts(
    _ opening: Unicode.Scalar, _ closing: Unicode.Scalar,
    _ visit: (inout JSONScanner) throws(MalformedJSON) -> Void
  ) throws(MalformedJSON) {
    try expect(opening)
    if peek() == UInt8(ascii: closing) { return index += 1 }
    while true {
      try visit(&self)
      if peek() == UInt8(ascii: closing) { return index += 1 }
      try expect(",")
    }
  }

  mutating func string() throws(MalformedJSON) -> String {
    let start = peek() == nil ? bytes.count : index
    let isPlain = try skipString()
    if isPlain {
      return String(decoding: bytes[(start + 1)..<(index - 1)], as: UTF8.self)
    }
    let quoted = Data(bytes[start..<index])
    guard let text = try? JSONDecoder().decode(String.self, from: quoted) else {
      throw MalformedJSON(offset: start)
    }
    return text
  }

  /// A whole number; nil for any other value, which is skipped.
  mutating func integer() throws(MalformedJSON) -> Int? {
    _ = peek()
    let start = index
    try skip()
    return Int(String(decoding: bytes[start..<index], as: UTF8.self))
  }

  /// Passes over one value of any kind.
  mutating func skip() throws(MalformedJSON) {
    var depth = 0
    repeat {
      switch peek() {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard depth > 0 else { throw MalformedJSON(offset: index) }
        depth -= 1
        index += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { throw MalformedJSON(offset: index) }
        index += 1
      case UInt8(ascii: "\""): _ = try skipString()
      default: try skipLiteral()
      }
    } while depth > 0
  }

  mutating func passBrace() throws(MalformedJSON) { try expect("{") }

  /// Whether nothing but white space is left.
  mutating func isAtEnd() -> Bool { peek() == nil }

  /// A number, `true`, `false` or `null`.
  private mutating func skipLiteral() throws(MalformedJSON) {
    let start = index
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"):
        index += 1
      default:
        if index == start { throw MalformedJSON(offset: index) }
        return
      }
    }
    if index == start { throw MalformedJSON(offset: index) }
  }

  /// Passes over a string; tells whether it has no escapes.
  private mutating func skipString() throws(MalformedJSON) -> Bool {
    try expect("\"")
    var isPlain = true
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        index += 1
        return isPlain
      case UInt8(ascii: "\\"):
        isPlain = false
        index += 2
      default: index += 1
      }
    }
    throw MalformedJSON(offset: bytes.count)
  }

  private mutating func expect(_ byte: Unicode.Scalar) throws(MalformedJSON) {
    guard peek() == UInt8(ascii: byte) else { throw MalformedJSON(offset: index) }
    index += 1
  }
}
