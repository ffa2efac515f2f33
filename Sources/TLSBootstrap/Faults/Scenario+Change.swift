import SimulationKernel

extension Scenario {
  /// What a standing fault makes of it when it begins; as it is for a fault that acts on components.
  public func changed(by timed: TimedFault) -> Scenario {
    var changed = self
    timed.fault.change(&changed, began: .zero + timed.at)
    return changed
  }
}
