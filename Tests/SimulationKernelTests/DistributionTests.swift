import Foundation
import Testing

@testable import SimulationKernel

/// Qualified, because Foundation brings along another one.
private typealias Duration = SimulationKernel.Duration

@Suite struct DistributionTests {
  private static let latency = Distribution.quantiles(
    .init(
      least: .milliseconds(1), p50: .milliseconds(2), p90: .milliseconds(5),
      p99: .milliseconds(40), greatest: .milliseconds(200)))

  @Test func `the draws of a seed never change`() {
    var stream = RandomStream(seed: 42)
    let uniform = Distribution.uniform(from: .seconds(1), to: .seconds(2))
    let exponential = Distribution.exponential(mean: .seconds(1))
    let pinned = [uniform, exponential, exponential, exponential, Self.latency, Self.latency]
    #expect(
      pinned.map { $0.draw(from: &stream).nanoseconds } == [
        1_088_016_226, 2_682_425_343, 4_761_934_981, 1_022_104_578, 3_539_820, 31_420_618,
      ])
  }

  @Test func `a constant is what it says and draws nothing`() {
    var stream = RandomStream(seed: 1)
    let untouched = stream
    #expect(Distribution.constant(.seconds(3)).draw(from: &stream) == .seconds(3))
    #expect(stream == untouched)
    #expect(Distribution.constant(.seconds(3)).median == .seconds(3))
  }

  @Test func `uniform draws fill their range and do not leave it`() {
    let uniform = Distribution.uniform(from: .milliseconds(100), to: .milliseconds(300))
    let draws = sortedDraws(100_000, of: uniform)
    #expect(draws[0] >= .milliseconds(100) && draws[0] < .milliseconds(101))
    #expect(draws[99_999] < .milliseconds(300) && draws[99_999] > .milliseconds(299))
    #expect(uniform.median == .milliseconds(200))
    #expect(isShareBelow(.milliseconds(150), of: draws, near: 25_000))
    #expect(isShareBelow(.milliseconds(200), of: draws, near: 50_000))
  }

  @Test func `a range without width gives its bound`() {
    var stream = RandomStream(seed: 1)
    let uniform = Distribution.uniform(from: .seconds(1), to: .seconds(1))
    #expect(uniform.draw(from: &stream) == .seconds(1))
  }

  @Test func `each quantile has its share below it`() {
    let draws = sortedDraws(100_000, of: Self.latency)
    #expect(draws[0] >= .milliseconds(1) && draws[99_999] <= .milliseconds(200))
    #expect(isShareBelow(.milliseconds(2), of: draws, near: 50_000))
    #expect(isShareBelow(.milliseconds(5), of: draws, near: 90_000))
    #expect(isShareBelow(.milliseconds(40), of: draws, near: 99_000))
    // Linear in between: halfway from p50 to p90 lie 70 %.
    #expect(isShareBelow(Duration(nanoseconds: 3_500_000), of: draws, near: 70_000))
    #expect(Self.latency.median == .milliseconds(2))
  }

  @Test func `the quantile function meets its points exactly`() {
    guard case .quantiles(let quantiles) = Self.latency else {
      Issue.record("not made of quantiles")
      return
    }
    #expect(quantiles.value(at: 0) == .milliseconds(1))
    #expect(quantiles.value(at: 1 << 31) == .milliseconds(2))
    #expect(quantiles.value(at: 3_865_470_566) == .milliseconds(5))
    #expect(quantiles.value(at: 4_252_017_623) == .milliseconds(40))
    #expect(quantiles.value(at: .max) <= .milliseconds(200))
    #expect(quantiles.value(at: .max) > .milliseconds(199))
  }

  @Test func `exponential draws have their mean and their quantiles`() {
    let exponential = Distribution.exponential(mean: .seconds(1))
    let draws = sortedDraws(100_000, of: exponential)
    let sum = draws.reduce(Duration.zero, +)
    // Five standard deviations of the mean: 5 / √100,000 ≈ 1.6 %.
    #expect(sum > .seconds(98_400) && sum < .seconds(101_600))
    #expect(isShareBelow(exponential.median, of: draws, near: 50_000))
    #expect(exponential.median.nanoseconds / 1_000 == 693_147)
    // 1 − e⁻¹ and 1 − e⁻³.
    #expect(isShareBelow(.seconds(1), of: draws, near: 63_212))
    #expect(isShareBelow(.seconds(3), of: draws, near: 95_021))
  }

  @Test func `the integer logarithm is that of real numbers`() {
    var stream = RandomStream(seed: 2)
    var values: [UInt64] = [1, 2, 3, .max, .max - 1, 1 << 63, (1 << 63) - 1, (1 << 32) + 1]
    for _ in 0..<20_000 { values.append(stream.next() >> stream.next(below: 64)) }
    for value in values where value > 0 {
      let logarithm = Double(naturalLogarithm(inverseOf: value)) / 4_294_967_296
      let exact = 64 * log(2) - log(Double(value))
      #expect(abs(logarithm - exact) < 1 / Double(1 << 27), "\(value)")
    }
    #expect(naturalLogarithm(inverseOf: 0) == naturalLogarithm(inverseOf: 1))
  }

  @Test func `a table draws what its distributions do`() {
    let distributions: [Distribution] = [
      .constant(.seconds(3)), .uniform(from: .seconds(1), to: .seconds(2)), Self.latency,
      .exponential(mean: .seconds(1)), .uniform(from: .seconds(1), to: .seconds(1)),
    ]
    let table = DistributionTable(distributions)
    #expect(distributions.indices.map(table.constant) == [.seconds(3), nil, nil, nil, nil])
    let stream = RandomStream(seed: 5)
    for (number, distribution) in distributions.enumerated() {
      for draw in 0..<10_000 {
        var source = stream.draw(draw)
        let expected = distribution.draw(from: &source)
        let drawn = table.draw(number, from: stream.draw(draw))
        // A uniform one is rounded once in a piece, by a nanosecond.
        #expect(abs((drawn - expected).nanoseconds) <= (number == 1 ? 1 : 0))
      }
    }
  }

  private func sortedDraws(_ count: Int, of distribution: Distribution) -> [Duration] {
    var stream = RandomStream(seed: 7)
    return (0..<count).map { _ in distribution.draw(from: &stream) }.sorted()
  }

  /// Whether so many of 100,000 draws are below a bound, within five standard deviations (≤ 790).
  private func isShareBelow(_ bound: Duration, of sorted: [Duration], near share: Int) -> Bool {
    let below = sorted.firstIndex { $0 >= bound } ?? sorted.count
    let rest = Double(share) * Double(100_000 - share) / 100_000
    return abs(Double(below - share)) <= 5 * rest.squareRoot()
  }
}
