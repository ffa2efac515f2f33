import BigInt
import SwiftASN1

/// DER as Go's encoding/asn1 reads it: only what is wanted is looked at, what follows it in a SEQUENCE may be anything,
/// and what is wrong is told in Go's words. (SwiftASN1 reads everything, and takes none of it if a part is wrong.)
///
/// Source: Go, encoding/asn1 `parseTagAndLength`, `parseField`, `parseSequenceOf`.
struct DERReader {
  private var rest: ArraySlice<UInt8>
  /// Go tells places from here.
  private let start: Int

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
    start = bytes.startIndex
  }

  struct Value {
    var tag: Tag
    var content: ArraySlice<UInt8>
    /// With tag and length.
    var bytes: ArraySlice<UInt8>
  }

  struct Tag: Equatable {
    var tagClass: UInt8 = 0
    var number: Int
    var isCompound = false

    static let boolean = Tag(number: 1)
    static let integer = Tag(number: 2)
    static let bitString = Tag(number: 3)
    static let octetString = Tag(number: 4)
    static let objectIdentifier = Tag(number: 6)
    static let sequence = Tag(number: 16, isCompound: true)
    static let set = Tag(number: 17, isCompound: true)
    /// `[0]`, with values inside.
    static let attributes = Tag(tagClass: 2, number: 0, isCompound: true)
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// The next value, whatever it is.
  mutating func next() throws(UnreadableRequest) -> Value {
    let begin = rest
    let (tag, length) = try header()
    return try value(tag, length, from: begin, orElse: "data truncated")
  }

  /// The next value, which has to be of this tag.
  ///
  /// - Parameter type: that of Go into which it is read; empty: one without a name.
  mutating func next(_ wanted: Tag, _ type: String = "") throws(UnreadableRequest) -> Value {
    let begin = rest
    let (tag, length) = try header()
    if tag != wanted {
      // Of `[0]` Go prints an address.
      let number = wanted.tagClass == 0 ? "<nil>" : "…"
      throw .structure(
        "tags don't match (\(wanted.number) vs {class:\(tag.tagClass) tag:\(tag.number) "
          + "length:\(length) isCompound:\(tag.isCompound)}) {optional:false explicit:false "
          + "application:false private:false defaultValue:<nil> tag:\(number) stringType:0 "
          + "timeType:0 set:false omitEmpty:false} \(type) @\(rest.startIndex - start)")
    }
    return try value(tag, length, from: begin, orElse: "data truncated")
  }

  /// Whether the next value is of this tag.
  func isNext(_ tag: Tag) -> Bool {
    var copy = self
    return (try? copy.header())?.0 == tag
  }

  /// All values that are left, which have to be of this tag; nil: of whatever tag.
  func all(_ wanted: Tag? = nil) throws(UnreadableRequest) -> [Value] {
    var copy = self
    var values: [Value] = []
    while !copy.isAtEnd {
      let begin = copy.rest
      let (tag, length) = try copy.header()
      if let wanted, tag != wanted { throw .structure("sequence tag mismatch") }
      values.append(try copy.value(tag, length, from: begin, orElse: "truncated sequence"))
    }
    return values
  }

  private mutating func value(
    _ tag: Tag, _ length: Int, from begin: ArraySlice<UInt8>, orElse problem: String
  ) throws(UnreadableRequest) -> Value {
    guard length <= rest.count else { throw .syntax(problem) }
    let content = rest.prefix(length)
    rest = rest.dropFirst(length)
    return Value(tag: tag, content: content, bytes: begin[..<rest.startIndex])
  }
}

// MARK: Tag and length

extension DERReader {
  private mutating func header() throws(UnreadableRequest) -> (Tag, length: Int) {
    guard let first = rest.popFirst() else { throw .syntax("sequence truncated") }
    var tag = Tag(
      tagClass: first >> 6, number: Int(first & 0x1F), isCompound: first & 0x20 != 0)
    if tag.number == 0x1F {
      tag.number = try base128()
      if tag.number < 0x1F { throw .syntax("non-minimal tag") }
    }
    return (tag, try length())
  }

  private mutating func length() throws(UnreadableRequest) -> Int {
    guard let first = rest.popFirst() else { throw .syntax("truncated tag or length") }
    if first < 0x80 { return Int(first) }
    if first == 0x80 { throw .syntax("indefinite length found (not DER)") }
    var length = 0
    for _ in 0..<(first & 0x7F) {
      guard let byte = rest.popFirst() else { throw .syntax("truncated tag or length") }
      if length >= 1 << 23 { throw .structure("length too large") }
      length = length << 8 | Int(byte)
      if length == 0 { throw .structure("superfluous leading zeros in length") }
    }
    if length < 0x80 { throw .structure("non-minimal length") }
    return length
  }

