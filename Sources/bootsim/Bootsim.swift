import ArgumentParser

@main
struct Bootsim: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootsim",
    abstract: "Plays how Kubernetes nodes join their cluster: kubelet TLS bootstrapping.",
    version: bootsimVersion,
    subcommands: [
      RunCommand.self, ExplainCommand.self, GetCommand.self, DescribeCommand.self, LogsCommand.self,
      ReportCommand.self, DiffCommand.self, ExportCommand.self, CheckCommand.self,
      ListCommand.self, NewCommand.self, LintCommand.self, SchemaCommand.self,
      CalibrateCommand.self, ConformanceCommand.self, VersionCommand.self, ManualCommand.self,
    ])
}

/// The program's version; traces carry it.
let bootsimVersion = "0.1.0"
