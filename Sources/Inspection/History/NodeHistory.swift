import SimulationKernel
import TLSBootstrap

/// All that a run says of one node, in order.
///
/// A class, so that nobody who holds it copies its world.
package final class NodeHistory: Sendable {
  /// At the end of the run.
  package let world: World
  /// Why it ended.
  let ending: World.Ending
  /// Its place among all nodes.
  package let node: Int
  /// Its own events.
  package let events: [TraceEvent]
  /// The events that concern no node: faults, replicas, other clients.
  let clusterEvents: [TraceEvent]
  /// Each request that it made in a loop while it waited without a certificate.
  package let waitingRequests: [WaitingRequest]
  /// By the number of a wait of its own that another one's work ended: that event.
  let endings: [UInt32: TraceEvent]
  /// Its clock, as it went until faults changed it.
  private let clocks: [Spell]

  fileprivate struct Spell {
    /// The last event that happened while it went so.
    var lastEvent: UInt32
    var clock: Clock
  }

  /// Plays the run again.
  ///
  /// - Throws: `TraceError` where it comes out otherwise.
  package init(_ run: RecordedRun, node: Int) throws {
    let diary = Diary(node: UInt32(node))
    var clocks: [Spell] = []
    let (world, ending) = try run.played(into: diary, listing: .node(UInt32(node))) { world in
      let spell = Spell(lastEvent: world.eventCount, clock: world.clock(ofNode: node))
      if clocks.last?.clock == spell.clock { clocks.removeLast() }
      clocks.append(spell)
    }
    clocks.append(Spell(lastEvent: .max, clock: world.clock(ofNode: node)))
    self.clocks = clocks
    self.world = world
    self.ending = ending
    self.node = node
    events = diary.events
    clusterEvents = diary.clusterEvents
    endings = diary.endings
    waitingRequests = diary.waitingRequests.sorted { $0.time < $1.time }
  }

  package var record: NodeRecord { world.node(at: node) }

  /// Its own event of this number; nil: it has none.
  func event(_ number: UInt32) -> TraceEvent? {
    var (low, high) = (0, events.count)
    while low < high {
      let middle = (low + high) / 2
      if events[middle].id < number { low = middle + 1 } else { high = middle }
    }
    return low < events.count && events[low].id == number ? events[low] : nil
  }

  /// The node's clock as it went when this happened.
  package func clock(at event: TraceEvent) -> Clock { clock(atEvent: event.id) }

  /// The node's clock as it went at this instant.
  package func clock(at instant: Instant) -> Clock {
    let later = events.first { $0.time >= instant } ?? events.last
    return clock(atEvent: later?.id ?? .max)
  }

  private func clock(atEvent id: UInt32) -> Clock {
    (clocks.first { id <= $0.lastEvent } ?? clocks[clocks.count - 1]).clock
  }
}

private final class Diary: TraceSink {
  private let node: UInt32
  var events: [TraceEvent] = []
  var clusterEvents: [TraceEvent] = []
  var waitingRequests: [WaitingRequest] = []
  var endings: [UInt32: TraceEvent] = [:]
  /// What ended waits in the latest instant.
  private var recent: [TraceEvent] = []

  init(node: UInt32) { self.node = node }

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    for event in events {
      remember(event)
      if event.node == node { self.events.append(event) }
      if event.node == TraceEvent.none { clusterEvents.append(event) }
    }
  }

  private func remember(_ event: TraceEvent) {
    if event.kind == .keyDone || event.kind == .requestAnswered {
      if recent.last?.time != event.time { recent.removeAll(keepingCapacity: true) }
      recent.append(event)
    }
    guard event.node == node, event.endedBy != 0 else { return }
    endings[event.id] = recent.first { $0.id == event.endedBy }
  }

  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {
    waitingRequests += requests
  }
}
