import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section K.2 of protocol.md: seats of the levels, and how they are lent every 10 s.
struct PriorityLevelTests {
  private struct Row {
    var level: PriorityLevel
    var nominal: Int
    var minimum: Int
    var queues: Int
    var hand: Int
  }

  @Test func `K.2 600 seats give every number of the table`() {
    let table = [
      Row(level: .system, nominal: 74, minimum: 50, queues: 64, hand: 6),
      Row(level: .nodeHigh, nominal: 98, minimum: 73, queues: 64, hand: 6),
      Row(level: .leaderElection, nominal: 25, minimum: 25, queues: 16, hand: 4),
      Row(level: .workloadHigh, nominal: 98, minimum: 49, queues: 128, hand: 6),
      Row(level: .workloadLow, nominal: 245, minimum: 24, queues: 128, hand: 6),
      Row(level: .globalDefault, nominal: 49, minimum: 24, queues: 128, hand: 6),
    ]
    for row in table {
      let settings = LevelSettings(row.level, total: 600)
      #expect(settings.nominal == row.nominal, "\(row.level)")
      #expect(settings.minimum == row.minimum, "\(row.level)")
      #expect(settings.maximum == row.nominal + 600, "\(row.level)")
      #expect(settings.queues == row.queues, "\(row.level)")
      #expect(settings.hand == row.hand, "\(row.level)")
    }
    #expect(LevelSettings.queueLength == 50)
  }

  @Test func `K.2 catch-all has 13 seats and no queues, exempt is not limited`() {
    let catchAll = LevelSettings(.catchAll, total: 600)
    #expect(catchAll.nominal == 13)
    #expect(catchAll.minimum == 13)
    #expect(catchAll.queues == 0)
    #expect(LevelSettings(.exempt, total: 600).isExempt)
    #expect(LevelSettings(.exempt, total: 600).nominal == 0)
  }

  @Test func `K.2 the nominal seats add up to 602`() {
    let sum = PriorityLevel.sharing.reduce(0) { $0 + LevelSettings($1, total: 600).nominal }
    #expect(sum == 602)
  }

  @Test func `K.2 a level begins with what it does not lend, and half of what it lends`() {
    #expect(LevelSettings(.globalDefault, total: 600).initial == 49 - 25 / 2)
    #expect(LevelSettings(.workloadLow, total: 600).initial == 245 - 221 / 2)
  }

  @Test func `K.2 more seats in flight are shared by the same shares`() {
    // ceil(3000 · 20 / 245) = 245, of which 50 % rounds to 123.
    let settings = LevelSettings(.globalDefault, total: 3_000)
    #expect(settings.nominal == 245)
    #expect(settings.minimum == 122)
    #expect(settings.maximum == 3_245)
  }

  // MARK: Borrowing

  @Test func `K.2 while all are idle global-default has 56, system 117, node-high 170`() {
    let server = PriorityAndFairness()
    #expect(server[.globalDefault].limit == 56)
    #expect(server[.system].limit == 117)
    #expect(server[.nodeHigh].limit == 170)
    #expect(server[.workloadHigh].limit == 114)
    #expect(server[.exempt].limit == 0)
  }

  @Test func `K.2 a sustained demand of 350 raises global-default to about 360 at the tick`() {
    var crowd = Crowd()
    crowd.arrive(350, at: 0)
    #expect(crowd.server[.globalDefault].seatsInUse == 56)
    #expect(crowd.server.nextTimer == .zero + .seconds(10))
    crowd.fire(at: 10_000)
    #expect((358...362).contains(crowd.server[.globalDefault].limit))
    // All that waited have found seats.
    #expect(crowd.server[.globalDefault].seatsInUse == 350)
    #expect(crowd.changes.started.count == 294)
    let sum = PriorityLevel.sharing.reduce(0) { $0 + crowd.server[$1].limit }
    #expect((600...604).contains(sum))
  }

