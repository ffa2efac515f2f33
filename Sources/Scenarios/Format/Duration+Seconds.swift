import SimulationKernel

extension Duration {
  /// As people and other programs read it; the simulation itself knows no fractions.
  package var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension Instant {
  /// Since the start of the run.
  package var seconds: Double { Double(nanoseconds) / 1e9 }
}
