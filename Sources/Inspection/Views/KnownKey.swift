import Scenarios
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
  var point: [UInt8] { Self.points[number - 1] }

  /// ECDSA with SHA-256.
  func signature(of message: [UInt8]) -> (r: [UInt8], s: [UInt8]) {
    EllipticCurve.p256.openSignature(of: SHA256.bytes(of: message), by: number)
  }

  private static let points = (1...16).map(EllipticCurve.p256.publicKey)
}
