import ArgumentParser
import Conformance

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Plays the set-ups of recordings of a real control plane and compares.",
    discussion: """
      The folder has throughput/*.csv, collapse/*.csv, audit/*.jsonl, failure-answers.jsonl, \
      kubelet-logs/, rotation-deadline-draws.csv and tokencleaner-delay.csv. Exit codes: 0 good, 1 a bound is broken, 74 a recording cannot \
      be read.
      """)

  @Argument(help: "The folder of the recordings.", completion: .directory)
  var folder = "Tests/ConformanceTests/Recordings"

  @OptionGroup var printed: PrintedFormat

  func run() throws {
    try withExitCodes {
      let conformance = try Conformance(Recordings(folder: folder))
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
