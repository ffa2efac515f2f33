import ArgumentParser
import Scenarios
import SimulationKernel

/// A duration of the command line: `90s`, `1h30m`.
struct RunInstant {
  let instant: Instant

  /// - Throws: `ValidationError`.
  @Sendable
  static func parsed(_ argument: String) throws -> RunInstant {
    do {
      let duration = try Quantity.duration(argument)
      if duration >= .zero { return RunInstant(instant: Instant.zero + duration) }
    } catch {
      throw ValidationError("\(error.problem); \(error.cure)")
    }
    throw ValidationError("give a time since the start of the run, such as 90s or 1h30m")
  }
}
