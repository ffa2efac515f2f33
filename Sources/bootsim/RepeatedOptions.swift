import ArgumentParser
import Foundation

/// Options that were given twice though they take one value: ArgumentParser keeps the last of them without a
/// word.
enum RepeatedOptions {
  /// What is wrong; nil: nothing.
  ///
  /// - Parameter words: what follows the command.
  static func problem(
    in words: some Collection<String>, of command: any ParsableCommand.Type
  ) throws -> String? {
    // The description takes time, and most command lines need none: `-o` and `--output` begin alike.
    let initials = words.prefix { $0 != "--" }.filter { $0.hasPrefix("-") }
      .map { $0.drop { $0 == "-" }.prefix(1) }
    guard Set(initials).count < initials.count else { return nil }
    let help = Data(command._dumpHelp().utf8)
    let known = try JSONDecoder().decode(ManualPage.Help.self, from: help).command.arguments ?? []
    var given: Set<String> = []
    var rest = words.prefix { $0 != "--" }[...]
    while let word = rest.popFirst() {
      let name = name(of: word)
      guard
        let option = known.first(where: { argument in
          argument.kind == "option" && argument.names?.contains { $0.text == name } == true
        })
      else { continue }
      if name == word { rest = rest.dropFirst() }
      guard !option.isRepeating, let first = option.names?.first?.text else { continue }
      if !given.insert(first).inserted { return "\(name) is given twice; give it once" }
    }
    return nil
  }

  /// Without a value behind `=`.
  private static func name(of word: String) -> String { String(word.prefix { $0 != "=" }) }
}
