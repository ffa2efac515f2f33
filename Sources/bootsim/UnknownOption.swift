import ArgumentParser
import Scenarios

/// Options that a command does not have: told before anything else, with a hint where one is near.
///
/// ArgumentParser's own hint may have nothing in common with what was typed (`--force`: `--trace`), and it looks
/// at what a command makes of its other words first.
enum UnknownOption {
  /// What is wrong; nil: nothing.
  ///
  /// - Parameter words: what follows the command.
  static func problem(
    in words: some Collection<String>, of command: any ParsableCommand.Type
  ) throws -> String? {
    let known = try ManualPage.arguments(of: command)
    return GivenOption.all(in: words, among: known).first { $0.argument == nil }.map { given in
      "Unknown option '\(given.name.prefix(100))'"
        + hint(to: given.name, among: known, of: command._commandName)
    }
  }

  private static func hint(
    to name: String, among known: [ManualPage.Argument], of command: String
  ) -> String {
    if let cure = kubectl.first(where: { $0.commands.contains(command) && $0.names.contains(name) })
    {
      return ": \(cure.text)"
    }
    let names = known.flatMap { $0.names ?? [] }.map(\.text).filter { $0.hasPrefix("--") }
    let near =
      NearestKey.nearMiss(name, of: names)
      ?? (name.count > 4 ? names.first { $0.hasPrefix(name) } : nil)
    return near.map { ". Did you mean '\($0)'?" } ?? ""
  }

  /// What to give in place of options of kubectl, and of others that one looks for, that a command does not have,
  /// or has in another way.
  private static let kubectl: [(commands: [String], names: [String], text: String)] = [
    (
      ["get", "describe"], ["-l", "--selector", "--field-selector"],
      "give names, or filter what -o json prints, with jq"
    ),
    (["get"], ["--sort-by"], "sort what -o json prints, with jq"),
    (["get"], ["--show-labels", "-L", "--label-columns"], "-o yaml has the labels"),
    (["get"], ["--for"], "bootsim describe node/NAME has a node's events"),
    (
      ["get"], ["-w", "--watch", "--watch-only"],
      "a recorded run does not change; --at shows it at any instant"
    ),
    (["logs"], ["-f", "--follow"], "a recorded run does not change; the log is all of it"),
    (["logs"], ["--tail", "-n"], "give --since, or take the last lines with tail"),
    (
      ["run", "lint", "check"], ["-f", "--file", "--filename"],
      "the scenario stands without an option"
    ),
    (["run"], ["--nodes", "--count"], "give --set 'spec.nodes[0].count=NUMBER'"),
    (["run"], ["--duration"], "give --set spec.duration=TIME, such as 2h"),
    (["run"], ["-q", "--quiet"], "with >/dev/null only errors are printed"),
    (["report", "export"], ["-f"], "the trace stands without an option"),
    (["explain", "diff", "check", "list", "lint", "version"], ["--output"], "give -o"),
  ]
}
