import BareInserts
import Foundation

/// A trace's way into its file, beside a bare loop that inserts the same rows by SQLite's best recipe.
enum RecordingBenchmark {
  static let runs = 11
  static let scenario = "scenarios/kubeadm-5000-workers.yaml"
  static let tables = ["event", "waiting_request"]

  /// Medians over the interleaved pairs; times in seconds.
  struct Report: Encodable {
    let machine: Machine
    let sqlite: String
    let runs: Int
    let events: Int
    /// Events and waiting requests; the recorder writes those of other tables besides.
    let rows: Int
    let fileBytes: Int
    let rowsPerSecond: Double
    let bareRowsPerSecond: Double
    /// Of each pair, the median of all: bare time / recorder's time for the rows.
    let rate: Spread
    /// Of each pair, the median of all: recorder's whole time / the bare loop's.
    let whole: Spread
    let recordingSeconds: Double
    let tablesSeconds: Double
    let indexesSeconds: Double
    let renameSeconds: Double
    let bareSeconds: Double
    let bareCloseSeconds: Double
  }

  static func main(options: [String]) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("bootsim-recording-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try RecordedRun(scenario: scenario)
    let report = try measure(run, in: folder)
    try Results(options: options).write(report, markdown: markdown(report), name: "recording")
  }

  private static func measure(_ run: RecordedRun, in folder: URL) throws -> Report {
    let trace = folder.appendingPathComponent("trace.sqlite").path
    let bareFile = folder.appendingPathComponent("bare.sqlite").path
    _ = try run.record(to: trace)
    let tables = tables.map { rowsOfTable(trace, $0) }
    defer { tables.forEach(freeRows) }
    let rows = tables.reduce(0) { $0 + Int(countOfRows($1)) }
    var ours: [RecordedRun.Times] = []
    var bare: [BareTimes] = []
    for _ in 0..<runs {
      ours.append(try run.record(to: trace))
      let times = insertBare(bareFile, tables, Int32(tables.count))
      guard times.rows > 0 else { fatalError("the bare loop failed") }
      bare.append(times)
    }
    return report(run, rows, ours, bare)
  }

  private static func report(
    _ run: RecordedRun, _ rows: Int, _ ours: [RecordedRun.Times], _ bare: [BareTimes]
  ) -> Report {
    func median<Times>(_ times: [Times], _ part: (Times) -> Double) -> Double {
      Spread(times.map(part)).median
    }
    let pairs = zip(ours, bare)
    return Report(
      machine: Machine(), sqlite: String(cString: sqliteVersion()), runs: ours.count,
      events: run.events, rows: rows, fileBytes: ours[0].closing.fileBytes,
      rowsPerSecond: median(ours) { Double(rows) / $0.rows },
      bareRowsPerSecond: median(bare) { Double(rows) / $0.rows },
      rate: Spread(pairs.map { $1.rows / $0.rows }),
      whole: Spread(pairs.map { $0.whole / ($1.rows + $1.close) }),
      recordingSeconds: median(ours, \.rows), tablesSeconds: median(ours, \.closing.tables),
      indexesSeconds: median(ours, \.closing.indexes),
      renameSeconds: median(ours, \.closing.rename), bareSeconds: median(bare, \.rows),
      bareCloseSeconds: median(bare, \.close))
  }

  private static func markdown(_ report: Report) -> String {
    func milliseconds(_ seconds: Double) -> String { (seconds * 1_000).rounded(to: 1) }
    func millions(_ rate: Double) -> String { (rate / 1e6).rounded(to: 2) }
    let bytes = (Double(report.fileBytes) / Double(report.events)).rounded(to: 1)
    return """
      # Recording: a trace beside a bare loop of inserts

      `make bench` writes this file. The events and waiting requests of 5,000 kubeadm workers
      (\(report.rows) rows of 14 and 10 columns), recorded as in a run: handed over in batches, written
      by the database's own thread. The bare loop, in C, inserts the same rows into the same tables:
      journal and sync off, 64 KiB pages, 100 rows with each prepared statement, on its own thread.
      Medians of \(report.runs) interleaved pairs of runs (and the least and the greatest).

      \(report.machine.text) SQLite \(report.sqlite).

      | | bootsim | bare loop | ratio |
      |---|--:|--:|--:|
      | rows, millions per second | \(millions(report.rowsPerSecond)) | \
      \(millions(report.bareRowsPerSecond)) | \(report.rate.text) |
      | rows, ms | \(milliseconds(report.recordingSeconds)) | \
      \(milliseconds(report.bareSeconds)) | |
      | other tables, ms | \(milliseconds(report.tablesSeconds)) | | |
      | indexes, ms | \(milliseconds(report.indexesSeconds)) | | |
      | commit, fsync and rename (bare: commit and close), ms | \
      \(milliseconds(report.renameSeconds)) | \(milliseconds(report.bareCloseSeconds)) | |
      | whole | | | \(report.whole.text) |

      The file has \(bytes) bytes for each of \(report.events) events.

      """
  }
}
