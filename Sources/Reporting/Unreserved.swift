import Foundation

extension CharacterSet {
  /// What an URI has as it is (RFC 3986, 2.3); `addingPercentEncoding` spells the rest in per cent.
  package static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
