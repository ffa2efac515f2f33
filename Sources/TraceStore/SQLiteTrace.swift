import Foundation
import GRDB
import SimulationKernel
import TLSBootstrap

/// Records a run in an SQLite file, which has its final name only when it is complete.
///
/// The simulation's thread copies events into batches; the database's own serial queue, one thread,
/// inserts them. Forget it, or call `abandon`, and no file is left. At level `none` the file has the run's
/// inputs and objects, and no event: whoever reads it plays it again.
public final class SQLiteTrace: TraceSink {
  /// Whether the run is to list each request of nodes that wait without a certificate.
  public let listsAnonymousRequests: Bool
  public let level: TraceLevel

  private let path: String
  private let recorder: Recorder
  private var batch = Batch()
  /// The last event that was recorded of each node, at level `steps`.
  private var lastOfNode: [UInt32] = []

  /// - Parameter path: the final name; its folder must exist.
  public convenience init(
    path: String, run: RunInputs, level: TraceLevel, listsAnonymousRequests: Bool = false
  ) throws {
    try self.init(
      path: path, run: run, level: level, listsAnonymousRequests: listsAnonymousRequests,
      maximumPages: nil)
  }

  /// - Parameters:
  ///   - maximumPages: a small disk, for tests.
  ///   - messagesKept: a small memory, for tests.
  init(
    path: String, run: RunInputs, level: TraceLevel, listsAnonymousRequests: Bool = false,
    maximumPages: Int?, messagesKept: Int = EventWriter.mostKept
  ) throws {
    self.path = path
    self.level = level
    self.listsAnonymousRequests = listsAnonymousRequests
    recorder = try Recorder(
      path: path, run: run, level: level, maximumPages: maximumPages, messagesKept: messagesKept)
  }

  deinit { abandon() }

  public func record(_ events: UnsafeBufferPointer<TraceEvent>) throws {
    switch level {
    case .none: return
    case .full: try append(events)
    case .steps: try appendSteps(events)
    }
  }

  public func record(_ requests: WaitingRequests) throws {
    guard level != .none else { return }
    batch.waiting.append(requests)
    try handOverIfFull()
  }

  public func record(_ requests: [WaitingRequest]) throws {
    guard level != .none, listsAnonymousRequests else { return }
    for request in requests {
      batch.anonymous.append(request)
      try handOverIfFull()
    }
  }

  /// Writes the tables and indexes of the end, and gives the file its name.
  ///
  /// - Throws: `TraceError`; no file is left then, and one that was there before stays as it is.
  @discardableResult
  public func finish(
    directory: some TraceDirectory, outcome: RunOutcome
  ) throws -> RecordingTimes {
    do {
      recorder.write(batch)
      return try recorder.finish(directory: directory, outcome: outcome)
    } catch {
      abandon()
      throw TraceError(path: path, cause: error)
    }
  }

  /// Stops recording and removes the partial file; after `finish` it does nothing.
  public func abandon() {
    recorder.abandon()
  }

  private func append(_ events: UnsafeBufferPointer<TraceEvent>) throws {
    var rest = events[...]
    while !rest.isEmpty {
      let part = rest.prefix(batch.room)
      batch.events.append(contentsOf: part)
      rest = rest.dropFirst(part.count)
      try handOverIfFull()
    }
  }

  /// Only events that reach a step; their cause is the one before of the same node, so that it too is
  /// in the file.
  private func appendSteps(_ events: UnsafeBufferPointer<TraceEvent>) throws {
    for var event in events where event.step != 0 {
      event.cause = 0
      if event.node != TraceEvent.none {
        let node = Int(event.node)
        let missing = node + 1 - lastOfNode.count
        if missing > 0 { lastOfNode.append(contentsOf: repeatElement(0, count: missing)) }
        event.cause = lastOfNode[node]
        lastOfNode[node] = event.id
      }
      batch.events.append(event)
      try handOverIfFull()
    }
  }

  private func handOverIfFull() throws {
    guard batch.room == 0 else { return }
    recorder.write(batch)
    do {
      batch = try recorder.pool.take()
    } catch {
      batch = Batch()
      abandon()
      throw error
    }
  }
}
