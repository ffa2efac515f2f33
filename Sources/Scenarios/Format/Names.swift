/// Paths of files that a scenario names.
enum FilePath {
  static func resolve(_ path: String, in folder: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    var rest = Substring(path)
    while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
    return folder + rest
  }
}

/// Names as the API server accepts them.
enum KubernetesName {
  /// Whether it is an RFC 1123 subdomain.
  static func isSubdomain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 253
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        isLetterOrDigit(label.utf8.first) && isLetterOrDigit(label.utf8.last)
          && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
      }
  }

  /// The same as a regular expression, for the schema, but for its 253 characters at most.
  static let pattern =
    #"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"#

  private static func isLetterOrDigit(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// What a name is made of, to be told to who gave another.
  static let alphabet = "lower-case letters, digits, `-` and `.`, letters or digits at both ends"

  static func check(_ name: Located<String>, _ what: String, _ reading: Reading) {
    guard !isSubdomain(name.value) else { return }
    reading.fail(
      name.place, "“\(name.value.prefix(60))” cannot be the \(what)",
      cure: "use \(alphabet)")
  }
}
