import ArgumentParser

/// Prints the manual page; a test keeps docs/man/bootsim.1 equal to it.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Prints the manual page, for man(1).",
    discussion: "bootsim manual > bootsim.1; man -l bootsim.1",
    shouldDisplay: false)

  func run() throws {
    print(try ManualPage(help: Bootsim._dumpHelp()).text, terminator: "")
  }
}
