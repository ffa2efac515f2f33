/// Words for a shell.
package enum ShellWord {
  /// As it is, or in single quotes.
  package static func quoted(_ word: String) -> String {
    let plain = word.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "/._-=:,@%+".contains($0))
    }
    if plain && !word.isEmpty { return word }
    return "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// `--set key=value` for each override.
  package static func options(_ overrides: [String]) -> [String] {
    overrides.map { "--set \(quoted($0))" }
  }
}
