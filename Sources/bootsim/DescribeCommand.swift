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

  @OptionGroup var looked: SnapshotArguments

  @Flag(help: "Events of several objects, too; those of a single one are always shown.")
  var showEvents = false

  func run() throws {
    try withExitCodes {
      let views = try looked.views()
      if !views.isEmpty {
        print(views.descriptions(showsEvents: showEvents))
      } else if views.missing.isEmpty {
        Console.tell(views.nothingDescribed)
      }
      try KubectlError.tell(views.missing)
    }
  }
}
