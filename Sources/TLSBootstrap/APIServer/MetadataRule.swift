/// A key of `metadata.labels` or `metadata.annotations` with its value, as written.
public struct MetadataEntry: Hashable, Sendable {
  public let key: String
  public let value: String

  public init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}

/// What labels and annotations may be (protocol.md E.3).
///
/// Source: apimachinery pkg/apis/meta/v1/validation `ValidateLabels`; pkg/api/validation/objectmeta.go
/// `ValidateAnnotations`; pkg/util/validation/validation.go `IsQualifiedName`, `IsValidLabelValue`.
enum MetadataRule {
  static func errors(ofLabels labels: [MetadataEntry]) -> [String] {
    let field = "metadata.labels: "
    return labels.flatMap { label in
      invalid(field, label.key, keyProblems(of: label.key))
        + invalid(field, label.value, valueProblems(of: label.value))
    }
  }

  /// The case of a key's letters counts for nothing.
  static func errors(ofAnnotations annotations: [MetadataEntry]) -> [String] {
    let field = "metadata.annotations: "
    let size = annotations.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    return annotations.flatMap { invalid(field, $0.key, keyProblems(of: $0.key.lowercased())) }
      + (size > mostBytes ? ["\(field)Too long: may not be more than \(mostBytes) bytes"] : [])
  }

  /// Of all annotations of an object, 256 KiB. Source: objectmeta.go `TotalAnnotationSizeLimitB`.
  private static let mostBytes = 256 * 1_024
  /// Of a name or a value. Source: validation.go `qualifiedNameMaxLength`, `LabelValueMaxLength`.
  private static let most = 63

  private static func invalid(_ field: String, _ value: String, _ problems: [String]) -> [String] {
    problems.map { "\(field)Invalid value: \(GoString.quoted(value)): \($0)" }
  }

  private static func keyProblems(of key: String) -> [String] {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let name = parts.last else {
      return [
        "a qualified name \(nameText) with an optional DNS subdomain prefix and '/' (e.g. "
          + "'example.com/MyName')"
      ]
    }
    var problems: [String] = []
    if parts.count == 2 {
      problems =
        parts[0].isEmpty
        ? ["prefix part must be non-empty"]
        : SignerNameRule.subdomainProblems(of: parts[0]).map { "prefix part \($0)" }
    }
    if name.isEmpty {
      problems.append("name part must be non-empty")
    } else if name.utf8.count > most {
      problems.append("name part \(tooLong)")
    }
    return problems + (isName(name) ? [] : ["name part \(nameText)"])
  }

  private static func valueProblems(of value: String) -> [String] {
    (value.utf8.count > most ? [tooLong] : [])
      + (value.isEmpty || isName(value) ? [] : [valueText])
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    byte.isLowerAlphanumeric || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  private static let tooLong = "must be no more than \(most) bytes"
  private static let characters =
    "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    + "alphanumeric character"
  private static let nameText =
    "must \(characters) (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
  private static let valueText =
    "a valid label must be an empty string or \(characters) (e.g. 'MyValue',  or 'my_value',  or "
    + "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
}
