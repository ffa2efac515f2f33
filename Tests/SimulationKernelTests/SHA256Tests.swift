import SimulationKernel
import Testing

struct SHA256Tests {
  /// FIPS 180-2, appendix B, and the NIST example of the empty message.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `NIST's vectors come out`(message: String, digest: String) {
    #expect(SHA256.hexadecimal(of: message.utf8) == digest)
  }

  @Test func `each length around a block's end has a digest of its own`() {
    let digests = Set((50...130).map { SHA256.hexadecimal(of: Array(repeating: 0x61, count: $0)) })
    #expect(digests.count == 81)
    // sha256sum of 55, 56, 63 and 64 times "a".
    #expect(digests.contains("9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"))
    #expect(digests.contains("b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"))
    #expect(digests.contains("7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"))
    #expect(digests.contains("ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"))
  }

  @Test func `the first 8 bytes are read with the least first`() {
    // "abc": ba7816bf8f01cfea…
    #expect(SHA256.littleEndianPrefix(of: "abc".utf8) == 0xeacf_018f_bf16_78ba)
  }
}
