import SimulationKernel

/// When no controller-manager looked after CSRs: none led, or none had its watch of them.
public struct Absences: Hashable, Sendable {
  private var over: [Occupancy.Span] = []
  /// Since when there has been none; `.never`: there is one.
  private var since = Instant.never

  mutating func note(isAttended: Bool, at now: Instant) {
    if isAttended, since < .never {
      if since < now { over.append(Occupancy.Span(from: since, to: now)) }
      since = .never
    } else if !isAttended, since == .never {
      since = now
    }
  }

  /// All of them in a run that ended then, in order.
  public func spans(at end: Instant) -> [Occupancy.Span] {
    since < end ? over + [Occupancy.Span(from: since, to: end)] : over
  }
}

extension World {
  /// A controller-manager began or ceased to look after CSRs.
  mutating func noteAttendance() {
    let isAttended = managers.contains { manager in
      manager.life.phase == .leading && manager.life.isInformerOpen && !manager.life.isPaused
    }
    turn.journal.statistics.absences.note(isAttended: isAttended, at: turn.now)
  }
}
