/// `<domain>/<path>`, where the domain has two labels or more.
///
/// Source: E.3; pkg/apis/core/validation, `ValidateSignerName`.
enum SignerNameRule {
  static func errors(of name: String) -> [String] {
    let segments = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard segments.count == 2 else {
      return [
        "Invalid value: \(GoString.quoted(name)): must be a fully qualified domain and path of the form "
          + "'example.com/signer-name'"
      ]
    }
    var errors = tooLong(segments[0], most: mostOfDomain)
    let labels = segments[0].split(separator: ".", omittingEmptySubsequences: false)
    errors += invalid(labels, of: segments[0], most: 63, text: label)
    if labels.count < 2 {
      errors.append(
        "Invalid value: \(GoString.quoted(segments[0])): should be a domain with at least two segments "
          + "separated by dots")
    }
    let parts = segments[1].split(separator: ".", omittingEmptySubsequences: false)
    errors += invalid(parts, of: segments[1], most: 253, text: subdomain)
    return errors + tooLong(name, most: most)
  }

  private static let mostOfDomain = 253
  /// A domain of 253 bytes, and a path of a label of 63 and a subdomain of 253.
  private static let most = mostOfDomain + 1 + 63 + 1 + 253

  private static func tooLong(_ text: String, most: Int) -> [String] {
    text.utf8.count > most ? ["Too long: may not be more than \(most) bytes"] : []
  }

  /// What is wrong with the first label that is not valid.
  private static func invalid(
    _ labels: [Substring], of segment: String, most: Int, text: String
  ) -> [String] {
    for label in labels {
      let problems =
        (label.utf8.count > most ? ["must be no more than \(most) bytes"] : [])
        + (isLabel(label) ? [] : [text])
      if !problems.isEmpty {
        return problems.map {
          "Invalid value: \(GoString.quoted(segment)): validating label "
            + "\(GoString.quoted(String(label))): \($0)"
        }
      }
    }
    return []
  }

  /// A DNS subdomain of RFC 1123, as names of nodes are.
  static func isSubdomain(_ text: String) -> Bool { subdomainProblems(of: text).isEmpty }

  static func subdomainProblems(of text: String) -> [String] {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return (text.utf8.count > mostOfDomain ? ["must be no more than \(mostOfDomain) bytes"] : [])
      + (labels.allSatisfy(isLabel) ? [] : [subdomain])
  }

  /// RFC 1123.
  private static func isLabel(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return first.isLowerAlphanumeric && last.isLowerAlphanumeric
      && text.utf8.allSatisfy { $0.isLowerAlphanumeric || $0 == UInt8(ascii: "-") }
  }

  private static let label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    + "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "
    + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  private static let subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    + "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    + "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
}
