/// RFC 4648, with padding.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

  static func text(_ bytes: [UInt8]) -> String {
    var text = ""
    for place in stride(from: 0, to: bytes.count, by: 3) {
      let block = bytes[place..<min(place + 3, bytes.count)]
      let value = block.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - block.count))
      for digit in 0...block.count { text.append(alphabet[value >> (18 - 6 * digit) & 63]) }
      text += String(repeating: "=", count: 3 - block.count)
    }
    return text
  }

  /// A PEM block: 64 characters a line.
  static func pem(_ label: String, _ bytes: [UInt8]) -> String {
    var rest = Substring(text(bytes))
    var lines: [Substring] = []
    while !rest.isEmpty {
      lines.append(rest.prefix(64))
      rest = rest.dropFirst(64)
    }
    return "-----BEGIN \(label)-----\n\(lines.joined(separator: "\n"))\n-----END \(label)-----\n"
  }
}
