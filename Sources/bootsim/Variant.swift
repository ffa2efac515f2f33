import Scenarios

/// One of the runs that a repeated `--set` of a key asks for.
struct Variant {
  /// What sets it apart: `spec.a.b=1`.
  let name: String
  let overrides: [String]

  /// Every combination of the values of keys that are set more than once.
  static func all(of overrides: [String]) -> [Variant] {
    var keys: [String] = []
    var values: [[String]] = []
    for override in overrides {
      let key = Override(override).path ?? override
      if let index = keys.firstIndex(of: key) {
        values[index].append(override)
      } else {
        keys.append(key)
        values.append([override])
      }
    }
    var combinations: [[String]] = [[]]
    for options in values {
      combinations = combinations.flatMap { chosen in options.map { chosen + [$0] } }
    }
    return combinations.map { chosen in
      let apart = zip(chosen, values).filter { $1.count > 1 }.map { $0.0 }
      return Variant(name: apart.joined(separator: " "), overrides: chosen)
    }
  }

  /// For the name of its trace: letters, digits, `.`, `-` and `_` only.
  var fileSuffix: String {
    "-"
      + String(
        name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "_" })
  }
}
