import ArgumentParser
import Inspection
import SimulationKernel

struct LogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Prints the log of a node's kubelet, as journalctl -u kubelet would have it.",
    discussion: """
      Lines in klog's format with the words, files and lines of a kubelet v1.36.2 at -v=4, on the \
      node's own clock; only of what the model plays. The process number is 1000 and the number of \
      the start.

      Exit codes: 0 good, 64 usage, 65 a trace or a node that cannot be used, 70 a bug of bootsim.
      """)

  @Argument(help: "The node, as node/NAME or NAME.")
  var node: String

  @OptionGroup var recording: RecordedTrace

  @Option(help: "Only lines from here on, since the start of the run, as 90s or 1h30m.")
  var since: RunInstant?

  @Option(help: "Only lines up to here, since the start of the run.")
  var until: RunInstant?

  func run() throws {
    try withExitCodes {
      let recorded = try recording.opened(at: since?.instant)
      let history = try NodeHistory(recorded, node: recorded.node(named: node))
      let from = since?.instant ?? .zero
      let to = until?.instant ?? .never
      for line in KubeletLog(history).lines where from <= line.instant && line.instant <= to {
        print(line.text)
      }
    }
  }
}
