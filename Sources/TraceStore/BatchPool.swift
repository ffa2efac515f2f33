import Foundation
import TLSBootstrap

/// What the simulation hands to the writer at once; owned by one of the two at a time.
final class Batch: @unchecked Sendable {
  var events: [TraceEvent] = []
  var waiting: [WaitingRequests] = []
  var anonymous: [WaitingRequest] = []

  /// 5,000 events of 48 bytes: the two threads meet every few milliseconds, within the cache.
  static let capacity = 5_000

  init() { events.reserveCapacity(Self.capacity) }

  var room: Int { Self.capacity - events.count - waiting.count - anonymous.count }

  func empty() {
    events.removeAll(keepingCapacity: true)
    waiting.removeAll(keepingCapacity: true)
    anonymous.removeAll(keepingCapacity: true)
  }
}

/// The few batches of a trace: they go to the writer full and come back empty, so that the simulation
/// waits only where the writer is that far behind.
final class BatchPool: @unchecked Sendable {
  private let condition = NSCondition()
  private var free: [Batch]
  private var failure: TraceError?

  init(batches: Int) {
    free = (0..<batches).map { _ in Batch() }
  }

  /// - Throws: what stopped the writer.
  func take() throws -> Batch {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let failure { throw failure }
      if let batch = free.popLast() { return batch }
      condition.wait()
    }
  }

  func giveBack(_ batch: Batch) {
    batch.empty()
    condition.lock()
    defer { condition.unlock() }
    free.append(batch)
    condition.signal()
  }

  func fail(_ error: TraceError) {
    condition.lock()
    defer { condition.unlock() }
    failure = failure ?? error
    condition.signal()
  }

  var hasFailed: Bool {
    condition.lock()
    defer { condition.unlock() }
    return failure != nil
  }

  func check() throws {
    condition.lock()
    defer { condition.unlock() }
    if let failure { throw failure }
  }
}
