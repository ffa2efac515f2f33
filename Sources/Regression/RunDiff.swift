import Inspection
import Reporting
import TraceStore

/// What is different in two recorded runs: what they were made from, where they part, what came of it.
package struct RunDiff: Sendable {
  let left: Side
  let right: Side
  /// Of texts that both were made from, those that differ.
  let inputs: [InputChange]
  /// nil: every event is the same.
  let divergence: TraceDivergence?
  /// Whether the sums of requests of waiting nodes differ.
  let waitingDiffers: Bool
  let changes: FigureChanges

  struct Side: Encodable, Sendable {
    let path: String
    let scenario: String
    let seed: UInt64
    let version: String
    let events: Int
    let digest: String
    let figures: RunFigures
  }

  /// - Throws: `TraceError` where a trace that is not of level `full` cannot be completed by playing it again.
  package init(_ left: RecordedRun, _ right: RecordedRun) throws {
    self.left = try Side(left)
    self.right = try Side(right)
    changes = FigureChanges(self.left.figures, self.right.figures)
    guard left.run.digest != right.run.digest else {
      inputs = []
      divergence = nil
      waitingDiffers = false
      return
    }
    inputs = InputChange.all(left.loaded.inputs, right.loaded.inputs)
    let (one, other) = (try left.completed(), try right.completed())
    divergence = try TraceDivergence(one.file, other.file)
    waitingDiffers = try TraceDivergence.differsInWaiting(one.file, other.file)
  }

  /// Whether all inputs, the seed and every event are the same.
  package var areEqual: Bool { left.digest == right.digest }
}

extension RunDiff.Side {
  init(_ recorded: RecordedRun) throws {
    path = recorded.path
    scenario = recorded.run.scenario
    seed = recorded.run.seed
    version = recorded.run.version
    events = recorded.run.events
    digest = recorded.run.digest
    var figures = try RunFigures(recorded.trace)
    // What limited a run of another build cannot be told: it would be played otherwise.
    figures.limitedBy = (try? recorded.world()).map { Bottleneck($0, Analysis($0).binding).text }
    self.figures = figures
  }
}
