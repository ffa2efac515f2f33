import BigInt

/// Ed25519 (RFC 8032, 5.1), to check signatures only.
enum Ed25519 {
  fileprivate static let prime = BigInt(2).power(255) - 19
  fileprivate static let order =
    BigInt(2).power(252) + BigInt("27742317777372353535851937790883648493")
  /// −121665 / 121666.
  fileprivate static let d =
    (-121_665 * (BigInt(121_666).inverse(prime) ?? 0)).modulus(prime)
  /// The point with y = 4 / 5 and an even x.
  fileprivate static let base = Point(
    littleEndian(4 * (BigInt(5).inverse(prime) ?? 0) % prime))

  /// Whether these are 64 bytes that the key signed the message with (5.1.7).
  static func verifies(
    _ message: some Collection<UInt8>, _ signature: [UInt8], key: [UInt8]
  ) -> Bool {
    guard signature.count == 64, key.count == 32, let base, let point = Point(key) else {
      return false
    }
    let commitment = signature.prefix(32)
    let s = BigInt(unsigned: signature.suffix(32).reversed())
    guard s < order else { return false }
    let hash = SHA512.sha512(commitment + key + message)
    let challenge = BigInt(unsigned: hash.reversed()) % order
    let sum = base.multiplied(by: s).adding(point.negated.multiplied(by: challenge))
    return sum.bytes == Array(commitment)
  }

  fileprivate static func littleEndian(_ number: BigInt) -> [UInt8] {
    let bytes = number.magnitude.serialize().reversed()
    return bytes + [UInt8](repeating: 0, count: 32 - bytes.count)
  }

  /// By extended coordinates: x = X / Z, y = Y / Z, x · y = T / Z (5.1.4).
  fileprivate struct Point {
    var x: BigInt
    var y: BigInt
    var z: BigInt
    var t: BigInt

    static let neutral = Point(x: 0, y: 1, z: 1, t: 0)

    var negated: Point { Point(x: residue(-x), y: y, z: z, t: residue(-t)) }

    func adding(_ other: Point) -> Point {
      let a = residue((y - x) * (other.y - other.x))
      let b = residue((y + x) * (other.y + other.x))
      let c = residue(2 * t * d * other.t)
      let double = residue(2 * z * other.z)
      let (e, f, g, h) = (b - a, double - c, double + c, b + a)
      return Point(x: residue(e * f), y: residue(g * h), z: residue(f * g), t: residue(e * h))
    }

    func multiplied(by factor: BigInt) -> Point {
      var product = Point.neutral
      for place in (0..<factor.magnitude.bitWidth).reversed() {
        product = product.adding(product)
        if factor.magnitude >> place & 1 == 1 { product = product.adding(self) }
      }
      return product
    }
  }
}

// MARK: 32 bytes of a point

extension Ed25519.Point {
  /// y, and the lowest bit of x as the highest of all (5.1.3); nil: no point has these.
  fileprivate init?(_ bytes: [UInt8]) {
    let number = BigInt(unsigned: bytes.reversed())
    let isOdd = number.magnitude >> 255 == 1
    let y = number % BigInt(2).power(255)
    let square = residue(y * y)
    let (u, v) = (residue(square - 1), residue(Ed25519.d * square + 1))
    // A root of u / v, or of −u / v.
    let power = (u * v.power(7, modulus: Ed25519.prime)).power(
      (Ed25519.prime - 5) / 8, modulus: Ed25519.prime)
    var x = residue(u * v.power(3, modulus: Ed25519.prime) * power)
    if residue(v * x * x) != u {
      let root = BigInt(2).power((Ed25519.prime - 1) / 4, modulus: Ed25519.prime)
      x = residue(x * root)
      guard residue(v * x * x) == u else { return nil }
    }
    if (x.magnitude & 1 == 1) != isOdd { x = residue(-x) }
    self.init(x: x, y: y, z: 1, t: residue(x * y))
  }

  fileprivate var bytes: [UInt8] {
    let scale = z.inverse(Ed25519.prime) ?? 0
    var bytes = Ed25519.littleEndian(residue(y * scale))
    if residue(x * scale).magnitude & 1 == 1 { bytes[31] |= 0x80 }
    return bytes
  }
}

private func residue(_ value: BigInt) -> BigInt { value.modulus(Ed25519.prime) }
