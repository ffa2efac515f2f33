import SimulationKernel
import TLSBootstrap

extension NodeCase {
  /// Since when it has been in trouble, and not Ready: settled, or with something that failed and is not over; of one
  /// that only waits since its start. nil: it has not started.
  var firstTrouble: Instant? {
    if record.started == .never { return nil }
    let ready = sightings.last(.nodeReady)?.last.id ?? 0
    let troubles = sightings.all.filter { sighting in
      switch sighting.kind {
      case .settled: ![.ready, .waiting].contains(Settlement(sighting))
      case .connectionFailed, .waitEnded, .attemptFailed, .kubeletExited, .storeFailed:
        !sightings.isOver(sighting)
      default: false
      }
    }
    let events = troubles.flatMap(\.ends).filter { $0.id > ready }
    return events.map(\.time).min() ?? record.started
  }
}

extension Settlement {
  /// What an event of the kind `settled` says.
  init?(_ sighting: Sighting) {
    self.init(rawValue: UInt8(truncatingIfNeeded: sighting.first.value))
  }
}
