import Foundation
import GRDB
import TLSBootstrap

/// An open file under construction, and the queue that writes it.
final class Recorder {
  let pool = BatchPool(batches: 4)

  private let file: PartialFile
  private let queue: DatabaseQueue
  private var writer: EventWriter?
  /// Whether the database is open.
  private var isOpen = true
  /// Whether the file has its final name, or is removed.
  private var isOver = false

  init(
    path: String, run: RunInputs, level: TraceLevel, maximumPages: Int?, messagesKept: Int
  ) throws {
    let file = PartialFile(finalPath: path)
    do {
      queue = try DatabaseQueue(
        path: file.path, configuration: Self.configuration(maximumPages: maximumPages))
      writer = try queue.writeWithoutTransaction { database in
        // Committed at once: whatever happens later, what is left of it says `incomplete`.
        try database.inTransaction {
          try TraceSchema.create(database)
          try RunTables.write(run, level: level, to: database)
          return .commit
        }
        try database.execute(sql: "BEGIN")
        return try EventWriter(database, level: level, mostKept: messagesKept)
      }
    } catch {
      file.remove()
      throw TraceError(path: path, cause: error)
    }
    self.file = file
  }

  private static func configuration(maximumPages: Int?) -> Configuration {
    var configuration = Configuration()
    // Parents may come after children; the tests check the finished file.
    configuration.foreignKeysEnabled = false
    // One transaction over many accesses.
    configuration.allowsUnsafeTransactions = true
    configuration.prepareDatabase { database in
      try database.execute(sql: TraceSchema.settings)
      if let maximumPages {
        try database.execute(sql: "PRAGMA max_page_count = \(maximumPages)")
      }
    }
    return configuration
  }

  /// Hands a batch to the writer's thread; it comes back through the pool.
  func write(_ batch: Batch) {
    guard isOpen, let writer else { return }
    let (pool, path) = (pool, file.finalPath)
    queue.asyncWriteWithoutTransaction { _ in
      guard !pool.hasFailed else { return }
      do {
        try writer.write(batch)
        pool.giveBack(batch)
      } catch {
        pool.fail(TraceError(path: path, cause: error))
      }
    }
  }

  func finish(
    directory: some TraceDirectory, outcome: RunOutcome
  ) throws -> RecordingTimes {
    precondition(isOpen, "a trace is finished once")
    var times = RecordingTimes()
    var watch = StopWatch()
    try queue.writeWithoutTransaction { database in
      try pool.check()
      times.rows = watch.lap()
      guard let writer else { preconditionFailure("an open trace has a writer") }
      let tables = ClosingTables(database, directory: directory)
      try tables.write(after: writer)
      times.tables = watch.lap()
      try database.execute(sql: TraceSchema.indexes)
      times.indexes = watch.lap()
      try RunTables.write(outcome, to: database)
      try database.execute(sql: "COMMIT")
    }
    try close()
    times.fileBytes = try file.complete()
    isOver = true
    times.rename = watch.lap()
    return times
  }

  /// Does nothing to a file that is complete.
  func abandon() {
    guard !isOver else { return }
    pool.fail(TraceError(path: file.finalPath, problem: "recording was abandoned"))
    try? close()
    file.remove()
    isOver = true
  }

  /// Waits for what the queue still does.
  private func close() throws {
    guard isOpen else { return }
    isOpen = false
    // Its statements keep the connection open.
    queue.writeWithoutTransaction { _ in writer = nil }
    try queue.close()
  }
}

private struct StopWatch {
  private var start = ContinuousClock.now

  /// Seconds since the last one.
  mutating func lap() -> Double {
    let now = ContinuousClock.now
    defer { start = now }
    return (now - start) / .seconds(1)
  }
}
