import PriorityQueue
import SimulationKernel

/// `EventQueue` beside `std::priority_queue` (C++ at -O3), same events, increments and order.
enum QueueBenchmark {
  static let runs = 9
  static let sizes = [1_000, 100_000, 1_000_000]

  /// Medians of the interleaved runs of one size and distribution.
  struct Row: Encodable {
    let increments: String
    let pending: Int
    let swiftNanosecondsPerHold: Double
    let cppNanosecondsPerHold: Double
    /// C++ time / Swift time of each pair of runs, the median of all.
    let medianRatio: Double
    let leastRatio: Double
    let greatestRatio: Double
  }

  struct Report: Encodable {
    let machine: Machine
    let memory: Memory
    let runs: Int
    let rows: [Row]
  }

  /// Resident memory of a queue filled with 32-byte events and held for two rounds.
  struct Memory: Encodable {
    let pending: Int
    let bytesPerPendingEvent: Double
  }

  static func main(options: [String]) throws {
    // First, while nothing else has touched the heap.
    let memory = measureMemory()
    var rows: [Row] = []
    for size in sizes {
      rows.append(measure(Uniform.self, pending: size))
      rows.append(measure(Exponential.self, pending: size))
      rows.append(measure(MostlyZero.self, pending: size))
    }
    let report = Report(machine: Machine(), memory: memory, runs: runs, rows: rows)
    try Results(options: options).write(report, markdown: markdown(report), name: "queue")
  }

  static func measure<I: Increment>(_ increment: I.Type, pending: Int) -> Row {
    var swiftTimes: [Double] = []
    var cppTimes: [Double] = []
    for run in 0..<runs {
      let hold = Hold(
        pending: pending, warmUp: max(pending, 100_000), steps: 1_000_000, seed: UInt64(run))
      let swift = hold.runEventQueue(increment)
      let cpp = holdPriorityQueue(
        Int32(I.code.rawValue), Int64(hold.pending), Int64(hold.warmUp), Int64(hold.steps),
        hold.seed)
      precondition(swift.checksum == cpp.checksum, "orders differ at seed \(run), \(pending)")
      swiftTimes.append(swift.seconds / Double(hold.steps) * 1e9)
      cppTimes.append(cpp.seconds / Double(hold.steps) * 1e9)
    }
    let ratios = zip(cppTimes, swiftTimes).map { $0 / $1 }.sorted()
    return Row(
      increments: I.name, pending: pending,
      swiftNanosecondsPerHold: swiftTimes.sorted()[runs / 2],
      cppNanosecondsPerHold: cppTimes.sorted()[runs / 2],
      medianRatio: ratios[runs / 2], leastRatio: ratios[0], greatestRatio: ratios[runs - 1])
  }

  static func measureMemory() -> Memory {
    let pending = 1_000_000
    let before = Machine.peakMemory()
    let hold = Hold(pending: pending, warmUp: pending, steps: pending, seed: 1)
    _ = hold.runEventQueue(Uniform.self)
    let bytes = Machine.peakMemory() - before
    return Memory(pending: pending, bytesPerPendingEvent: Double(bytes) / Double(pending))
  }

  static func markdown(_ report: Report) -> String {
    var lines = [
      "# Event queue: hold model beside std::priority_queue",
      "",
      "`make bench` writes this file. One hold pops an event and pushes one; events have 32 bytes,",
      "increments are drawn alike, and a checksum proves that both queues give the same order.",
      "Ratio: C++ time / Swift time, the median of \(report.runs) interleaved pairs of runs (and the",
      "least and the greatest). C++: \(report.machine.cxx).",
      "",
      report.machine.text,
      "",
      "| increments | pending | Swift ns/hold | C++ ns/hold | ratio |",
      "|---|--:|--:|--:|--:|",
    ]
    for row in report.rows {
      lines.append(
        "| \(row.increments) | \(row.pending) | \(row.swiftNanosecondsPerHold.rounded(to: 1))"
          + " | \(row.cppNanosecondsPerHold.rounded(to: 1)) | \(row.medianRatio.rounded(to: 2))"
          + " (\(row.leastRatio.rounded(to: 2))…\(row.greatestRatio.rounded(to: 2))) |")
    }
    let bytes = report.memory.bytesPerPendingEvent.rounded(to: 1)
    lines += [
      "", "Peak memory at \(report.memory.pending) pending, uniform: \(bytes) bytes an event.", "",
    ]
    return lines.joined(separator: "\n")
  }
}
