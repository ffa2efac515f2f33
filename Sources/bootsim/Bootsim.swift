import ArgumentParser
import Foundation
import Scenarios

@main
struct Bootsim: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootsim",
    abstract: "Plays how Kubernetes nodes join their cluster: kubelet TLS bootstrapping.",
    discussion: """
      Begin with bootsim new, bootsim run and bootsim explain. Completion for bash, zsh and fish: bootsim \
      --generate-completion-script bash.
      """,
    version: bootsimVersion,
    subcommands: [
      RunCommand.self, ExplainCommand.self, GetCommand.self, DescribeCommand.self, LogsCommand.self,
      ReportCommand.self, DiffCommand.self, ExportCommand.self, CheckCommand.self,
      ListCommand.self, NewCommand.self, LintCommand.self, SchemaCommand.self,
      CalibrateCommand.self, ConformanceCommand.self, VersionCommand.self, ManualCommand.self,
    ])

  static func main() {
    Console.occupyStandardFiles()
    // A file that may not grow is then an error of the write, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    let words = CommandLine.arguments.dropFirst()
    if let word = words.first == "help" ? words.dropFirst().first : words.first,
      let problem = unknownCommand(word)
    {
      Console.tell("Error: \(problem)\nUsage: bootsim <subcommand>\n  See 'bootsim --help'.")
      Foundation.exit(64)
    }
    if let problem = unknownShell(words) {
      Console.tell("Error: \(problem)\nUsage: bootsim <subcommand>\n  See 'bootsim --help'.")
      Foundation.exit(64)
    }
    let given = configuration.subcommands.first { $0._commandName == words.first }
    do {
      if let given, let problem = try RepeatedOptions.problem(in: words.dropFirst(), of: given) {
        let name = given._commandName
        Console.tell(
          "Error: \(problem)\nUsage: \(usageString(for: given))\n"
            + "  See 'bootsim \(name) --help' for more information.")
        Foundation.exit(64)
      }
      var command = try parseAsRoot()
      try command.run()
      try withExitCodes {}
    } catch {
      end(error, of: given ?? self, given: given == nil ? words : words.dropFirst())
    }
  }

  /// Prints what was asked for or what is wrong, and ends with the exit code.
  private static func end(
    _ error: any Error, of command: any ParsableCommand.Type, given words: ArraySlice<String>
  ) -> Never {
    let code = exitCode(for: error)
    var text = fullMessage(for: error)
    if code.rawValue == 64, let usage = text.range(of: "\nUsage: "),
      let problem = try? UnknownOption.problem(in: words, of: command)
    {
      text = "Error: \(problem)" + text[usage.lowerBound...]
    }
    guard code.isSuccess else {
      if !text.isEmpty { Console.tell(text) }
      Foundation.exit(code.rawValue)
    }
    do {
      try withExitCodes { if !text.isEmpty { print(text) } }
    } catch {
      Foundation.exit(exitCode(for: error).rawValue)
    }
    Foundation.exit(0)
  }

  /// What does what other programs' commands do.
  private static let others: [(words: [String], cure: String)] = [
    (["completion"], "give --generate-completion-script bash, zsh or fish"),
    (["events"], "bootsim get events RUN shows them"),
    (["apply", "play", "simulate", "start"], "bootsim run FILE plays a scenario"),
    (["test", "verify"], "bootsim check PATHS plays scenarios and compares with golden files"),
    (["validate"], "bootsim lint PATHS looks at scenarios without playing"),
    (["init", "create"], "bootsim new NAME writes a scenario"),
    (["compare"], "bootsim diff RUN RUN compares two runs"),
    (["view", "open", "show"], "bootsim report RUN writes a page for the browser"),
  ]

  /// What is wrong with a shell for which there is no completion; nil: nothing, or completion is not asked for.
  private static func unknownShell(_ words: ArraySlice<String>) -> String? {
    let option = "--generate-completion-script"
    guard let first = words.first, first.prefix(while: { $0 != "=" }) == option else { return nil }
    let shell =
      first == option ? words.dropFirst().first : String(first.dropFirst(option.count + 1))
    guard let shell, !["bash", "zsh", "fish"].contains(shell) else { return nil }
    return "there is no completion for “\(shell.prefix(100))”; give bash, zsh or fish"
  }

  /// What is wrong with a first word that is no command; nil: nothing, or it is an option.
  private static func unknownCommand(_ word: String) -> String? {
    let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard !word.hasPrefix("-"), !known.contains(word) else { return nil }
    let nearest = NearestKey.nearest(to: word, among: known)
    if let cure = others.first(where: { $0.words.contains(word) })?.cure {
      return "there is no command “\(word)”; \(cure)"
    }
    return "there is no command “\(word.prefix(100))”"
      + (nearest.map { "; did you mean `\($0)`?" } ?? "")
  }
}

/// The program's version; traces carry it.
let bootsimVersion = "0.1.0"
