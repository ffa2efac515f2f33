import ArgumentParser

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
    let known = try ManualPage.arguments(of: command)
    var seen: Set<String> = []
    for given in GivenOption.all(in: words, among: known) {
      guard let option = given.argument, option.kind == "option", !option.isRepeating,
        let first = option.names?.first?.text
      else { continue }
      if !seen.insert(first).inserted { return "\(given.name) is given twice; give it once" }
    }
    return nil
  }
}
