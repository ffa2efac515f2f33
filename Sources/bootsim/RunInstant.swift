import ArgumentParser
import Scenarios
import SimulationKernel

/// A duration of the command line: `90s`, `1h30m`.
struct RunInstant: ExpressibleByArgument {
  let instant: Instant

  init?(argument: String) {
    guard let duration = try? Quantity.duration(argument), duration >= .zero else { return nil }
    instant = Instant.zero + duration
  }
}
