import SimulationKernel
import Testing

@Suite struct RandomStreamTests {
  @Test func `the draws of a seed never change`() {
    let root = RandomStream(seed: 42)
    #expect(
      draws(3, of: root) == [
        1_623_612_795_357_033_490,
        1_261_703_180_985_029_742,
        157_702_158_368_103_075,
      ])
    #expect(
      draws(2, of: root.split("kubelet/7/renewal")) == [
        9_582_415_984_532_758_796,
        9_883_872_585_404_230_144,
      ])
    #expect(
      draws(2, of: root.draw(7)) == [6_624_566_549_448_439_319, 17_585_843_186_027_218_094])
  }

  @Test func `draws of one stream never move those of another`() {
    var root = RandomStream(seed: 1)
    let before = root.split("network")
    for _ in 0..<100 { _ = root.next() }
    var sibling = root.split("apiserver")
    for _ in 0..<100 { _ = sibling.next() }
    #expect(draws(1_000, of: root.split("network")) == draws(1_000, of: before))
    #expect(draws(1_000, of: root.draw(3)) == draws(1_000, of: RandomStream(seed: 1).draw(3)))
  }

  @Test func `a copied stream goes on like its original`() {
    var stream = RandomStream(seed: 5)
    _ = draws(10, of: stream)
    _ = stream.next()
    let copy = stream
    #expect(draws(100, of: stream) == draws(100, of: copy))
  }

  @Test func `streams of different names, numbers and seeds share no draw`() {
    let root = RandomStream(seed: 9)
    var streams = [root, RandomStream(seed: 10), root.split(""), root.split("a"), root.split("b")]
    streams += [root.split("ab"), root.split("a").split("b"), root.split("0")]
    for number in 0..<200 { streams.append(root.draw(number)) }
    let all = streams.flatMap { draws(200, of: $0) }
    #expect(Set(all).count == streams.count * 200)
  }

  @Test func `draws of many owners with many numbers are all different`() {
    let stream = RandomStream(seed: 9).split("network")
    var seen: Set<UInt64> = []
    for owner in 0..<1_000 {
      for number in 0..<1_000 { seen.formUnion(draws(2, of: stream.draw(owner << 32 | number))) }
    }
    #expect(seen.count == 2_000_000)
  }

  @Test func `every bit is set half of the time`() {
    var counts = [Int](repeating: 0, count: 64)
    for draw in draws(100_000, of: RandomStream(seed: 3)) {
      for bit in 0..<64 where draw >> UInt64(bit) & 1 == 1 { counts[bit] += 1 }
    }
    // Five standard deviations of a fair coin: 5 · √100,000 / 2 ≈ 790.
    for count in counts { #expect((49_210...50_790).contains(count)) }
  }

  @Test func `bounded draws hit every value alike and none beyond`() {
    var stream = RandomStream(seed: 4)
    var counts = [Int](repeating: 0, count: 10)
    for _ in 0..<100_000 { counts[Int(stream.next(below: 10))] += 1 }
    // Five standard deviations: 5 · √(100,000 · 0.1 · 0.9) ≈ 474.
    for count in counts { #expect((9_526...10_474).contains(count)) }
    for _ in 0..<10_000 { #expect((-5..<6).contains(stream.next(in: -5..<6))) }
    #expect(stream.next(in: 17..<17) == 17)
    #expect(stream.next(below: 1) == 0)
  }

  @Test func `numbered draws are uniform, too`() {
    let root = RandomStream(seed: 6)
    var counts = [Int](repeating: 0, count: 16)
    for number in 0..<160_000 {
      var stream = root.draw(number)
      counts[Int(stream.next(below: 16))] += 1
    }
    // Five standard deviations: 5 · √(160,000 · 1/16 · 15/16) ≈ 484.
    for count in counts { #expect((9_516...10_484).contains(count)) }
  }

  @Test func `jitter only ever adds`() {
    var stream = RandomStream(seed: 8)
    var sum = Duration.zero
    for _ in 0..<10_000 {
      let length = stream.jitter(.seconds(10), by: 1, over: 2)
      #expect(length >= .seconds(10) && length < .seconds(15))
      sum = sum + length
    }
    // A mean of 12.5 s, within 1 %.
    #expect(sum > .seconds(123_750) && sum < .seconds(126_250))
    #expect(stream.jitter(.seconds(10), by: 0, over: 1) == .seconds(10))
  }

  @Test func `a shuffle gives each order alike, and of a few places each choice`() {
    var (orders, choices): ([[Int]: Int], [Int: Int]) = ([:], [:])
    var stream = RandomStream(seed: 9)
    for _ in 0..<6_000 {
      var all = [0, 1, 2]
      stream.shuffle(&all, places: 3)
      orders[all, default: 0] += 1
      var some = [0, 1, 2, 3]
      stream.shuffle(&some, places: 1)
      #expect(some.sorted() == [0, 1, 2, 3])
      choices[some[0], default: 0] += 1
    }
    #expect(orders.count == 6 && orders.values.allSatisfy { (900...1_100).contains($0) })
    #expect(choices.count == 4 && choices.values.allSatisfy { (1_350...1_650).contains($0) })
  }

  private func draws(_ count: Int, of stream: RandomStream) -> [UInt64] {
    var stream = stream
    return (0..<count).map { _ in stream.next() }
  }
}
