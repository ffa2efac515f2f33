import Scenarios
import TLSBootstrap

extension ScenarioErrors {
  /// Why a scenario cannot be played to its end; nil: it can.
  package init?(_ ending: World.Ending, of world: World, file: String) {
    guard ending == .tooManyEvents else { return nil }
    self.init([
      ScenarioError(
        at: Place(file: file),
        "more than \(Quantity.count(Int(world.mostEvents))) events, the most that a trace can number, by "
          + Text.clock(world.now),
        cure: "shorten `spec.duration`, or give fewer nodes")
    ])
  }
}
