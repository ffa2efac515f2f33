import Foundation

/// Addresses of both families, as Go's `net.IP` has them.
package enum IPAddress {
  private static let families = [(family: AF_INET, count: 4), (family: AF_INET6, count: 16)]

  /// 4 or 16; nil: the text is no address.
  package static func bytes(_ text: String) -> [UInt8]? {
    for (family, count) in families {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 { return bytes }
    }
    return nil
  }

  /// In its short form; nil: there are not as many bytes as an address has.
  static func text(_ bytes: some Collection<UInt8>) -> String? {
    guard let family = families.first(where: { $0.count == bytes.count })?.family else {
      return nil
    }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(family, Array(bytes), &text, socklen_t(text.count)) != nil else { return nil }
    return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
  }
}
