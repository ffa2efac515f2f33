import TLSBootstrap

/// What Go's net/url refuses of a URI in ASCII, and crypto/x509 of its host.
///
/// Source: Go 1.26, net/url `Parse`; crypto/x509 `parseSANExtension`, `domainToReverseLabels`. What netip says of a bad
/// address in brackets is one text for all, and that more than one colon is refused in http and https only is UNVERIFIED.
enum GoURL {
  /// nil: it is taken.
  static func problem(of text: String) -> String? {
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let host: [UInt8]
    do throws(Problem) {
      host = try self.host(of: parts.first ?? "")
    } catch {
      return "parse \(GoString.quoted(String(parts.first ?? ""))): \(error.words)"
    }
    do throws(Problem) {
      if parts.count == 2 { _ = try unescaped(parts[1], .other) }
    } catch {
      return "parse \(GoString.quoted(text)): \(error.words)"
    }
    return host.isEmpty || isDomain(host) ? nil : "invalid domain"
  }

  private struct Problem: Error {
    let words: String

    init(_ words: String) { self.words = words }
  }

  private static func isDomain(_ host: [UInt8]) -> Bool {
    host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy { label in !label.isEmpty && label.allSatisfy { (33...126) ~= $0 } }
  }

  private static func host(of reference: Substring) throws(Problem) -> [UInt8] {
    if reference.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw Problem("net/url: invalid control character in URL")
    }
    let (scheme, afterScheme) = try split(reference)
    let rest = afterScheme.prefix { $0 != "?" }
    if !rest.hasPrefix("/") {
      if !scheme.isEmpty { return [] }
      if rest.prefix(while: { $0 != "/" }).contains(":") {
        throw Problem("first path segment in URL cannot contain colon")
      }
    }
    guard rest.hasPrefix("//"), !scheme.isEmpty || !rest.hasPrefix("///") else {
      _ = try unescaped(rest, .other)
      return []
    }
    let authority = rest.dropFirst(2).prefix { $0 != "/" }
    let host = try hostBytes(of: authority, scheme.lowercased())
    _ = try unescaped(rest.dropFirst(2 + authority.count), .other)
    return host
  }

  private static func split(_ reference: Substring) throws(Problem) -> (Substring, Substring) {
    let scheme = reference.prefix { $0.isLetter || $0.isNumber || "+-.".contains($0) }
    let rest = reference.dropFirst(scheme.count)
    guard rest.first == ":" else { return ("", reference) }
    guard let first = scheme.first else { throw Problem("missing protocol scheme") }
    return first.isLetter ? (scheme, rest.dropFirst()) : ("", reference)
  }

  private static func hostBytes(
    of authority: Substring, _ scheme: String
  ) throws(Problem) -> [UInt8] {
    guard let at = authority.lastIndex(of: "@") else { return try hostBytes(authority, scheme) }
    let host = try hostBytes(authority[authority.index(after: at)...], scheme)
    let user = authority[..<at]
    guard user.allSatisfy({ $0.isLetter || $0.isNumber || "-._:~!$&'()*+,;=%@".contains($0) })
    else { throw Problem("net/url: invalid userinfo") }
    _ = try unescaped(user, .other)
    return host
  }

  private static func hostBytes(_ host: Substring, _ scheme: String) throws(Problem) -> [UInt8] {
    guard let open = host.lastIndex(of: "[") else {
      let isStrict = ["http", "https"].contains(scheme)
      if let colon = isStrict ? host.firstIndex(of: ":") : host.lastIndex(of: ":") {
        try check(port: host[colon...])
      }
      return try unescaped(host, .host)
    }
    guard open == host.startIndex else { throw Problem("invalid IP-literal") }
    guard let close = host.lastIndex(of: "]") else { throw Problem("missing ']' in host") }
    let port = host[host.index(after: close)...]
    try check(port: port)
    let inside = host[host.index(after: open)..<close]
    let zone = inside.firstRange(of: "%25")?.lowerBound ?? inside.endIndex
    let address = try unescaped(inside[..<zone], .host) + unescaped(inside[zone...], .zone)
    try check(address: String(decoding: address, as: UTF8.self))
    return Array("[".utf8) + address + Array("]\(port)".utf8)
  }

  private static func check(port: Substring) throws(Problem) {
    guard port.isEmpty || port.first == ":" && port.dropFirst().allSatisfy(\.isNumber) else {
      throw Problem("invalid port \(GoString.quoted(String(port))) after host")
    }
  }

  private static func check(address: String) throws(Problem) {
    let parts = address.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    let bytes = parts.first.flatMap { IPAddress.bytes(String($0)) }
    guard let bytes, parts.count == 1 || bytes.count == 16 && !parts[1].isEmpty else {
      throw Problem("invalid host: ParseAddr(\(GoString.quoted(address))): unable to parse IP")
    }
    if bytes.count == 4 { throw Problem("invalid IP-literal") }
  }

  private enum Part {
    case host
    case zone
    case other
  }

  /// Those of a host that need no escape, beside letters and numbers.
  private static let hostSigns = Array("!$&'()*+,;=:[]<>\"-_.~".utf8)

  private static func isOfHost(_ byte: UInt8) -> Bool {
    byte < 0x80 && Character(Unicode.Scalar(byte)).isLetterOrNumber || hostSigns.contains(byte)
  }

  private static func unescaped(_ text: Substring, _ part: Part) throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text
    while let character = rest.first {
      if character != "%" {
        let quoted = GoString.quoted(String(character))
        for byte in character.utf8 {
          if part != .other, !isOfHost(byte) {
            throw Problem("invalid character \(quoted) in host name")
          }
          bytes.append(byte)
        }
        rest.removeFirst()
        continue
      }
      let escape = rest.prefix(3)
      let digits = escape.dropFirst()
      guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let byte = UInt8(digits, radix: 16),
        part == .other || escape == "%25"
          || (part == .host ? byte >= 0x80 : byte == 0x20 || isOfHost(byte))
      else { throw Problem("invalid URL escape \(GoString.quoted(String(escape)))") }
      bytes.append(byte)
      rest.removeFirst(3)
    }
    return bytes
  }
}

extension Character {
  fileprivate var isLetterOrNumber: Bool { isLetter || isNumber }
}
