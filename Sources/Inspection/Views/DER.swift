import SimulationKernel
import TLSBootstrap

/// Distinguished encoding of what certificates and their requests are made of (X.690).
enum DER {
  static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, parts.flatMap { $0 }) }
  static func set(_ part: [UInt8]) -> [UInt8] { tagged(0x31, part) }
  static func context(_ number: UInt8, _ part: [UInt8]) -> [UInt8] { tagged(0xA0 | number, part) }
  static func octets(_ bytes: [UInt8]) -> [UInt8] { tagged(0x04, bytes) }
  static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] {
    tagged(0x03, [unused] + bytes)
  }
  static func text(_ text: String) -> [UInt8] { tagged(0x0C, Array(text.utf8)) }
  static let yes: [UInt8] = [0x01, 0x01, 0xFF]

  /// Not negative: a zero before a first bit that is set.
  static func integer(_ bytes: [UInt8]) -> [UInt8] {
    let digits = bytes.drop { $0 == 0 }
    let first = digits.first ?? 0
    return tagged(0x02, (digits.isEmpty || first >= 0x80 ? [0] : []) + digits)
  }

  /// From its arcs.
  static func identifier(_ arcs: [UInt64]) -> [UInt8] {
    let tail = arcs.dropFirst(2).flatMap { arc -> [UInt8] in
      var groups = [UInt8(arc & 127)]
      var rest = arc >> 7
      while rest > 0 {
        groups.insert(UInt8(rest & 127) | 128, at: 0)
        rest >>= 7
      }
      return groups
    }
    return tagged(0x06, [UInt8(arcs[0] * 40 + arcs[1])] + tail)
  }

  /// UTCTime to 2049, GeneralizedTime afterwards (RFC 5280).
  static func time(_ nanoseconds: Int64) -> [UInt8] {
    let digits = Timestamp.text(nanoseconds).filter(\.isNumber)
    return digits < "20500101000000"
      ? tagged(0x17, Array("\(digits.dropFirst(2))Z".utf8)) : tagged(0x18, Array("\(digits)Z".utf8))
  }

  static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    guard content.count > 127 else { return [tag, UInt8(content.count)] + content }
    var length: [UInt8] = []
    var rest = content.count
    while rest > 0 {
      length.insert(UInt8(rest & 255), at: 0)
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }
}

extension [UInt8] {
  /// - Parameter text: two digits for each byte, in lower case.
  init(hexadecimal text: String) {
    let digits = text.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
    self = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
