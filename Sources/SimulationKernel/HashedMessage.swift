/// What the hashes of FIPS 180-4 have in common.
package enum HashedMessage {
  /// A message in whole blocks: a one bit, zeros, and its length in an eighth of a block (5.1).
  ///
  /// - Parameter block: 64 or 128 bytes.
  package static func padded(_ bytes: some Collection<UInt8>, block: Int) -> [UInt8] {
    var message = Array(bytes)
    let bits = UInt64(message.count) * 8
    message.append(0x80)
    // The last 64 bits of the length are enough; any before them are zeros.
    let zeros = (2 * block - block / 8 - message.count % block) % block + block / 8 - 8
    message.append(contentsOf: repeatElement(0, count: zeros))
    return message + bits.bigEndianBytes
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// The most significant one first.
  package var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
