import Testing

@testable import Exports

/// Source: protobuf.dev/programming-guides/encoding.
struct ProtobufMessageTests {
  @Test(
    arguments: [
      (0, [0x00]), (1, [0x01]), (127, [0x7F]), (128, [0x80, 0x01]), (150, [0x96, 0x01]),
      (16_383, [0xFF, 0x7F]), (16_384, [0x80, 0x80, 0x01]),
      (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ] as [(UInt64, [UInt8])])
  func `a number has seven bits a byte, the lowest first`(number: UInt64, bytes: [UInt8]) {
    var message = ProtobufMessage()
    message.add(1, number)
    #expect(message.bytes == [0x08] + bytes)
  }

  @Test func `each kind of field has its own mark`() {
    var inner = ProtobufMessage()
    inner.add(1, Int64(-1))
    #expect(inner.bytes.count == 11)
    var message = ProtobufMessage()
    message.add(1, fixed: 0x0102)
    message.add(2, "é")
    message.add(16, inner)
    #expect(
      message.bytes == [0x09, 0x02, 0x01, 0, 0, 0, 0, 0, 0] + [0x12, 0x02, 0xC3, 0xA9]
        + [0x82, 0x01, 11] + inner.bytes)
  }
}
