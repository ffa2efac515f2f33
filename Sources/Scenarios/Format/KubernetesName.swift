import TLSBootstrap

/// Names as the API server accepts them.
enum KubernetesName {
  /// Whether it is an RFC 1123 subdomain.
  static func isSubdomain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= longest
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        label.utf8.first?.isLowerAlphanumeric == true
          && label.utf8.last?.isLowerAlphanumeric == true
          && label.utf8.allSatisfy { $0.isLowerAlphanumeric || $0 == UInt8(ascii: "-") }
      }
  }

  /// The same as a regular expression, for the schema, but for its 253 characters at most.
  static let pattern =
    #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"#

  /// What a name is made of, to be told to who gave another.
  static let alphabet = "lower-case letters, digits, `-` and `.`, letters or digits at both ends"

  static func check(_ name: Located<String>, _ what: String, _ reading: Reading) {
    guard !isSubdomain(name.value) else { return }
    let length = name.value.utf8.count
    let start = name.value.count > mostShown ? name.value.prefix(mostShown) + "…" : name.value[...]
    if length > longest {
      return reading.fail(
        name.place, "“\(start)” is too long for the \(what): \(length) bytes",
        cure: "use at most \(longest)")
    }
    reading.fail(
      name.place, "“\(start)” cannot be the \(what)",
      cure: "use \(alphabet)")
  }

  /// Bytes. Source: RFC 1123; apimachinery `DNS1123SubdomainMaxLength`.
  private static let longest = 253
  private static let mostShown = 60
}
