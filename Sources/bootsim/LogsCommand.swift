import ArgumentParser
import Inspection
import SimulationKernel

struct LogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Prints the log of a node's kubelet, as journalctl -u kubelet would have it.",
    usage: "bootsim logs <node> <run> [<options>]",
    discussion: """
      The node is node/NAME, NAME or node NAME, before or after the run.

      Lines in klog's format with the words, files and lines of a kubelet v1.36.2 at -v=4, on the \
      node's own clock; only of what the model plays. The process number is 1000 and the number of \
      the start.

      Exit codes: 0 good, 64 usage, 65 a trace or a node that cannot be used, 70 a bug of bootsim, \
      74 a trace that cannot be read.
      """)

  @OptionGroup var arguments: InspectedArguments

  @Option(
    parsing: .unconditional,
    help: "Only lines from here on, since the start of the run, as 90s or 1h30m.",
    transform: RunInstant.parsed)
  var since: RunInstant?

  @Option(
    parsing: .unconditional,
    help: "Only lines up to here, since the start of the run.",
    transform: RunInstant.parsed)
  var until: RunInstant?

  func validate() throws {
    _ = try parsed()
    if let since, let until, until.instant < since.instant {
      throw ValidationError("--until is before --since; give a later time")
    }
  }

  private func parsed() throws -> (run: String, node: String) {
    let (run, object) = try arguments.parsed()
    guard let node = try object.node() else {
      throw ValidationError("nothing says which node; give node/NAME beside the run")
    }
    return (run, node)
  }

  func run() throws {
    try withExitCodes {
      let (path, node) = try parsed()
      let recorded = try InspectedArguments.opened(path, at: since?.instant)
      let history = try NodeHistory(recorded, node: recorded.node(named: node))
      let from = since?.instant ?? .zero
      let to = until?.instant ?? .never
      for line in KubeletLog(history).lines where from <= line.instant && line.instant <= to {
        print(line.text)
      }
    }
  }
}
