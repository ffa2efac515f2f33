import ArgumentParser
import Inspection

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Describes objects of a recorded run at any instant, as kubectl describe does.",
    usage: "bootsim describe <type>[/<name>] [<name> ...] <run> [<options>]",
    discussion: """
      The run stands before or after the rest: describe node worker-1 RUN, describe RUN csr/NAME. \
      Without a name every object of the type is described.

      Exit codes: 0 good, 1 not found, 64 usage, 65 a trace that cannot be used, 70 a bug of bootsim, \
      74 a trace that cannot be read.
      """)

  @OptionGroup var arguments: InspectedArguments

  @Option(
    parsing: .unconditional,
    help: "When, since the start of the run, as 90s or 1h30m; without it the end.",
    transform: RunInstant.parsed)
  var at: RunInstant?

  @Option(name: .shortAndLong, help: "Namespace.")
  var namespace: String?

  func validate() throws { _ = try arguments.typed() }

  func run() throws {
    try withExitCodes {
      let (path, objects) = try arguments.typed()
      let selections = try InspectedArguments.TypedObjects.selections(objects)
      let recorded = try InspectedArguments.opened(path, at: at?.instant)
      let snapshot = try ClusterSnapshot(recorded, at: at?.instant)
      let views = ResourceViews(snapshot, selections, namespace: namespace)
      if !views.isEmpty {
        print(views.descriptions)
      } else if views.missing.isEmpty {
        Console.tell(views.nothingFound)
      }
      try KubectlError.tell(views.missing)
    }
  }
}
