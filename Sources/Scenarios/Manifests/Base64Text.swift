/// Base64 as Go reads it, with the place of the first wrong byte; line ends are passed over.
///
/// Source: Go, encoding/base64 `decodeQuantum`.
enum Base64Text {
  struct CorruptInput: Error, Equatable {
    var place: Int
  }

  static func decode(_ text: String) -> Result<[UInt8], CorruptInput> { decode(Array(text.utf8)) }

  static func decode(_ text: [UInt8]) -> Result<[UInt8], CorruptInput> {
    var bytes: [UInt8] = []
    var (bits, digits) = (0, 0)
    for (place, byte) in text.enumerated() {
      if isLineEnd(byte) { continue }
      guard let value = value(of: byte) else {
        if let problem = problem(text, at: place, after: digits) { return .failure(problem) }
        return .success(bytes)
      }
      bits = (bits << 6 | value) & 0xFFFF
      digits = (digits + 1) % 4
      // The second, third and fourth digit complete a byte each.
      if digits != 1 { bytes.append(UInt8(truncatingIfNeeded: bits >> [0, 0, 4, 2][digits])) }
    }
    return digits == 0 ? .success(bytes) : .failure(CorruptInput(place: text.count - digits))
  }

  /// At a byte that is no digit: only the right number of `=` may follow, and nothing after them.
  ///
  /// - Parameter digits: those before it of the last four.
  private static func problem(_ text: [UInt8], at place: Int, after digits: Int) -> CorruptInput? {
    guard text[place] == UInt8(ascii: "="), digits >= 2 else { return CorruptInput(place: place) }
    var end = place + 1
    if digits == 2 {
      end = passLineEnds(text, from: end)
      if end == text.count { return CorruptInput(place: end) }
      guard text[end] == UInt8(ascii: "=") else { return CorruptInput(place: end - 1) }
      end += 1
    }
    end = passLineEnds(text, from: end)
    return end < text.count ? CorruptInput(place: end) : nil
  }

  private static func passLineEnds(_ text: [UInt8], from start: Int) -> Int {
    text[start...].firstIndex { !isLineEnd($0) } ?? text.count
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private static func value(of byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
