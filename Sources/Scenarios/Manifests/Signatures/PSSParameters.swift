import BigInt
import SimulationKernel
import SwiftASN1

/// RSASSA-PSS (RFC 8017, 8.1.2), as far as Go knows it: MGF1 with the hash of the message, and a salt as long as
/// that.
enum PSSParameters {
  static let algorithm: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 10]
  private static let mgf1: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 8]

  /// The hash of the parameters; nil: Go does not know them.
  ///
  /// Source: Go, crypto/x509 `getSignatureAlgorithmFromAI`.
  static func hash(of parameters: [UInt8]) -> SignatureHash? {
    guard let fields = try? fields(of: DER.parse(parameters)), let hashes = fields[0],
      let masks = fields[1],
      let salt = fields[2].flatMap({ try? Int(derEncoded: $0) }),
      fields[3].map({ (try? Int(derEncoded: $0)) == 1 }) ?? true,
      let found = hash(named: hashes),
      let mask = masks.elements, mask.count == 2,
      (try? ASN1ObjectIdentifier(derEncoded: mask[0])) == mgf1,
      hash(named: mask[1]) == found, salt == found.digest([]).count
    else { return nil }
    return found
  }

  /// What is inside `[0]` to `[3]`, by number.
  private static func fields(of parameters: ASN1Node) -> [Int: ASN1Node]? {
    var fields: [Int: ASN1Node] = [:]
    for field in parameters.elements ?? [] {
      guard field.identifier.tagClass == .contextSpecific,
        let inside = field.elements?.first
      else { return nil }
      fields[Int(field.identifier.tagNumber)] = inside
    }
    return fields
  }

  /// That of an AlgorithmIdentifier without parameters, or with NULL.
  private static func hash(named node: ASN1Node) -> SignatureHash? {
    guard let parts = node.elements, let type = parts.first,
      parts.dropFirst().allSatisfy({ $0.identifier == .null })
    else { return nil }
    return SignatureHash.ofPSS.first { $0.identifier.elementsEqual(type.encodedBytes) }
  }

  /// EMSA-PSS-VERIFY (RFC 8017, 9.1.2).
  static func verifies(
    _ digest: [UInt8], _ signature: [UInt8], _ hash: SignatureHash, _ modulus: BigInt,
    _ exponent: BigInt
  ) -> Bool {
    let bits = modulus.magnitude.bitWidth - 1
    let length = (bits + 7) / 8
    let number = BigInt(unsigned: signature)
    guard signature.count == (bits + 8) / 8, number < modulus,
      let message = bytes(of: number.power(exponent, modulus: modulus), count: length),
      length >= 2 * digest.count + 2, message.last == 0xBC
    else { return false }
    let split = length - digest.count - 1
    let inner = Array(message[split..<length - 1])
    // The first bits of the message, of which the modulus has none.
    let unused = UInt8(truncatingIfNeeded: 0xFF00 >> (8 * length - bits))
    guard message[0] & unused == 0 else { return false }
    var block = zip(message, mask(from: inner, count: split, hash)).map { $0 ^ $1 }
    block[0] &= ~unused
    let salt = block.suffix(digest.count)
    let padding = block.dropLast(digest.count)
    guard padding.last == 1, padding.dropLast().allSatisfy({ $0 == 0 }) else { return false }
    return hash.digest([UInt8](repeating: 0, count: 8) + digest + salt) == inner
  }

  /// MGF1 (RFC 8017, B.2.1).
  private static func mask(from seed: [UInt8], count: Int, _ hash: SignatureHash) -> [UInt8] {
    var mask: [UInt8] = []
    var counter: UInt32 = 0
    while mask.count < count {
      mask += hash.digest(seed + counter.bigEndianBytes)
      counter += 1
    }
    return Array(mask.prefix(count))
  }

  /// The number in so many bytes, the greatest first; nil: it has more.
  private static func bytes(of number: BigInt, count: Int) -> [UInt8]? {
    let bytes = Array(number.magnitude.serialize())
    guard bytes.count <= count else { return nil }
    return [UInt8](repeating: 0, count: count - bytes.count) + bytes
  }
}

extension ASN1Node {
  /// What is inside; nil: it is primitive.
  var elements: [ASN1Node]? {
    guard case .constructed(let nodes) = content else { return nil }
    return Array(nodes)
  }
}
