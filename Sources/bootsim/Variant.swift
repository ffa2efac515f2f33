import Scenarios

/// One of the runs that a repeated `--set` of a key asks for.
struct Variant {
  /// What sets it apart: `spec.a.b=1`.
  let name: String
  let overrides: [String]
  /// For the name of its trace: letters, digits, `.`, `-` and `_` only, and of each run another one.
  let fileSuffix: String

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
    var taken: Set<String> = []
    return combinations.map { chosen in
      let apart = zip(chosen, values).filter { $1.count > 1 }.map { $0.0 }
      let name = apart.joined(separator: " ")
      let start = plain(name)
      var suffix = start
      var number = 1
      while !taken.insert(suffix.lowercased()).inserted {
        number += 1
        suffix = "\(start)-\(number)"
      }
      return Variant(name: name, overrides: chosen, fileSuffix: suffix)
    }
  }

  /// File systems take names of 255 bytes; those of the scenario and of a trace before it is complete need some.
  private static let mostCharacters = 120

  private static func plain(_ name: String) -> String {
    let isPlain = { (character: Character) in
      character.isASCII && (character.isLetter || character.isNumber || character == ".")
    }
    return "-" + String(name.prefix(mostCharacters).map { isPlain($0) ? $0 : "_" })
  }
}
