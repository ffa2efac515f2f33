import Reporting
import SimulationKernel
import TLSBootstrap

/// The events that led to one, earliest first, each by its cause; what repeats is told once.
struct CauseSummary {
  struct Link {
    let first: TraceEvent
    fileprivate(set) var last: TraceEvent
    fileprivate(set) var count: Int
  }

  let links: [Link]

  /// To the event that settled the node, or to the latest that failed, or to its Ready.
  init(_ history: NodeHistory) {
    var known: [UInt32: TraceEvent] = [:]
    for event in history.events + history.clusterEvents { known[event.id] = event }
    var event = Self.end(history)
    var events: [TraceEvent] = []
    while let current = event {
      events.append(current)
      event = current.cause == 0 ? nil : known[current.cause]
    }
    var links: [Link] = []
    for event in events.reversed() {
      let same = links.firstIndex { link in
        link.first.kind == event.kind && link.first.call == event.call
          && link.first.answer == event.answer
      }
      if let same {
        links[same].last = event
        links[same].count += 1
      } else {
        links.append(Link(first: event, last: event, count: 1))
      }
    }
    self.links = links
  }

  private static func end(_ history: NodeHistory) -> TraceEvent? {
    if history.record.settlement == .ready {
      return history.events.last { $0.kind == .nodeReady }
    }
    let settled = history.events.last { $0.kind == .settled }
    return settled
      ?? history.events.last { [.waitEnded, .attemptFailed, .kubeletExited].contains($0.kind) }
  }

  /// One line for each link: when, who, step, what.
  func lines(_ world: World) -> [String] {
    let text = TextTrace(world)
    return links.compactMap { link in
      text.line(link.first).map { line in
        link.count == 1 ? line : "\(line)  (\(link.count) ×, last \(Text.clock(link.last.time)))"
      }
    }
  }
}
