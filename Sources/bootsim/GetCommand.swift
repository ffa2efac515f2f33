import ArgumentParser
import Inspection

struct GetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Prints objects of a recorded run at any instant, as kubectl get does.",
    usage: "bootsim get <type>[/<name>] [<name> ...] <run> [<options>]",
    discussion: """
      The run stands before or after the rest: get csr RUN, get csr NAME NAME RUN, get RUN csr/NAME \
      node/NAME, get csr,nodes RUN.

      Resources: certificatesigningrequests (csr), nodes (no), secrets, events (ev), leases. Without \
      --namespace those of the namespace where such objects are: Secrets of kube-system, node Leases \
      of kube-node-lease, Events of default.

      Ages are by the true time, creation times by the API server's clock. What the model has not, \
      such as a node's addresses and keys, is left out or stands for itself: docs/EXPLAIN.md.

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

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Option(name: .customShort("o"), help: "What is printed: table, wide, json, yaml or name.")
  var format = ResourceView.Format.table

  func validate() throws { _ = try arguments.typed() }

  func run() throws {
    try withExitCodes {
      let (path, objects) = try arguments.typed()
      let selections = try InspectedArguments.TypedObjects.selections(objects)
      let recorded = try InspectedArguments.opened(path, at: at?.instant)
      let snapshot = try ClusterSnapshot(recorded, at: at?.instant)
      let views = ResourceViews(
        snapshot, selections, namespace: allNamespaces ? "" : namespace)
      if !views.isEmpty {
        print(views.text(format))
      } else if views.missing.isEmpty {
        if format == .table || format == .wide {
          Console.tell(views.nothingFound)
        } else {
          print(views.text(format))
        }
      }
      try KubectlError.tell(views.missing)
    }
  }
}
