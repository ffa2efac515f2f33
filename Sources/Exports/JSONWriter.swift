/// JSON under construction, the members of objects in the order in which they are added.
///
/// For lines by the hundred thousand: `JSONEncoder` takes six times as long.
struct JSONWriter {
  private(set) var utf8: [UInt8] = []

  /// Makes room for the next text in the same memory.
  mutating func clear() { utf8.removeAll(keepingCapacity: true) }

  mutating func endLine() { append("\n") }

  /// One object from the first brace to the last.
  static func object(_ body: (inout JSONWriter) -> Void) -> JSONWriter {
    var text = JSONWriter()
    text.object(body)
    return text
  }

  mutating func object(_ body: (inout JSONWriter) -> Void) {
    separate()
    enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
  }

  mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
    begin(name)
    enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
  }

  /// - Parameter items: adds them, one after the other.
  mutating func list(_ name: String, _ items: (inout JSONWriter) -> Void) {
    begin(name)
    enclose(UInt8(ascii: "["), UInt8(ascii: "]"), items)
  }

  /// An item of a list.
  mutating func item(_ text: String) {
    separate()
    string(text)
  }

  /// nil is not written.
  mutating func member(_ name: String, _ text: String?) {
    guard let text else { return }
    begin(name)
    string(text)
  }

  mutating func member(_ name: String, _ number: Int) {
    begin(name)
    append("\(number)")
  }

  mutating func member(_ name: String, _ value: JSONWriter) {
    begin(name)
    utf8.append(contentsOf: value.utf8)
  }

  /// - Parameter json: a value that is spelled already.
  mutating func member(_ name: String, json: String?) {
    guard let json else { return }
    begin(name)
    append(json)
  }

  /// Names are ours: there is nothing to escape.
  private mutating func begin(_ name: String) {
    separate()
    append("\"")
    append(name)
    append("\":")
  }

  private mutating func separate() {
    switch utf8.last {
    case UInt8(ascii: "{"), UInt8(ascii: "["), nil: break
    default: append(",")
    }
  }

  private mutating func enclose(
    _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) -> Void
  ) {
    utf8.append(open)
    body(&self)
    utf8.append(close)
  }

  /// In quotes; control characters, quotes and backslashes escaped (RFC 8259).
  private mutating func string(_ text: String) {
    append("\"")
    // Through the buffer for speed: by the string's iterator the look takes as long as all else.
    let isPlain = text.utf8.withContiguousStorageIfAvailable {
      !$0.contains(where: Self.needsEscape)
    }
    if isPlain ?? false {
      append(text)
    } else {
      for byte in text.utf8 { escape(byte) }
    }
    append("\"")
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case UInt8(ascii: "\n"): append("\\n")
    case 0..<0x10: append("\\u000" + String(byte, radix: 16))
    case 0x10..<0x20: append("\\u00" + String(byte, radix: 16))
    default: utf8.append(byte)
    }
  }

  private mutating func append(_ text: String) { utf8.append(contentsOf: text.utf8) }
}
