import SimulationKernel
import Testing

@Suite struct DurationTests {
  @Test func `units are whole nanoseconds`() {
    #expect(Duration.milliseconds(1).nanoseconds == 1_000_000)
    #expect(Duration.seconds(2).nanoseconds == 2_000_000_000)
    #expect(Duration.minutes(15) == .seconds(900))
    #expect(Duration.hours(1) == .minutes(60))
    #expect(Duration.days(365) == .hours(8_760))
  }

  @Test func `a scaled length is rounded toward zero`() {
    #expect(Duration(nanoseconds: 7).scaled(by: 1, over: 2).nanoseconds == 3)
    #expect(Duration(nanoseconds: -7).scaled(by: 1, over: 2).nanoseconds == -3)
    #expect(Duration(nanoseconds: 7).scaled(by: -1, over: 2).nanoseconds == -3)
    #expect(Duration.seconds(900).scaled(by: 1, over: 3) == .seconds(300))
    #expect(Duration.zero.scaled(by: .max, over: .max) == .zero)
  }

  @Test func `ticks come each period, none before they begin or are asked for`() {
    let began = Instant.zero + .seconds(5)
    let tick = { (second: Int64) in
      Instant.tick(of: .seconds(10), since: began, notBefore: .zero + .seconds(second))
    }
    #expect([0, 5, 6, 15, 16].map(tick) == [5, 5, 15, 15, 25].map { .zero + .seconds($0) })
    let next = { (second: Int64) in
      Instant.tick(of: .seconds(10), since: began, after: .zero + .seconds(second))
    }
    #expect([0, 5, 6, 15, 16].map(next) == [5, 15, 15, 25, 25].map { .zero + .seconds($0) })
  }

  @Test func `scaling does not overflow in between`() {
    let century = Duration.days(36_525)
    #expect(century.scaled(by: 1 << 40, over: 1 << 40) == century)
    #expect(Duration(nanoseconds: .max).scaled(by: .max, over: .max).nanoseconds == .max)
    #expect(Duration(nanoseconds: .min).scaled(by: .max, over: .max).nanoseconds == .min)
    // 3·10⁹ · 10¹² / 7·10⁹, which needs 72 bits in between.
    let scaled = Duration.seconds(3).scaled(by: 1_000_000_000_000, over: 7_000_000_000)
    #expect(scaled.nanoseconds == 428_571_428_571)
  }

  @Test func `instants and lengths add up`() {
    let instant = Instant.zero + .seconds(5)
    #expect(instant - .seconds(2) == Instant(nanoseconds: 3_000_000_000))
    #expect(instant - Instant.zero == .seconds(5))
    #expect(Instant.zero < instant && instant < .never)
    #expect(-Duration.seconds(1) * 3 + .seconds(3) == .zero)
  }
}
