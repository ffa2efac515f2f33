import Foundation
import Scenarios
import SimulationKernel
import TLSBootstrap

/// The bytes of a certificate request and of a certificate.
///
/// Everything that the model has is in them: subject, names, usages, serial number, validity. It has no
/// keys: the request has one of 16 that everybody knows, drawn by the CSR's name, and is signed with it.
struct PlaceholderPEM {
  private let key: KnownKey
  private let content: CertificateRequest
  private let usages: [String]
  /// nil: it was not issued.
  private let record: CertificateRecord?

  private static let ecdsa = DER.sequence(DER.identifier([1, 2, 840, 10_045, 4, 3, 2]))

  init(ofRequest index: Int, of world: World, seed: UInt64) {
    let shape = world.shape(ofRequest: index)
    let name = "\(seed)/\(world.request(at: index).name)/key"
    key = KnownKey(UInt8(truncatingIfNeeded: SHA256.littleEndianPrefix(of: Array(name.utf8))))
    content = shape.request ?? CertificateRequest()
    usages = shape.usages
    record = world.certificate(ofRequest: index).map { world.certificate(at: $0) }
  }

  var request: String {
    let names = Self.alternativeNames(content)
    let attributes =
      names.isEmpty
      ? []
      : DER.sequence(
        DER.identifier([1, 2, 840, 113_549, 1, 9, 14]), DER.set(DER.sequence(names)))
    let body = DER.sequence(
      DER.integer([0]), Self.subject(content), publicKey, DER.context(0, attributes))
    return Self.pem("CERTIFICATE REQUEST", Self.signed(body, by: key))
  }

  var certificate: String? { certificateBytes.map { Self.pem("CERTIFICATE", $0) } }

  var certificateBytes: [UInt8]? {
    guard let record else { return nil }
    let issuer = DER.sequence(
      DER.set(DER.sequence(DER.identifier([2, 5, 4, 3]), DER.text("kubernetes"))))
    let extensions = [
      Self.extended([2, 5, 29, 15], Self.keyUsage(usages), isCritical: true),
      Self.extended([2, 5, 29, 37], Self.extendedUsage(usages)),
      Self.extended([2, 5, 29, 19], DER.sequence(), isCritical: true),
      Self.alternativeNames(content),
    ].flatMap { $0 }
    let body = DER.sequence(
      DER.context(0, DER.integer([2])), DER.integer([UInt8](hexadecimal: record.serial)),
      Self.ecdsa, issuer, DER.sequence(DER.time(record.notBefore), DER.time(record.notAfter)),
      Self.subject(content), publicKey, DER.context(3, DER.sequence(extensions)))
    return Self.signed(body, by: .authority)
  }

  private static func pem(_ label: String, _ bytes: [UInt8]) -> String {
    let text = Data(bytes).base64EncodedString(
      options: [.lineLength64Characters, .endLineWithLineFeed])
    return "-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n"
  }

  /// Of P-256.
  private var publicKey: [UInt8] {
    DER.sequence(
      DER.sequence(
        DER.identifier([1, 2, 840, 10_045, 2, 1]), DER.identifier([1, 2, 840, 10_045, 3, 1, 7])),
      DER.bits(key.point))
  }

  /// With its signature behind it.
  private static func signed(_ body: [UInt8], by key: KnownKey) -> [UInt8] {
    let (r, s) = key.signature(of: body)
    return DER.sequence(
      body, ecdsa, DER.bits(DER.sequence(DER.integer(r), DER.integer(s))))
  }

  private static func subject(_ request: CertificateRequest) -> [UInt8] {
    let name = request.commonName.isEmpty ? [] : [request.commonName]
    let parts: [(arc: UInt64, texts: [String])] = [
      (10, request.organizations), (11, request.organizationalUnits), (3, name),
    ]
    return DER.sequence(
      parts.flatMap { part in
        part.texts.flatMap {
          DER.set(DER.sequence(DER.identifier([2, 5, 4, part.arc]), DER.text($0)))
        }
      })
  }

  private static func alternativeNames(_ request: CertificateRequest) -> [UInt8] {
    let texts: [(UInt8, [String])] = [
      (0x81, request.emailAddresses), (0x82, request.dnsNames), (0x86, request.uris),
    ]
    let addresses = request.ipAddresses.compactMap(IPAddress.bytes)
    let names =
      texts.flatMap { tag, names in names.flatMap { DER.tagged(tag, Array($0.utf8)) } }
      + addresses.flatMap { DER.tagged(0x87, $0) }
    return names.isEmpty ? [] : extended([2, 5, 29, 17], DER.sequence(names))
  }

  private static func extended(
    _ identifier: [UInt64], _ value: [UInt8], isCritical: Bool = false
  ) -> [UInt8] {
    DER.sequence(DER.identifier(identifier), isCritical ? DER.yes : [], DER.octets(value))
  }

  /// H.3: digital signature is the first bit, key encipherment the third.
  private static func keyUsage(_ usages: [String]) -> [UInt8] {
    let enciphers = usages.contains("key encipherment")
    let signs = usages.contains("digital signature")
    return DER.bits([(signs ? 0x80 : 0) | (enciphers ? 0x20 : 0)], unused: enciphers ? 5 : 7)
  }

  private static func extendedUsage(_ usages: [String]) -> [UInt8] {
    let known: [(String, UInt64)] = [("server auth", 1), ("client auth", 2)]
    return DER.sequence(
      known.filter { usages.contains($0.0) }
        .flatMap { DER.identifier([1, 3, 6, 1, 5, 5, 7, 3, $0.1]) })
  }
}
