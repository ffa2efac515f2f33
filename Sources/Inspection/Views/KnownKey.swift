import SimulationKernel

/// A key pair of P-256 that everybody knows: its private key is a number from 1 to 16.
///
/// The model has no keys. These make certificates and their requests whole for whoever parses and verifies
/// them, and can be mistaken for nobody's.
struct KnownKey {
  private let number: Int

  /// The one of the cluster's CA.
  static let authority = KnownKey(0)

  /// Any number chooses one.
  init(_ choice: UInt8) { number = Int(choice) % Self.points.count + 1 }

  /// Uncompressed (SEC 1, 2.3.3): 4, x, y.
  var point: [UInt8] { [4] + [UInt8](hexadecimal: Self.points[number - 1]) }

  /// ECDSA with SHA-256 (SEC 1, 4.1.3) and 1 in place of the secret number of each signature, so that r is
  /// the x of the first point, and s = hash + r × private key, modulo the order of the curve.
  func signature(of message: [UInt8]) -> (r: [UInt8], s: [UInt8]) {
    let r = Array([UInt8](hexadecimal: Self.points[0]).prefix(32))
    var s = SHA256.bytes(of: message)
    for _ in 0..<number { s = Self.sum(s, r) }
    return (r, s)
  }

  /// Of two numbers of 256 bits, the second below the order: modulo the order.
  private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var total = [UInt8](repeating: 0, count: 32)
    var carry = 0
    for place in total.indices.reversed() {
      carry += Int(left[place]) + Int(right[place])
      total[place] = UInt8(carry & 255)
      carry >>= 8
    }
    while carry > 0 || !total.lexicographicallyPrecedes(order) {
      var borrow = 0
      for place in total.indices.reversed() {
        let digit = Int(total[place]) - Int(order[place]) - borrow
        total[place] = UInt8(digit & 255)
        borrow = digit < 0 ? 1 : 0
      }
      carry -= borrow
    }
    return total
  }

  /// Source: SEC 2, 2.4.2.
  private static let order = [UInt8](
    hexadecimal: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")

  /// x and y of the generator (SEC 2, 2.4.2), and of its multiples up to 16.
  private static let points = [
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
      + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978"
      + "07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1",
    "5ecbe4d1a6330a44c8f7ef951d4bf165e6c6b721efada985fb41661bc6e7fd6c"
      + "8734640c4998ff7e374b06ce1a64a2ecd82ab036384fb83d9a79b127a27d5032",
    "e2534a3532d08fbba02dde659ee62bd0031fe2db785596ef509302446b030852"
      + "e0f1575a4c633cc719dfee5fda862d764efc96c3f30ee0055c42c23f184ed8c6",
    "51590b7a515140d2d784c85608668fdfef8c82fd1f5be52421554a0dc3d033ed"
      + "e0c17da8904a727d8ae1bf36bf8a79260d012f00d4d80888d1d0bb44fda16da4",
    "b01a172a76a4602c92d3242cb897dde3024c740debb215b4c6b0aae93c2291a9"
      + "e85c10743237dad56fec0e2dfba703791c00f7701c7e16bdfd7c48538fc77fe2",
    "8e533b6fa0bf7b4625bb30667c01fb607ef9f8b8a80fef5b300628703187b2a3"
      + "73eb1dbde03318366d069f83a6f5900053c73633cb041b21c55e1a86c1f400b4",
    "62d9779dbee9b0534042742d3ab54cadc1d238980fce97dbb4dd9dc1db6fb393"
      + "ad5accbd91e9d8244ff15d771167cee0a2ed51f6bbe76a78da540a6a0f09957e",
    "ea68d7b6fedf0b71878938d51d71f8729e0acb8c2c6df8b3d79e8a4b90949ee0"
      + "2a2744c972c9fce787014a964a8ea0c84d714feaa4de823fe85a224a4dd048fa",
    "cef66d6b2a3a993e591214d1ea223fb545ca6c471c48306e4c36069404c5723f"
      + "878662a229aaae906e123cdd9d3b4c10590ded29fe751eeeca34bbaa44af0773",
    "3ed113b7883b4c590638379db0c21cda16742ed0255048bf433391d374bc21d1"
      + "9099209accc4c8a224c843afa4f4c68a090d04da5e9889dae2f8eefce82a3740",
    "741dd5bda817d95e4626537320e5d55179983028b2f82c99d500c5ee8624e3c4"
      + "0770b46a9c385fdc567383554887b1548eeb912c35ba5ca71995ff22cd4481d3",
    "177c837ae0ac495a61805df2d85ee2fc792e284b65ead58a98e15d9d46072c01"
      + "63bb58cd4ebea558a24091adb40f4e7226ee14c3a1fb4df39c43bbe2efc7bfd8",
    "54e77a001c3862b97a76647f4336df3cf126acbe7a069c5e5709277324d2920b"
      + "f599f1bb29f4317542121f8c05a2e7c37171ea77735090081ba7c82f60d0b375",
    "f0454dc6971abae7adfb378999888265ae03af92de3a0ef163668c63e59b9d5f"
      + "b5b93ee3592e2d1f4e6594e51f9643e62a3b21ce75b5fa3f47e59cde0d034f36",
    "76a94d138a6b41858b821c629836315fcd28392eff6ca038a5eb4787e1277c6e"
      + "a985fe61341f260e6cb0a1b5e11e87208599a0040fc78baa0e9ddd724b8c5110",
  ]
}