  private mutating func base128() throws(UnreadableRequest) -> Int {
    var number = 0
    for place in 0... {
      guard let byte = rest.popFirst() else { break }
      if place == 5 { throw .structure("base 128 integer too large") }
      if place == 0, byte == 0x80 { throw .syntax("integer is not minimally encoded") }
      number = number << 7 | Int(byte & 0x7F)
      if byte < 0x80 {
        if number > Int32.max { throw .structure("base 128 integer too large") }
        return number
      }
    }
    throw .syntax("truncated base 128 integer")
  }
}

// MARK: Values of a type

extension DERReader.Value {
  func boolean() throws(UnreadableRequest) -> Bool {
    guard [[0], [0xFF]].contains(content) else { throw .syntax("invalid boolean") }
    return content.first != 0
  }

  /// - Parameter bits: of the type into which it is read.
  func integer(bits: Int = .max) throws(UnreadableRequest) -> BigInt {
    guard let first = content.first else { throw .structure("empty integer") }
    if let second = content.dropFirst().first, first == (second < 0x80 ? 0 : 0xFF) {
      throw .structure("integer not minimally-encoded")
    }
    if content.count > bits / 8 { throw .structure("integer too large") }
    let number = BigInt(unsigned: content)
    return first < 0x80 ? number : number - BigInt(2).power(8 * content.count)
  }

  func objectIdentifier() throws(UnreadableRequest) -> ASN1ObjectIdentifier {
    if content.isEmpty { throw .syntax("zero length OBJECT IDENTIFIER") }
    var numbers = DERReader(content)
    while !numbers.isAtEnd { _ = try numbers.base128() }
    guard let identifier = try? ASN1ObjectIdentifier(derEncoded: Array(bytes)) else {
      preconditionFailure("SwiftASN1 does not take the OBJECT IDENTIFIER \(content)")
    }
    return identifier
  }

  /// Its bits, the last one of which is the lowest of the last byte.
  func bitString() throws(UnreadableRequest) -> [UInt8] {
    guard let padding = content.first, let last = content.last else {
      throw .syntax("zero length BIT STRING")
    }
    let bytes = content.dropFirst()
    if padding > 7 || bytes.isEmpty && padding > 0
      || !bytes.isEmpty && last & (1 << padding - 1) != 0
    {
      throw .syntax("invalid padding bits in BIT STRING")
    }
    return padding == 0
      ? Array(bytes) : (BigInt(unsigned: bytes) >> Int(padding)).bytes(bytes.count)
  }
}

// MARK: Text

extension DERReader.Value {
  /// The text of a string; nil: it is something else, or a string of a type that Go does not know.
  ///
  /// Source: Go, encoding/asn1 `parseField`, "Deal with the ANY type". Times are not looked at.
  func text() throws(UnreadableRequest) -> String? {
    guard tag.tagClass == 0, !tag.isCompound else { return nil }
    switch tag.number {
    case DERReader.Tag.integer.number: _ = try integer(bits: 64)
    case DERReader.Tag.bitString.number: _ = try bitString()
    case DERReader.Tag.objectIdentifier.number: _ = try objectIdentifier()
    case 12:
      let text = String(decoding: content, as: UTF8.self)
      guard text.utf8.elementsEqual(content) else {
        throw UnreadableRequest(words: "asn1: invalid UTF-8 string")
      }
      return text
    case 18: return try text("NumericString") { (0x30...0x39).contains($0) || $0 == 0x20 }
    case 19: return try text("PrintableString", Self.isPrintable)
    case 20: return String(decoding: content, as: UTF8.self)
    case 22: return try text("IA5String") { $0 < 0x80 }
    case 30: return try textOfBMPString()
    default: break
    }
    return nil
  }

  private func text(
    _ type: String, _ isOfType: (UInt8) -> Bool
  ) throws(UnreadableRequest) -> String {
    guard content.allSatisfy(isOfType) else {
      throw .syntax("\(type) contains invalid character")
    }
    return String(decoding: content, as: UTF8.self)
  }

  /// With `*` and `&`, which Go takes besides.
  private static func isPrintable(_ byte: UInt8) -> Bool {
    byte < 0x80 && Character(Unicode.Scalar(byte)).isLetter
      || "0123456789 '()+,-./:=?*&".utf8.contains(byte)
  }

  private func textOfBMPString() throws(UnreadableRequest) -> String {
    guard content.count.isMultiple(of: 2) else {
      throw UnreadableRequest(words: "pkcs12: odd-length BMP string")
    }
    var bytes = content
    if bytes.suffix(2).elementsEqual([0, 0]) { bytes.removeLast(2) }
    let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    return String(decoding: units, as: UTF16.self)
  }
}

/// An algorithm and its parameters as they stand in the bytes (RFC 5280, 4.1.1.2).
struct AlgorithmIdentifier {
  var type: ASN1ObjectIdentifier
  var parameters: [UInt8]?

  init(_ reader: inout DERReader) throws(UnreadableRequest) {
    var fields = DERReader(try reader.next(.sequence, "AlgorithmIdentifier").content)
    type = try fields.next(.objectIdentifier, "ObjectIdentifier").objectIdentifier()
    if !fields.isAtEnd { parameters = Array(try fields.next().bytes) }
  }
}
