/// What the column “Type” of the table of keys means, as JSON Schema.
///
/// The table's words are the source: a type that is not in this vocabulary is a list of words to choose from.
struct ValueType {
  /// The table's word for it.
  let text: String

  /// Keywords of JSON Schema.
  typealias Keywords = [JSON.Member]

  /// A mapping's keys are those of the table below its path; this is nil for anything else.
  var mapping: Mapping? {
    switch text {
    case "mapping": .only
    case "list of mappings": .elements
    case "duration or mapping", "duration, may be negative, or mapping",
      "number with unit, or mapping", "mapping, or a component":
      .or(String(text.split(separator: ",")[0]))
    default: nil
    }
  }

  enum Mapping: Equatable {
    case only, elements
    /// A mapping, or a plain value.
    case or(String)
  }

  /// The type that many keys share, with keys of its own in the table.
  var reference: String? {
    ["Clock", "Distribution", "ClientCertificate"].contains(text) ? text : nil
  }

  /// What the plain value of this type may be; of a type that is also a mapping, its other form.
  var keywords: Keywords {
    if let known = Self.vocabulary.first(where: { $0.text == text }) { return known.keywords }
    if text.hasPrefix("list of ") {
      return [
        .init("type", .string("array")),
        .init("items", .object([.init("enum", .strings(words(in: text.dropFirst(8))))])),
      ]
    }
    return [.init("enum", .strings(words(in: text[...])))]
  }

  /// `A, B or C`.
  private func words(in list: Substring) -> [String] {
    let words = list.split(separator: ", ").flatMap { $0.split(separator: " or ") }.map(String.init)
    precondition(
      words.allSatisfy { !$0.contains(" ") }, "“\(text)” is no type of the table of keys")
    return words
  }
}

// MARK: The vocabulary

extension ValueType {
  private static let vocabulary: [(text: String, keywords: Keywords)] = [
    ("string", string()), ("path", string()), ("base64", string()),
    ("URL", string("^https?://")),
    ("list of strings", list(string())), ("list of paths", list(string())),
    ("list of durations", list(duration) + [leastOne]),
    (
      "pattern or list of strings",
      [
        .init("type", .strings(["string", "number", "array"])), .init("items", .object(string())),
        leastOne,
      ]
    ),
    (
      "mapping of strings",
      [
        .init("type", .string("object")),
        .init("additionalProperties", .object([.init("type", .strings(["string", "number"]))])),
      ]
    ),
    ("anything", []),
    ("boolean", [.init("type", .string("boolean"))]),
    ("integer", integer()),
    (
      "rate",
      [
        .init("type", .strings(["number", "string"])),
        .init("pattern", .string(#"^([0-9]+(\.[0-9]*)?|\.[0-9]+)$"#)),
        .init("minimum", .number("0.001")), .init("maximum", .number("1000000000")),
      ]
    ),
    (
      "rate, 0 or below",
      [
        .init("type", .strings(["number", "string"])),
        .init("pattern", .string(#"^-?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"#)),
        .init("maximum", .number("1000000000")),
      ]
    ),
    ("duration", duration), ("duration or mapping", duration),
    ("duration, may be negative", signedDuration),
    ("duration, may be negative, or mapping", signedDuration),
    ("number with unit", drift), ("number with unit, or mapping", drift),
    ("time", string(#"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}"#)),
    ("HH:MM-HH:MM", string("^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$")),
    ("node/NAME or request/NAME", string("^(node|request)/")),
    ("integer, `all`, `>= N` or `<= N`", count("all|")),
    ("integer, `>= N` or `<= N`", count("")),
    ("a word of the table of actions", [.init("enum", .strings(FaultAction.all.map(\.name)))]),
    (
      "mapping, or a component",
      [
        .init("enum", .strings(["kube-apiserver", "kube-controller-manager"]))
      ]
    ),
  ]

  /// A text of digits only needs no quotes.
  private static func string(_ pattern: String? = nil) -> Keywords {
    guard let pattern else { return [.init("type", .strings(["string", "number"]))] }
    return [.init("type", .string("string")), .init("pattern", .string(pattern))]
  }

  private static func list(_ element: Keywords) -> Keywords {
    [.init("type", .string("array")), .init("items", .object(element))]
  }

  /// Of a list that says how many nodes there are.
  private static let leastOne = JSON.Member("minItems", .number("1"))

  /// Also in quotes.
  private static func integer() -> Keywords {
    [.init("type", .strings(["integer", "string"])), .init("pattern", .string("^-?[0-9]+$"))]
  }

  private static let duration = quantity(sign: "[+]?")
  private static let signedDuration = quantity(sign: "[-+]?")

  /// `0` alone needs no unit.
  private static func quantity(sign: String) -> Keywords {
    let number = #"([0-9]+(\.[0-9]*)?|\.[0-9]+)"#
    return [
      .init("type", .strings(["string", "integer"])),
      .init("pattern", .string("^\(sign)(0|(\(number)(ns|us|µs|μs|ms|s|m|h|d))+)$")),
      .init("minimum", .number("0")), .init("maximum", .number("0")),
    ]
  }

  private static let drift: Keywords = [
    .init("type", .strings(["string", "integer"])),
    .init("pattern", .string(#"^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)pp[mb])$"#)),
    .init("minimum", .number("0")), .init("maximum", .number("0")),
  ]

  private static func count(_ words: String) -> Keywords {
    [
      .init("type", .strings(["string", "integer"])), .init("minimum", .number("0")),
      .init("pattern", .string("^(\(words)([<>]= *)?[0-9]+)$")),
    ]
  }
}
