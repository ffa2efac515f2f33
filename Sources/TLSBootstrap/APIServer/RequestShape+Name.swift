/// The name of a CSR of another client (protocol.md A.5, E.1, E.3).
extension RequestShape {
  /// How much of `generateName` a generated name keeps, so that it has 63 bytes at most.
  ///
  /// 58. Source: apiserver pkg/storage/names/generate.go, `MaxGeneratedNameLength`.
  private static let longestPrefix = 58

  /// The one that was given, or else made of this number; empty: neither was asked for.
  func name(generating suffix: UInt64) -> String {
    if let name { return name }
    if generateName.isEmpty { return "" }
    return String(decoding: generateName.utf8.prefix(Self.longestPrefix), as: UTF8.self)
      + GeneratedSuffix.text(of: suffix)
  }

  /// What a refusal by admission calls it, before there is a generated name.
  ///
  /// Source: apiserver pkg/admission/errors.go, `extractResourceName`.
  var nameAtAdmission: String {
    let name = name ?? generateName
    return name.isEmpty ? "Unknown" : name
  }

  /// E.3: names are segments of a path.
  ///
  /// Source: apimachinery pkg/api/validation/objectmeta.go `ValidateObjectMetaAccessor`;
  /// pkg/api/validate/content/path.go.
  func nameErrors(_ name: String) -> [String] {
    let relative =
      [".", ".."].contains(name)
      ? ["metadata.name: Invalid value: \"\(name)\": may not be '\(name)'"] : []
    return Self.segmentErrors("generateName", generateName) + relative
      + Self.segmentErrors("name", name)
  }

  private static func segmentErrors(_ field: String, _ value: String) -> [String] {
    ["/", "%"].filter(value.contains).map {
      "metadata.\(field): Invalid value: \(GoString.quoted(value)): may not contain '\($0)'"
    }
  }
}
