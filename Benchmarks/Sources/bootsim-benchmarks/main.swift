import Foundation

// One line a benchmark: `bootsim-benchmarks queue --output results`.
let commands: [(name: String, summary: String, run: ([String]) throws -> Void)] = [
  (
    "queue", "the event queue beside std::priority_queue, hold model",
    { try QueueBenchmark.main(options: $0) }
  ),
  (
    "recording", "the trace of 5,000 workers beside a bare loop of inserts",
    { try RecordingBenchmark.main(options: $0) }
  ),
  (
    "model", "5,000 workers without a trace beside the event queue alone",
    { try ModelBenchmark.main(options: $0) }
  ),
]

let arguments = Array(CommandLine.arguments.dropFirst())
if let command = commands.first(where: { $0.name == arguments.first }) {
  try command.run(Array(arguments.dropFirst()))
} else {
  print("usage: bootsim-benchmarks COMMAND [--output DIRECTORY]\n")
  for command in commands { print("  \(command.name)  \(command.summary)") }
  exit(arguments.isEmpty ? 0 : 2)
}
