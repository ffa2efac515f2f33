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

  @OptionGroup var looked: SnapshotArguments

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Option(name: .customShort("o"), help: "What is printed: table, wide, json, yaml or name.")
  var format = ResourceView.Format.table

  func run() throws {
    try withExitCodes {
      let views = try looked.views(ofAllNamespaces: allNamespaces)
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

extension ResourceView.Format: ExpressibleByArgument {}
