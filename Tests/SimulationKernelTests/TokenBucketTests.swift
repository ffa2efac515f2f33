import SimulationKernel
import Testing

/// Protocol.md A.11 and J.1: starts full, refills continuously, serves in order.
@Suite struct TokenBucketTests {
  @Test func `it starts full`() {
    var bucket = TokenBucket(perSecond: 20, burst: 30)
    for _ in 0..<30 { #expect(bucket.reserve(at: .zero) == .zero) }
    #expect(bucket.reserve(at: .zero) == .milliseconds(50))
    #expect(bucket.reserve(at: .zero) == .milliseconds(100))
  }

  @Test func `it starts full for whoever comes later, too`() {
    var bucket = TokenBucket(perSecond: 20, burst: 30)
    let later = Instant.zero + .hours(3)
    for _ in 0..<30 { #expect(bucket.reserve(at: later) == .zero) }
    #expect(bucket.reserve(at: later) == .milliseconds(50))
  }

  @Test func `a rest of any length saves up no more than the burst`() {
    var bucket = TokenBucket(perSecond: 5, burst: 10)
    for _ in 0..<25 { _ = bucket.reserve(at: .zero) }
    for rest in [Duration.seconds(1), .minutes(1), .days(400)] {
      let instant = Instant.zero + .hours(1) + rest
      for _ in 0..<10 { #expect(bucket.reserve(at: instant) == .zero) }
      #expect(bucket.reserve(at: instant) == .milliseconds(200))
      _ = bucket.reserve(at: instant)
    }
  }

  @Test func `part of a token counts`() {
    var bucket = TokenBucket(perSecond: 1, burst: 1)
    #expect(bucket.reserve(at: .zero) == .zero)
    #expect(bucket.reserve(at: .zero + .milliseconds(400)) == .milliseconds(600))
    #expect(bucket.reserve(at: .zero + .milliseconds(1_900)) == .milliseconds(100))
    #expect(bucket.reserve(at: .zero + .milliseconds(3_000)) == .zero)
  }

  /// J.1: two tokens a request, all at once: the last of 5,000 is approved at 498.5 s.
  @Test(arguments: [(10, 0), (100, 8_500), (500, 48_500), (1_000, 98_500), (10_000, 998_500)])
  func `a crowd is served at the rate of the bucket`(requests: Int, milliseconds: Int64) {
    var bucket = TokenBucket(perSecond: 20, burst: 30)
    var wait = Duration.zero
    for _ in 0..<(2 * requests) { wait = bucket.reserve(at: .zero) }
    #expect(wait == .milliseconds(milliseconds))
  }

  /// S2: five workers take turns at a review and an update for each request.
  @Test func `five approvers finish request k when timeline S2 says`() {
    var bucket = TokenBucket(perSecond: 20, burst: 30)
    var workers = [Instant](repeating: .zero, count: 5)
    for first in stride(from: 1, through: 996, by: 5) {
      for _ in ["review", "update"] {
        for worker in 0..<5 {
          workers[worker] = workers[worker] + bucket.reserve(at: workers[worker])
        }
      }
      for worker in 0..<5 {
        #expect(workers[worker] - Instant.zero == approval(of: Int64(first + worker)))
      }
    }
  }

  private func approval(of request: Int64) -> Duration {
    if request < 16 { return .zero }
    let (turn, worker) = (request - 16).quotientAndRemainder(dividingBy: 5)
    return .milliseconds(50 * (10 * turn + 6 + worker))
  }

  /// Tokens per 1,000 s and burst: 20/s, 7.5/s, 30/s, 5/s, 1/s, one in 1,000 s, and odd ones.
  static let limits: [(milliRate: Int64, burst: Int64)] = [
    (20_000, 30), (7_500, 10), (30_000, 1), (5_000, 10), (1_000, 1), (1, 3), (333, 7),
    (7_777_777, 100), (1_000_000_007, 2),
  ]

  @available(macOS 15, *)
  @Test(arguments: limits)
  func `a million reservations at once drift by nothing`(milliRate: Int64, burst: Int64) {
    var bucket = TokenBucket(milliRate: milliRate, burst: burst)
    let count: Int64 = milliRate == 1 ? 9_000 : 1_000_000
    var last = Duration.zero
    for _ in 0..<count { last = bucket.reserve(at: .zero) }
    #expect(
      last.nanoseconds == roundedUp((count - burst), times: 1_000_000_000_000, over: milliRate))
  }

  @available(macOS 15, *)
  @Test(arguments: limits)
  func `waits are those of exact fractions`(milliRate: Int64, burst: Int64) {
    var bucket = TokenBucket(milliRate: milliRate, burst: burst)
    var oracle = ExactBucket(milliRate: milliRate, burst: burst)
    var draws = RandomStream(seed: UInt64(milliRate))
    var now = Instant.zero
    let gap = max(2, 2_000_000_000_000 / milliRate)
    for turn in 0..<3_000 {
      // Mostly about the rate, at times a burst, at times a long rest.
      if turn % 100 != 0 { now = now + Duration(nanoseconds: draws.next(in: 0..<gap)) }
      if turn % 500 == 0 { now = now + Duration(nanoseconds: gap * draws.next(in: 0..<20)) }
      for _ in 0..<(turn % 100 == 0 ? 20 : 1) {
        #expect(bucket.reserve(at: now).nanoseconds == oracle.reserve(at: now.nanoseconds))
      }
    }
  }

  @available(macOS 15, *)
  private func roundedUp(_ value: Int64, times factor: Int64, over divisor: Int64) -> Int64 {
    let product = Int128(value) * Int128(factor)
    return Int64((product + Int128(divisor) - 1) / Int128(divisor))
  }
}

/// A token bucket that counts tokens in 10⁻¹²ths, which every rate and instant has whole.
@available(macOS 15, *)
private struct ExactBucket {
  let milliRate: Int128
  let full: Int128
  var tokens: Int128
  var last: Int128 = 0
  let one: Int128 = 1_000_000_000_000

  init(milliRate: Int64, burst: Int64) {
    self.milliRate = Int128(milliRate)
    full = Int128(burst) * 1_000_000_000_000
    tokens = full
  }

  /// What is left may be less than nothing: a token that is promised.
  mutating func reserve(at now: Int64) -> Int64 {
    tokens = min(full, tokens + (Int128(now) - last) * milliRate)
    last = Int128(now)
    tokens -= one
    return tokens >= 0 ? 0 : Int64((-tokens + milliRate - 1) / milliRate)
  }
}
