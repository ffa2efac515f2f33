import ArgumentParser
import Scenarios
import SimulationKernel

/// A duration of the command line: `90s`, `1h30m`.
struct RunInstant {
  let instant: Instant

  /// - Throws: `ValidationError`.
  @Sendable
  static func parsed(_ argument: String) throws -> RunInstant {
    guard let duration = try? Quantity.duration(argument), duration >= .zero else {
      throw ValidationError("give a time since the start of the run, such as 90s or 1h30m")
    }
    return RunInstant(instant: Instant.zero + duration)
  }
}
