import SimulationKernel

/// A clock of the cluster: true time plus an offset plus what it gained or lost since the start.
///
/// Readings are nanoseconds since 1970.
public struct Clock: Hashable, Sendable {
  /// What it shows at the start of the run, or would have shown had it always gone as it goes now.
  private var start: Int64
  /// Nanoseconds gained per second of true time.
  private var driftPPB: Int64

  init(start: Int64, skew: ClockSkew) {
    self.start = start + skew.offset.nanoseconds
    driftPPB = skew.driftPPB
  }

  /// It is stepped, or goes faster from now on.
  mutating func change(by step: Duration, driftPPB drift: Int64) {
    start += step.nanoseconds
    driftPPB += drift
  }

  /// What it shows then.
  @inline(__always)
  public func reading(at instant: Instant) -> Int64 {
    let reading = start + instant.nanoseconds
    return driftPPB == 0 ? reading : reading + gain(over: instant.nanoseconds)
  }

  /// How far it is ahead of the true time; negative: behind.
  ///
  /// - Parameter start: the true time at the start of the run, in nanoseconds since 1970.
  public func offset(at instant: Instant, start: Int64) -> Duration {
    Duration(nanoseconds: reading(at: instant) - start - instant.nanoseconds)
  }

  /// Its reading as Kubernetes writes times: whole seconds since 1970, the rest cut off.
  @inline(__always)
  func seconds(at instant: Instant) -> Int64 {
    reading(at: instant).quotientRoundedDown(by: 1_000_000_000)
  }

  /// The first instant at which it shows this or more; never before `now`, and `.never` past the range of time.
  func instant(of reading: Int64, notBefore now: Instant) -> Instant {
    let shown = reading.subtractingReportingOverflow(start)
    if shown.overflow || shown.partialValue > longestShown { return .never }
    var instant = max(now, Instant(nanoseconds: trueLength(of: shown.partialValue)))
    // The length is rounded down: what is due at this reading would be looked at too early, again and again.
    while self.reading(at: instant) < reading { instant.nanoseconds += 1 }
    return instant
  }

  /// The greatest difference of two readings that is worked out: a clock that loses takes longer for it, and
  /// no run lasts for half of the range of time.
  private var longestShown: Int64 { driftPPB < 0 ? .max / 2 : .max }

  /// How long a timer set on this clock really takes.
  @inline(__always)
  func trueDuration(_ duration: Duration) -> Duration {
    driftPPB == 0 ? duration : Duration(nanoseconds: trueLength(of: duration.nanoseconds))
  }

  private func gain(over nanoseconds: Int64) -> Int64 {
    Duration(nanoseconds: nanoseconds).scaled(by: driftPPB, over: 1_000_000_000).nanoseconds
  }

  private func trueLength(of shown: Int64) -> Int64 {
    if driftPPB == 0 { return shown }
    return Duration(nanoseconds: shown)
      .scaled(by: 1_000_000_000, over: 1_000_000_000 + driftPPB).nanoseconds
  }
}
