import ArgumentParser
import Foundation

/// An option on a command line.
struct GivenOption {
  /// As it was typed, without its value.
  let name: String
  /// nil: the command has no such option.
  let argument: ManualPage.Argument?

  /// - Parameter words: what follows the command.
  static func all(
    in words: some Collection<String>, among known: [ManualPage.Argument]
  ) -> [GivenOption] {
    var given: [GivenOption] = []
    var rest = words.prefix { $0 != "--" }[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word.count > 1 else { continue }
      let name = String(word.prefix { $0 != "=" })
      if let argument = known.first(where: { $0.has(name) }) {
        given.append(GivenOption(name: name, argument: argument))
        if argument.kind == "option", argument.has(word) { rest = rest.dropFirst() }
      } else {
        // `-oyaml` and `-An`.
        let letter = String(name.prefix(2))
        let argument = letter == "--" ? nil : known.first { $0.has(letter) }
        given.append(GivenOption(name: argument == nil ? name : letter, argument: argument))
      }
    }
    return given
  }
}

extension ManualPage {
  /// What ArgumentParser knows about the arguments of a command.
  static func arguments(of command: any ParsableCommand.Type) throws -> [Argument] {
    let help = Data(command._dumpHelp().utf8)
    return try JSONDecoder().decode(Help.self, from: help).command.arguments ?? []
  }
}

extension ManualPage.Argument {
  fileprivate func has(_ name: String) -> Bool { names?.contains { $0.text == name } ?? false }
}
