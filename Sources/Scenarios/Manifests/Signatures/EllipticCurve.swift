import BigInt

/// A curve y² = x³ − 3x + b over a prime field, of those that Go's x509 knows (FIPS 186-5, SP 800-186 3.2.1).
///
/// For signatures by keys that are no secret: nothing is done in constant time.
package struct EllipticCurve: Sendable {
  /// Of the public key's parameters, in bits.
  let bits: Int
  private let prime: BigInt
  private let b: BigInt
  private let order: BigInt
  private let generator: Point

  /// By Jacobian coordinates: x = X / Z², y = Y / Z³; Z = 0 is the neutral point.
  private struct Point {
    var x: BigInt
    var y: BigInt
    var z: BigInt

    static let neutral = Point(x: 1, y: 1, z: 0)
  }

  private init(bits: Int, prime: BigInt, b: String, order: String, x: String, y: String) {
    func number(_ digits: String) -> BigInt {
      BigInt(digits, radix: 16) ?? { preconditionFailure("no hexadecimal number: \(digits)") }()
    }
    self.bits = bits
    self.prime = prime
    self.b = number(b)
    self.order = number(order)
    generator = Point(x: number(x), y: number(y), z: 1)
  }

  static let p224 = EllipticCurve(
    bits: 224, prime: BigInt(2).power(224) - BigInt(2).power(96) + 1,
    b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
    order: "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
    x: "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
    y: "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34")

  package static let p256 = EllipticCurve(
    bits: 256,
    prime: BigInt(2).power(256) - BigInt(2).power(224) + BigInt(2).power(192)
      + BigInt(2).power(96) - 1,
    b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")

  static let p384 = EllipticCurve(
    bits: 384,
    prime: BigInt(2).power(384) - BigInt(2).power(128) - BigInt(2).power(96)
      + BigInt(2).power(32) - 1,
    b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
      + "c656398d8a2ed19d2a85c8edd3ec2aef",
    order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
      + "581a0db248b0a77aecec196accc52973",
    x: "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
      + "5502f25dbf55296c3a545e3872760ab7",
    y: "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
      + "0a60b1ce1d7e819d7a431d7c90ea0e5f")

  static let p521 = EllipticCurve(
    bits: 521, prime: BigInt(2).power(521) - 1,
    b: "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109"
      + "e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
    order: "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      + "ffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    x: "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3d"
      + "baa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
    y: "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e6"
      + "62c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650")

  /// Whether the pair is a signature of the digest by the key (FIPS 186-5, 6.4.2).
  ///
  /// - Parameter key: an uncompressed point (SEC 1, 2.3.3); a key that is no point of the curve has signed nothing.
  func verifies(_ digest: [UInt8], r: BigInt, s: BigInt, key: some Collection<UInt8>) -> Bool {
    guard let key = point(key), (1..<order).contains(r), (1..<order).contains(s),
      let inverse = s.inverse(order)
    else { return false }
    // Of a longer digest its first bits.
    let number = BigInt(unsigned: digest) >> max(0, digest.count * 8 - bits)
    let sum = add(
      multiply(generator, by: number * inverse % order), multiply(key, by: r * inverse % order))
    guard sum.z != 0, let scale = sum.z.inverse(prime) else { return false }
    return residue(sum.x * scale * scale) % order == r
  }

  /// The public key of a private one, as an uncompressed point (SEC 1, 2.3.3).
  package func publicKey(of privateKey: Int) -> [UInt8] {
    let point = multiply(generator, by: BigInt(privateKey))
    guard let scale = point.z.inverse(prime) else {
      preconditionFailure("private key \(privateKey) is a multiple of the order")
    }
    let x = residue(point.x * scale * scale)
    let y = residue(point.y * scale * scale * scale)
    return [4] + x.bytes(length) + y.bytes(length)
  }

  /// A signature (FIPS 186-5, 6.4.1) with 1 in place of the secret number of each, which gives the private key
  /// away.
  ///
  /// - Parameter digest: no longer than the order.
  package func openSignature(
    of digest: [UInt8], by privateKey: Int
  ) -> (r: [UInt8], s: [UInt8]) {
    let r = generator.x % order
    let s = (BigInt(unsigned: digest) + r * BigInt(privateKey)) % order
    return (r.bytes(length), s.bytes(length))
  }

  /// Of a coordinate in bytes.
  private var length: Int { (bits + 7) / 8 }

  /// Whether it is an uncompressed point (SEC 1, 2.3.3) of the curve.
  func hasPoint(_ bytes: some Collection<UInt8>) -> Bool { point(bytes) != nil }

  private func point(_ bytes: some Collection<UInt8>) -> Point? {
    guard bytes.first == 4, bytes.count == 1 + 2 * length else { return nil }
    let x = BigInt(unsigned: bytes.dropFirst().prefix(length))
    let y = BigInt(unsigned: bytes.suffix(length))
    guard x < prime, y < prime, residue(y * y - (x * x * x - 3 * x + b)) == 0 else { return nil }
    return Point(x: x, y: y, z: 1)
  }

  private func residue(_ value: BigInt) -> BigInt { value.modulus(prime) }

  private func multiply(_ point: Point, by factor: BigInt) -> Point {
    var product = Point.neutral
    for place in (0..<factor.magnitude.bitWidth).reversed() {
      product = double(product)
      if factor.magnitude >> place & 1 == 1 { product = add(product, point) }
    }
    return product
  }

  /// Bernstein and Lange, "dbl-2001-b", for a = −3.
  private func double(_ point: Point) -> Point {
    let delta = residue(point.z * point.z)
    let gamma = residue(point.y * point.y)
    let beta = residue(point.x * gamma)
    let alpha = residue(3 * (point.x - delta) * (point.x + delta))
    let x = residue(alpha * alpha - 8 * beta)
    let sum = point.y + point.z
    return Point(
      x: x, y: residue(alpha * (4 * beta - x) - 8 * gamma * gamma),
      z: residue(sum * sum - gamma - delta))
  }

  /// Bernstein and Lange, "add-2007-bl".
  private func add(_ left: Point, _ right: Point) -> Point {
    if left.z == 0 { return right }
    if right.z == 0 { return left }
    let leftSquare = residue(left.z * left.z)
    let rightSquare = residue(right.z * right.z)
    let u = residue(left.x * rightSquare)
    let h = residue(right.x * leftSquare - u)
    let s = residue(left.y * right.z * rightSquare)
    let r = residue(2 * (right.y * left.z * leftSquare - s))
    if h == 0 { return r == 0 ? double(left) : .neutral }
    let i = residue(4 * h * h)
    let j = residue(h * i)
    let v = residue(u * i)
    let x = residue(r * r - j - 2 * v)
    return Point(
      x: x, y: residue(r * (v - x) - 2 * s * j), z: residue(2 * left.z * right.z * h))
  }
}
