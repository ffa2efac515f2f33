import ArgumentParser
import Inspection
import Scenarios
import TraceStore

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Says why nodes of a recorded run are not Ready, and what limited how fast they joined.",
    usage: "bootsim explain [<node>] <run> [<options>]",
    discussion: """
      The node is node/NAME, NAME or node NAME, before or after the run.

      With a node: what is seen of it on the node and in the server's logs, from the symptom to the \
      root cause, whose clock decided, what would have had to be different, and the fix; of a node \
      that is Ready, where its time went. Without one: all nodes by root cause, largest first, and \
      which limiter or queue bound, from when to when.

      The run is played again from the inputs in the trace, so that a trace of any level will do. \
      docs/EXPLAIN.md has the causes.

      Exit codes: 0 good, 64 usage, 65 a trace or a node that cannot be used, 70 a bug of bootsim, \
      74 input or output failed.
      """)

  @OptionGroup var arguments: InspectedArguments

  @Flag(help: "Also plays the fix of each cause, and twice what limited, and compares.")
  var whatIf = false

  @OptionGroup var printed: PrintedFormat

  func validate() throws { _ = try arguments.parsed().object.node() }

  func run() throws {
    try withExitCodes {
      let (path, object) = try arguments.parsed()
      let node = try object.node()
      let recorded = try InspectedArguments.opened(path)
      if let node {
        try explain(recorded, node: node)
      } else {
        try explain(recorded)
      }
    }
  }

  private func explain(_ recorded: RecordedRun, node: String) throws {
    let explanation = try NodeExplanation(recorded, node: node)
    let played = whatIf ? try WhatIf.all(recorded, explanation) : []
    switch printed.format {
    case .summary: print(text(explanation.text, played))
    case .json: print(try explanation.json(played))
    }
  }

  private func text(_ explanation: String, _ played: [WhatIf]) -> String {
    let told = whatIf && played.isEmpty ? [WhatIf.nothing] : played.map(\.text)
    return ([explanation] + told).joined(separator: "\n\n")
  }

  private func explain(_ recorded: RecordedRun) throws {
    let explanation = try RunExplanation(recorded)
    let played = whatIf ? WhatIf.all(recorded, explanation) : []
    switch printed.format {
    case .summary: print(text(explanation.text, played))
    case .json: print(try explanation.json(played))
    }
  }
}
