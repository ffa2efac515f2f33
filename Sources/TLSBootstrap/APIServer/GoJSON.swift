import SimulationKernel

/// Go's `encoding/json` scanner, as far as its errors go.
package struct GoJSON {
  /// What a text is.
  package enum Verdict: Hashable, Sendable {
    case object
    /// What leaves a struct as it is.
    case null
    /// A value of another kind, in Go's word.
    case value(String)
    /// No JSON: Go's words for the first error.
    case broken(String)
  }

  private let bytes: [UInt8]
  private var place = 0

  private struct Broken: Error {
    let problem: String
  }

  package static func scan(_ text: String) -> Verdict {
    var scanner = GoJSON(bytes: Array(text.utf8))
    do throws(Broken) {
      let verdict = try scanner.value()
      scanner.skipSpace()
      if let byte = scanner.next { throw scanner.unexpected(byte, "after top-level value") }
      return verdict
    } catch {
      return .broken(error.problem)
    }
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
  }

  private func unexpected(_ byte: UInt8, _ context: String) -> Broken {
    Broken(problem: "invalid character \(Self.quoted(byte)) \(context)")
  }

  private static let end = Broken(problem: "unexpected end of JSON input")

  /// Go's quoteChar: of the byte, as if it were a code point.
  private static func quoted(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "'"): return #"'\''"#
    case UInt8(ascii: "\""): return "'\"'"
    case 0x20...0x7E,
      0xA1...0xFF where byte != 0xAD:
      return "'\(Character(Unicode.Scalar(byte)))'"
    case 0x07: return #"'\a'"#
    case 0x08: return #"'\b'"#
    case 0x09: return #"'\t'"#
    case 0x0A: return #"'\n'"#
    case 0x0B: return #"'\v'"#
    case 0x0C: return #"'\f'"#
    case 0x0D: return #"'\r'"#
    default:
      return (byte < 0x80 ? "'\\x" : "'\\u00") + byte.hexadecimal + "'"
    }
  }
}

extension GoJSON {
  private mutating func value() throws(Broken) -> Verdict {
    skipSpace()
    guard let byte = next else { throw Self.end }
    switch byte {
    case UInt8(ascii: "{"):
      try object()
      return .object
    case UInt8(ascii: "["):
      try array()
      return .value("array")
    case UInt8(ascii: "\""):
      try string()
      return .value("string")
    case UInt8(ascii: "t"):
      try literal("true")
      return .value("bool")
    case UInt8(ascii: "f"):
      try literal("false")
      return .value("bool")
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      try number()
      return .value("number")
    default: throw unexpected(byte, "looking for beginning of value")
    }
  }

  private mutating func object() throws(Broken) {
    place += 1
    skipSpace()
    if next == UInt8(ascii: "}") { return place += 1 }
    while true {
      skipSpace()
      guard let byte = next else { throw Self.end }
      guard byte == UInt8(ascii: "\"") else {
        throw unexpected(byte, "looking for beginning of object key string")
      }
      try string()
      try expect(UInt8(ascii: ":"), "after object key")
      _ = try value()
      if try closes(UInt8(ascii: "}"), "after object key:value pair") { return }
    }
  }

  private mutating func array() throws(Broken) {
    place += 1
    skipSpace()
    if next == UInt8(ascii: "]") { return place += 1 }
    while true {
      _ = try value()
      if try closes(UInt8(ascii: "]"), "after array element") { return }
    }
  }

  /// A comma goes on, the bracket ends.
  private mutating func closes(_ bracket: UInt8, _ context: String) throws(Broken) -> Bool {
    skipSpace()
    guard let byte = next else { throw Self.end }
    guard byte == bracket || byte == UInt8(ascii: ",") else { throw unexpected(byte, context) }
    place += 1
    return byte == bracket
  }

  private mutating func expect(_ wanted: UInt8, _ context: String) throws(Broken) {
    skipSpace()
    guard let byte = next else { throw Self.end }
    guard byte == wanted else { throw unexpected(byte, context) }
    place += 1
  }

  private mutating func string() throws(Broken) {
    place += 1
    while let byte = next {
      place += 1
      if byte == UInt8(ascii: "\"") { return }
      if byte < 0x20 { throw unexpected(byte, "in string literal") }
      if byte == UInt8(ascii: "\\") { try escape() }
    }
    throw Self.end
  }

  private mutating func escape() throws(Broken) {
    guard let byte = next else { throw Self.end }
    place += 1
    if byte == UInt8(ascii: "u") {
      for _ in 0..<4 {
        guard let digit = next else { throw Self.end }
        guard Character(Unicode.Scalar(digit)).isHexDigit, digit < 0x80 else {
          throw unexpected(digit, "in \\u hexadecimal character escape")
        }
        place += 1
      }
    } else if !"bfnrt\\/\"".utf8.contains(byte) {
      throw unexpected(byte, "in string escape code")
    }
  }

  private mutating func literal(_ word: String) throws(Broken) {
    for letter in word.utf8 {
      guard let byte = next else { throw Self.end }
      guard byte == letter else {
        let wanted = Character(Unicode.Scalar(letter))
        throw unexpected(byte, "in literal \(word) (expecting '\(wanted)')")
      }
      place += 1
    }
  }

  private mutating func number() throws(Broken) {
    if next == UInt8(ascii: "-") { place += 1 }
    if next == UInt8(ascii: "0") {
      place += 1
    } else {
      try digits("in numeric literal")
    }
    if next == UInt8(ascii: ".") {
      place += 1
      try digits("after decimal point in numeric literal")
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      try digits("in exponent of numeric literal")
    }
  }

  private mutating func digits(_ context: String) throws(Broken) {
    guard let first = next else { throw Self.end }
    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      throw unexpected(first, context)
    }
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
  }
}
