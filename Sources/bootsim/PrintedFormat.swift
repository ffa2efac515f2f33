import ArgumentParser

/// `-o` of the commands that print a summary.
struct PrintedFormat: ParsableArguments {
  @Option(
    name: .customShort("o"),
    help: ArgumentHelp("What is printed: summary or json.", valueName: "format"))
  var format = OutputFormat.summary
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case summary, json }
