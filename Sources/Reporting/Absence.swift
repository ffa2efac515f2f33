import SimulationKernel
import TLSBootstrap

/// That CSRs waited most of their time for a controller-manager at work.
struct Absence {
  /// The longest time without one, and in percent how much of what approved CSRs waited was without one.
  let longest: Occupancy.Span
  let share: Int64

  /// For how long none is at work before that is worth a word.
  ///
  /// 1 s. Assumption: less is lost in a node's own sleeps (L.2).
  private static let least = Duration.seconds(1)

  /// nil: something else took most of it.
  init?(_ world: World) {
    let spans = world.statistics.absences.spans(at: world.now)
    guard let longest = spans.max(by: { $0.length < $1.length }), longest.length >= Self.least
    else { return nil }
    var waited: Int64 = 0
    var unattended: Int64 = 0
    for index in 0..<world.requestCount {
      let request = world.request(at: index)
      // Others approve without one.
      guard let approved = request.approved, request.reason == "AutoApproved" else { continue }
      waited += (approved - request.created).milliseconds
      for span in spans where span.from < approved && span.to > request.created {
        unattended += (min(span.to, approved) - max(span.from, request.created)).milliseconds
      }
    }
    guard waited > 0, unattended * 2 >= waited else { return nil }
    self.longest = longest
    share = unattended * 100 / waited
  }

  var text: String {
    "no controller-manager at work: \(Text.length(longest.length)) from \(Text.clock(longest.from)), and "
      + "\(share) % of what approved CSRs waited"
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
