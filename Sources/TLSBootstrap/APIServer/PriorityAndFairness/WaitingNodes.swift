import SimulationKernel

/// Kubelets that wait without a certificate, as load on one priority level (protocol.md L.2): the seats
/// that their refused requests take on average.
///
/// They make some two requests a second each, and many more in the first instants of a wait. How many
/// is counted from the loops themselves, for classes of age of which each is twice as long as the one
/// before; how old a node is counts in whole slots, so that the load is constant within a slot.
struct WaitingNodes: Hashable, Sendable {
  /// 2²⁷ ns, 0.134 s.
  private static let slotShift: Int64 = 27
  static let slot = Duration(nanoseconds: 1 << slotShift)
  /// Class 0 is the slot in which the wait begins, class c > 0 the ages from 2ᶜ⁻¹ to 2ᶜ slots, the last
  /// one all from 137 s on.
  static let classes = 12
  private static let steadyAge: Int64 = 1 << Int64(classes - 2)
  private static let ring = 2 * Int(steadyAge)

  /// Nanoseconds of seats that one node of each class takes in a second.
  private let loads: [Int64]
  private var counts = Array(repeating: 0, count: WaitingNodes.classes)
  /// How many waits began in each of the latest slots.
  private var begun = Array(repeating: 0, count: WaitingNodes.ring)
  /// The slot that it is now, as far as anybody asked.
  private var now: Int64 = 0
  private var lastBegin = -WaitingNodes.steadyAge
  private(set) var total = 0

  /// - Parameter loads: of each class, nanoseconds of seats in a second.
  init(loads: [Int64]) {
    precondition(loads.count == Self.classes, "\(loads.count) classes of age")
    self.loads = loads
  }

  /// Nanoseconds of seats that all of them take in a second, now.
  var load: Int64 {
    var sum: Int64 = 0
    for (count, load) in zip(counts, loads) { sum += Int64(count) * load }
    return sum
  }

  /// The same in whole seats.
  var seats: Int { Int((load + 500_000_000) / 1_000_000_000) }

  /// When they next take another number of seats, if nobody comes or goes.
  var nextChange: Instant {
    total > 0 && now - lastBegin <= Self.steadyAge
      ? Instant(nanoseconds: (now + 1) << Self.slotShift) : .never
  }

  /// - Parameter began: when its loops began; earlier than this instant where they were played since.
  mutating func begin(began: Instant, at instant: Instant) {
    advance(to: instant)
    let slot = Self.slot(of: began)
    let age = now - slot
    counts[Self.ageClass(of: age)] += 1
    if age <= Self.steadyAge { begun[Int(slot) % Self.ring] += 1 }
    lastBegin = max(lastBegin, slot)
    total += 1
  }

  /// The wait that began at this instant is over.
  mutating func end(began: Instant, at instant: Instant) {
    advance(to: instant)
    let slot = Self.slot(of: began)
    let age = now - slot
    counts[Self.ageClass(of: age)] -= 1
    if age <= Self.steadyAge { begun[Int(slot) % Self.ring] -= 1 }
    total -= 1
  }

  mutating func advance(to instant: Instant) {
    let target = Self.slot(of: instant)
    // Everybody has reached the last class, or there is nobody.
    if now - lastBegin > Self.steadyAge || total == 0, target - now > Self.steadyAge {
      begun = Array(repeating: 0, count: Self.ring)
      now = target
      lastBegin = min(lastBegin, now - Self.steadyAge - 1)
    }
    while now < target {
      now += 1
      begun[Int(now) % Self.ring] = 0
      for next in 1..<Self.classes {
        let slot = now - 1 << Int64(next - 1)
        guard slot >= 0 else { break }
        let moved = begun[Int(slot) % Self.ring]
        counts[next - 1] -= moved
        counts[next] += moved
      }
    }
  }

  private static func slot(of instant: Instant) -> Int64 { instant.nanoseconds >> slotShift }

  private static func ageClass(of age: Int64) -> Int {
    min(classes - 1, Int64.bitWidth - age.leadingZeroBitCount)
  }
}

extension WaitingNodes {
  /// Counted from the loops of sample nodes: their requests at each age, as long as one takes, and each on
  /// a connection of its own, so that several servers share them.
  ///
  /// - Parameter service: how long a refused request keeps its seat.
  init(_ facts: Facts, _ chance: Chance, service: Duration) {
    let samples = 16
    let servers = facts.scenario.apiServer.replicas
    var requests = Array(repeating: [Int64](), count: samples)
    for sample in 0..<samples {
      let loops = WaitingLoops(
        began: .zero, callTime: service + facts.latency.network.median * 2, node: NodeID(sample),
        generation: 1, clock: Clock(start: facts.scenario.start, skew: .none))
      requests[sample] = Self.ends.map { end in
        var count: Int64 = 0
        _ = loops.run(until: .zero + end, chance) { count += Int64($0.count) }
        return count
      }
    }
    self.init(
      loads: (0..<Self.classes).map { place in
        let made = requests.reduce(0) {
          $0 + $1[place] - (place == 0 ? 0 : $1[place - 1])
        }
        let length = Self.ends[place] - (place == 0 ? .zero : Self.ends[place - 1])
        return (service * made).scaled(
          by: 1_000_000_000, over: length.nanoseconds * Int64(samples * servers)
        ).nanoseconds
      })
  }

  /// Up to which age each class reaches: a wait begins in the middle of a slot, on average. The last
  /// one is counted over 137 s.
  private static let ends: [Duration] =
    (0..<classes).map { place in
      slot * (1 << Int64(place)) - slot.scaled(by: 1, over: 2)
    }
}
