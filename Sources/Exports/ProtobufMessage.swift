/// The wire format of protocol buffers, as far as a trace for Perfetto needs it.
///
/// Source: protobuf.dev/programming-guides/encoding. Own, because the generated code of Perfetto's messages
/// would be larger than bootsim.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: UInt64, _ number: UInt64) {
    addVarint(field << 3)
    addVarint(number)
  }

  /// A negative number takes ten bytes, as the format has it.
  mutating func add(_ field: UInt64, _ number: Int64) { add(field, UInt64(bitPattern: number)) }

  mutating func add(_ field: UInt64, fixed number: UInt64) {
    addVarint(field << 3 | 1)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func add(_ field: UInt64, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: UInt64, _ message: ProtobufMessage) { add(field, message.bytes) }

  private mutating func add(_ field: UInt64, _ content: [UInt8]) {
    addVarint(field << 3 | 2)
    addVarint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  private mutating func addVarint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
