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
        Timestamp.text(run.start), run.start,
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
      arguments: [outcome.end, outcome.events, outcome.digest, RunOutcome.complete])
  }
}
