import SimulationKernel

/// NotBefore and NotAfter of a certificate that is signed now (protocol.md H.3).
package struct CertificateValidity: Hashable, Sendable {
  /// How far NotBefore lies back. Source: H.3, 5 min.
  package static let backdate = Duration.minutes(5)
  /// From this ttl on, the backdate is taken off at the end. Source: H.3, 8 h.
  static let shortLife = Duration.hours(8)

  /// Nanoseconds since 1970, whole seconds.
  let notBefore: Int64
  let notAfter: Int64

  /// - Parameters:
  ///   - now: what the controller-manager's clock shows, in nanoseconds since 1970, as is `caEnd`.
  ///   - ttl: `--cluster-signing-duration`.
  ///   - caEnd: the NotAfter of the signing CA.
  /// - Returns: nil where the CA has expired: the signer's error, which is retried.
  init?(signedAt now: Int64, for ttl: Duration, caEnd: Int64) {
    let from = now - Self.backdate.nanoseconds
    let to = now + (ttl < Self.shortLife ? ttl : ttl - Self.backdate).nanoseconds
    guard from < caEnd, now < caEnd else { return nil }
    // ASN.1 times have a resolution of 1 s.
    notBefore = Timestamp.wholeSeconds(from)
    notAfter = Timestamp.wholeSeconds(min(to, caEnd))
  }

  /// The least life that a signer gives on request. Source: H.3, 10 min.
  private static let leastRequested = Duration.minutes(10)

  /// - Parameters:
  ///   - expirationSeconds: of the CSR's spec; nil: not set.
  ///   - most: `--cluster-signing-duration`.
  static func ttl(_ expirationSeconds: Int64?, most: Duration) -> Duration {
    guard let expirationSeconds else { return most }
    let requested = Duration.seconds(expirationSeconds)
    return requested > most ? most : max(requested, leastRequested)
  }
}
