import ArgumentParser
import Inspection

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Describes an object of a recorded run at any instant, as kubectl describe does.",
    discussion: """
      The resource and the name stand before the run: bootsim describe node worker-1 RUN. Exit codes: 0 good, 1 not found, 64 usage, 65 a trace \
      that cannot be used, 70 a bug of bootsim.
      """)

  @Argument(help: "What: csr, node, secret, event or lease.")
  var resource: String

  @Argument(help: "The object's name.")
  var name: String

  @OptionGroup var recording: RecordedTrace

  @Option(help: "When, since the start of the run, as 90s or 1h30m; without it the end.")
  var at: RunInstant?

  @Option(name: .shortAndLong, help: "Namespace.")
  var namespace: String?

  func run() throws {
    try withExitCodes {
      let typed = try KubectlError.resource(resource)
      let recorded = try recording.opened(at: at?.instant)
      let snapshot = try ClusterSnapshot(recorded, at: at?.instant)
      do {
        let view = try ResourceView(snapshot, typed.resource, name: name, namespace: namespace)
        print(view.descriptions)
      } catch let error as ResourceView.NotFound {
        throw KubectlError.fail(error.description)
      }
    }
  }
}
