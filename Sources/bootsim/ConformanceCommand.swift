import ArgumentParser
import Conformance

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Plays the set-ups of recordings of a real control plane and compares.",
    discussion: """
      The folder has throughput/*.csv, collapse/*.csv, audit/*.jsonl, failure-answers.jsonl, \
      kubelet-logs/, rotation-deadline-draws.csv and tokencleaner-delay.csv, or some of them. A run of \
      your own is throughput/NAME.csv, as bootsim calibrate --csr-times makes it of an audit log, and \
      throughput/NAME.yaml, the scenario that plays its set-up.

      Exit codes: 0 good, 1 a bound is broken, 65 a mistake in a scenario, 70 a bug of bootsim, 74 a \
      recording cannot be read.
      """)

  @Argument(help: "The folder of the recordings.", completion: .directory)
  var folder = "Tests/ConformanceTests/Recordings"

  @OptionGroup var printed: PrintedFormat

  func run() throws {
    try withExitCodes {
      let conformance = try Conformance(Recordings(folder: folder))
      for note in conformance.notes { Console.tell("note: \(note)") }
      switch printed.format {
      case .summary: print(conformance.text)
      case .json: print(try conformance.json())
      }
      for check in conformance.broken {
        Console.tell(
          "\(check.subject): \(check.quantity): recorded \(check.recorded), simulated "
            + "\(check.simulated), bound \(check.bound)")
      }
      if !conformance.broken.isEmpty { throw ExitCode(1) }
    }
  }
}
