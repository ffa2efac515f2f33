import Foundation
import GRDB
import SimulationKernel
import TLSBootstrap

/// The tables `run` and `input`.
enum RunTables {
  static func write(_ run: RunInputs, level: TraceLevel, to database: Database) throws {
    try database.execute(
      sql: """
        INSERT INTO run (scenario, seed, version, level, command, virtual_start, start_unix_ns, status)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'incomplete')
        """,
      arguments: [
        run.scenario, Int64(bitPattern: run.seed), run.version, level.rawValue, run.command,
        calendarTime(run.start), run.start,
      ])
    for input in run.inputs {
      try database.execute(
        sql: "INSERT INTO input (path, sha256, text) VALUES (?, ?, ?)",
        arguments: [input.path, SHA256.hexadecimal(of: input.text.utf8), input.text])
    }
  }

  static func write(_ outcome: RunOutcome, to database: Database) throws {
    try database.execute(
      sql: "UPDATE run SET virtual_end_ns = ?, events = ?, digest = ?, status = ?",
      arguments: [outcome.end, outcome.events, outcome.digest, outcome.status])
  }

  /// `2026-01-01T00:00:00Z`; below the second in the column `start_unix_ns` only.
  private static func calendarTime(_ unixNanoseconds: Int64) -> String {
    let (seconds, rest) = unixNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let whole = TimeInterval(rest < 0 ? seconds - 1 : seconds)
    return Date(timeIntervalSince1970: whole).formatted(.iso8601)
  }
}
