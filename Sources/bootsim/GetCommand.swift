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

      Exit codes: 0 good, 1 not found, 64 usage, or a type that no run has, 65 a trace \
      that cannot be used, 70 a bug of bootsim, \
      74 a trace that cannot be read.
      """)

  @OptionGroup var looked: SnapshotArguments

  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: ArgumentHelp(
      "What is printed: table, wide, json, yaml or name; without it table.", valueName: "format"),
    completion: .list(ResourceView.Format.allCases.map(\.rawValue)), transform: Self.format)
  var format = ResourceView.Format.table

  @Flag(help: "Tables without their first line.")
  var noHeaders = false

  func run() throws {
    try withExitCodes {
      let views = try looked.views()
      if !views.isEmpty {
        print(views.text(format, showsHeaders: !noHeaders))
      } else if views.missing.isEmpty {
        switch format {
        case .table, .wide: Console.tell(views.nothingFound)
        case .json, .yaml: print(views.text(format))
        case .name: break
        }
      }
      try KubectlError.tell(views.missing)
    }
  }

  /// - Throws: `ValidationError`, with what does the same as kubectl's other formats.
  @Sendable
  private static func format(_ word: String) throws -> ResourceView.Format {
    if let format = ResourceView.Format(rawValue: word) { return format }
    let known = ResourceView.Format.allCases.map(\.rawValue)
    let isTemplate = ["jsonpath", "custom-columns", "go-template", "template"].contains {
      word.hasPrefix($0)
    }
    throw ValidationError(
      "give one of \(known.joined(separator: ", "))"
        + (isTemplate ? "; for parts of objects pipe -o json into jq" : ""))
  }
}
