import SimulationKernel

/// How many were in one place over a run: in a queue, with its workers, or waiting for a token.
///
/// Little's law is a check of it, not its definition: `area` follows how many are there from change to
/// change, `stayed` adds up how long each one was there, and the two only meet at the end.
public struct Occupancy: Hashable, Sendable {
  private var entered = 0
  private var present: Int64 = 0
  private var most: Int64 = 0
  /// The time integral of `present` up to `changed`, in nanoseconds.
  private var area = WideSum()
  /// How long those that left had been there, in nanoseconds.
  private var stayed = WideSum()
  /// The instants at which those present entered, added up.
  private var entries = WideSum()
  private var longest = Duration.zero
  private var occupied = Duration.zero
  private var changed = Instant.zero
  /// The present or latest time without a gap in which someone was there, and the longest.
  private var spell = Span()
  private var longestSpell = Span()

  /// From one instant to another.
  public struct Span: Hashable, Sendable {
    public internal(set) var from = Instant.zero
    public internal(set) var to = Instant.zero

    public var length: Duration { to - from }
  }

  mutating func enter(at now: Instant) {
    if present == 0, now != spell.to || entered == 0 { spell.from = now }
    advance(to: now)
    entered += 1
    present += 1
    most = max(most, present)
    entries.add(now.nanoseconds)
  }

  mutating func leave(since entry: Instant, at now: Instant) {
    advance(to: now)
    present -= 1
    entries.add(entry.nanoseconds, times: -1)
    let stay = now - entry
    stayed.add(stay.nanoseconds)
    longest = max(longest, stay)
    spell.to = now
    if present == 0, spell.length > longestSpell.length { longestSpell = spell }
  }

  private mutating func advance(to now: Instant) {
    let passed = now - changed
    area.add(passed.nanoseconds, times: present)
    if present > 0 { occupied = occupied + passed }
    changed = now
  }

  /// What it comes to at the end of a run, those included who are still there.
  func totals(at end: Instant) -> Totals {
    var closed = self
    closed.advance(to: end)
    if present > 0 {
      closed.spell.to = end
      if closed.spell.length > longestSpell.length { closed.longestSpell = closed.spell }
      closed.stayed.add(end.nanoseconds, times: present)
      closed.stayed.subtract(entries)
    }
    return Totals(
      entered: entered, present: Int(present), most: Int(most), area: closed.area,
      stayed: closed.stayed, longest: longest, occupied: closed.occupied,
      longestSpell: closed.longestSpell)
  }
}

extension Occupancy {
  /// A place over a whole run.
  public struct Totals: Hashable, Sendable {
    /// How many entered, and how many are still there.
    public let entered, present: Int
    /// The most that were there at once.
    public let most: Int
    /// The time integral of the number there: its mean times the length of the run.
    public let area: WideSum
    /// How long each one was there, added up: the mean stay times `entered`.
    public let stayed: WideSum
    /// The longest stay of those that left.
    public let longest: Duration
    /// How long someone was there.
    public let occupied: Duration
    /// The longest time without a gap in which someone was there.
    public let longestSpell: Span

    /// L = λ · W, each side times the length of the run; exact, in whole nanoseconds.
    public var followsLittlesLaw: Bool { area == stayed }
  }
}