  @Test func `K.2 a server that starts late counts from its start`() {
    var crowd = Crowd(PriorityAndFairness(start: .zero + .hours(1)))
    crowd.arrive(350, at: 3_600_000)
    #expect(crowd.server.nextTimer == .zero + .seconds(3_610))
    crowd.fire(at: 3_610_000)
    #expect((358...362).contains(crowd.server[.globalDefault].limit))
  }

  @Test func `K.2 the limit comes down again when the demand is over`() {
    var crowd = Crowd()
    crowd.arrive(350, at: 0)
    crowd.fire(at: 10_000)
    crowd.finishAll(at: 10_500)
    // Smoothed demand falls by 2.3 % each 10 s.
    crowd.arrive(1, at: 20_000)
    #expect((355...359).contains(crowd.server[.globalDefault].limit))
    crowd.arrive(1, at: 320_000)
    #expect((200...300).contains(crowd.server[.globalDefault].limit))
    crowd.finishAll(at: 320_000)
    crowd.arrive(1, at: 3_600_000)
    #expect(crowd.server[.globalDefault].limit == 56)
  }

  @Test func `K.2 demand is mean plus deviation over time`() {
    var demand = SeatDemand(start: .zero)
    // Half the time 0, half 100: mean 50, deviation 50.
    demand.set(100, at: .zero + .seconds(5))
    demand.endPeriod(at: .zero + .seconds(10))
    #expect(demand.smoothed == 100_000)
    #expect(demand.highWater == 100)
    // Then steady at 20: 0.977 · 100 + 0.023 · 20.
    demand.set(20, at: .zero + .seconds(10))
    demand.endPeriod(at: .zero + .seconds(20))
    #expect(demand.smoothed == 98_160)
    // A higher demand counts at once.
    demand.set(6_400, at: .zero + .seconds(20))
    demand.endPeriod(at: .zero + .seconds(30))
    #expect(demand.smoothed == 6_400_000)
  }

  @Test func `whole square roots are exact`() {
    for root in [0, 1, 2, 3, 9_999, 1_000_000, 3_037_000_499] as [Int64] {
      #expect(SeatDemand.squareRoot(of: root * root) == root)
      #expect(SeatDemand.squareRoot(of: root * root + root) == root)
      if root > 1 { #expect(SeatDemand.squareRoot(of: root * root - 1) == root - 1) }
    }
  }

  @Test func `K.2 no level falls below its minimum or what it used of its own`() {
    var crowd = Crowd()
    crowd.arrive(350, at: 0)
    // node-high has used 90 of its 98.
    let high = (0..<90).map { crowd.arrive(ticket: 1_000 + $0, .nodeHigh, at: 0) }
    crowd.fire(at: 10_000)
    #expect(high.allSatisfy { $0 != nil })
    #expect(crowd.server[.nodeHigh].limit >= 90)
    #expect(crowd.server[.system].limit >= 50)
    #expect(crowd.server[.leaderElection].limit >= 25)
  }

  @Test func `K.2 ticks that nobody waited for come out as if each had happened`() {
    var often = Crowd()
    var seldom = Crowd()
    for second in [0, 3, 27, 4_000, 8_001, 90_000] {
      often.arrive(40, at: second * 1_000)
      seldom.arrive(40, at: second * 1_000)
      often.finishAll(at: second * 1_000 + 700)
      seldom.finishAll(at: second * 1_000 + 700)
      guard second >= 27 else { continue }
      // The burst counts in its own period, not in one before or after.
      often.fire(at: (second + 15) * 1_000)
      seldom.fire(at: (second + 15) * 1_000)
      expectSameSeats(often, seldom)
      for tick in stride(from: second + 16, to: second + 3_000, by: 7) {
        often.fire(at: tick * 1_000)
      }
    }
    often.fire(at: 100_000_000)
    seldom.fire(at: 100_000_000)
    expectSameSeats(often, seldom)
  }

  private func expectSameSeats(_ one: Crowd, _ other: Crowd) {
    for level in PriorityLevel.allCases {
      #expect(one.server[level].limit == other.server[level].limit)
      #expect(one.server[level].demand.smoothed == other.server[level].demand.smoothed)
      #expect(one.server[level].demand.highWater == other.server[level].demand.highWater)
    }
  }
}
