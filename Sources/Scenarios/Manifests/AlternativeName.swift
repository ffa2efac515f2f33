import TLSBootstrap

/// The kinds of GeneralName (RFC 5280, 4.2.1.6) that Go reads, by their tags.
enum AlternativeName: Int {
  case email = 1
  case dns = 2
  case uri = 6
  case ipAddress = 7

  /// Source: Go, crypto/x509 `parseSANExtension`.
  func text(_ bytes: some Collection<UInt8>) throws(UnreadableRequest) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    let isASCII = bytes.allSatisfy { $0 < 0x80 }
    switch self {
    case .email where !isASCII: throw UnreadableRequest("SAN rfc822Name is malformed")
    case .dns where !isASCII: throw UnreadableRequest("SAN dNSName is malformed")
    case .uri where !isASCII:
      throw UnreadableRequest("SAN uniformResourceIdentifier is malformed")
    case .email, .dns: return text
    case .uri:
      if let problem = GoURL.problem(of: text) {
        throw UnreadableRequest("cannot parse URI \(GoString.quoted(text)): \(problem)")
      }
      return text
    case .ipAddress:
      guard let address = IPAddress.text(bytes) else {
        throw UnreadableRequest("cannot parse IP address of length \(bytes.count)")
      }
      return address
    }
  }
}
