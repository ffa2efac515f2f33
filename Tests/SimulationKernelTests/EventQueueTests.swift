import SimulationKernel
import Testing

@Suite struct EventQueueTests {
  @Test func `a new queue is empty, at the start of the run`() {
    var queue = EventQueue<Int>()
    #expect(queue.isEmpty)
    #expect(queue.now == .zero)
    #expect(queue.nextInstant == nil)
    #expect(queue.pop() == nil)
  }

  @Test(arguments: [2, 16, 17, 32, 33, 500, 5_000])
  func `events of one instant leave in the order in which they came`(count: Int) {
    var queue = EventQueue<Int>()
    for event in 0..<count { queue.push(event, at: Instant(nanoseconds: 1_234_567)) }
    #expect(queue.nextInstant == Instant(nanoseconds: 1_234_567))
    for event in 0..<count { #expect(queue.pop() == event) }
    #expect(queue.isEmpty)
    #expect(queue.now == Instant(nanoseconds: 1_234_567))
  }

  @Test(arguments: [1, 20, 100])
  func `an event at this very instant leaves after those that wait for it`(waiting: Int) {
    var queue = EventQueue<Int>()
    let instant = Instant(nanoseconds: 99)
    for event in 0...waiting { queue.push(event, at: instant) }
    #expect(queue.pop() == 0)
    for event in 0..<100 { queue.push(1_000 + event, at: instant) }
    for event in 1...waiting { #expect(queue.pop() == event) }
    for event in 0..<100 { #expect(queue.pop() == 1_000 + event) }
  }

  @Test func `an event before all that wait leaves first`() {
    var queue = EventQueue<String>()
    queue.push("much later", at: Instant(nanoseconds: 9_000_000_000))
    queue.push("later", at: Instant(nanoseconds: 5_000_000_000))
    queue.push("first", at: .zero)
    #expect(queue.pop() == "first")
    queue.push("soon", at: Instant(nanoseconds: 1))
    #expect(queue.nextInstant == Instant(nanoseconds: 1))
    #expect(queue.pop() == "soon")
    #expect(queue.pop() == "later")
    queue.push("between", at: Instant(nanoseconds: 5_000_000_001))
    #expect(queue.pop() == "between")
    #expect(queue.pop() == "much later")
    #expect(queue.now == Instant(nanoseconds: 9_000_000_000))
  }

  @Test func `looking at the next instant moves nothing`() {
    var queue = EventQueue<Int>()
    queue.push(7, at: .never)
    #expect(queue.nextInstant == .never)
    #expect(queue.now == .zero)
    queue.push(8, at: Instant(nanoseconds: 3))
    #expect(queue.nextInstant == Instant(nanoseconds: 3))
    #expect(queue.pop() == 8)
    #expect(queue.pop() == 7)
    #expect(queue.now == .never)
    queue.push(9, at: .never)
    #expect(queue.pop() == 9)
  }

  @Test(arguments: [0, 1, 20, 100])
  func `the events of the first instant leave together, and pushed again keep their order`(
    later: Int
  ) {
    var queue = EventQueue<Int>()
    for event in 0..<40 { queue.push(event, at: Instant(nanoseconds: 5)) }
    for event in 0..<later { queue.push(100 + event, at: Instant(nanoseconds: 6)) }
    let events = queue.popInstant()
    #expect(events == Array(0..<40))
    #expect(queue.now == Instant(nanoseconds: 5))
    #expect(queue.count == later)
    for event in events where event != 7 { queue.push(event, at: queue.now) }
    #expect(queue.popInstant() == events.filter { $0 != 7 })
    #expect(queue.popInstant() == (0..<later).map { 100 + $0 })
    #expect(queue.popInstant().isEmpty)
  }

  @Test(arguments: 0..<200)
  func `the order is that of a sorted array`(seed: UInt64) {
    var program = QueueProgram(seed: seed)
    program.run(steps: 2_000)
    program.drain()
  }

  @Test(arguments: 0..<50)
  func `a copy goes on like its original, and neither sees the other`(seed: UInt64) {
    var original = QueueProgram(seed: seed)
    original.run(steps: 700)
    var copy = original
    copy.run(steps: 300)
    let untouched = original
    original.run(steps: 300)
    #expect(original.popped == copy.popped)
    copy.draws = RandomStream(seed: seed &+ 1_000)
    copy.run(steps: 500)
    var third = untouched
    third.run(steps: 300)
    #expect(original.popped == third.popped)
    original.drain()
    copy.drain()
    third.drain()
    #expect(original.popped == third.popped)
  }

  @Test func `a queue that is filled and emptied again and again does not grow`() {
    var queue = EventQueue<Int>()
    var draws = RandomStream(seed: 1)
    for _ in 0..<200 {
      for event in 0..<1_000 {
        let wait = Duration(nanoseconds: draws.next(in: 0..<2_000_000_000))
        queue.push(event, at: queue.now + wait)
      }
      while queue.pop() != nil {}
    }
    #expect(queue.capacity <= 2 * (1_000 + 256 * 16))
  }
}

/// A random program, run on the queue and on a sorted array at once.
private struct QueueProgram {
  var queue = EventQueue<Int>()
  /// The oracle: pending events, sorted by instant, then by sequence.
  var sorted: [(instant: Int64, sequence: Int)] = []
  var draws: RandomStream
  var sequence = 0
  var popped: [Int] = []
  let style: UInt64

  init(seed: UInt64) {
    draws = RandomStream(seed: seed)
    style = draws.next(below: 4)
  }

  mutating func run(steps: Int) {
    for _ in 0..<steps {
      // Grows and shrinks by turns.
      let growing = sequence / 512 % 2 == 0
      if draws.next(below: 8) < (growing ? 5 : 3) { push() } else { pop() }
      if draws.next(below: 64) == 0 { pushMany() }
    }
  }

  mutating func drain() {
    while !sorted.isEmpty { pop() }
    pop()
  }

  private mutating func push() { push(at: drawInstant()) }

  private mutating func pushMany() {
    let instant = drawInstant()
    for _ in 0..<draws.next(below: 80) { push(at: instant) }
  }

  private mutating func push(at instant: Int64) {
    queue.push(sequence, at: Instant(nanoseconds: instant))
    var index = sorted.count
    while index > 0, sorted[index - 1].instant > instant { index -= 1 }
    sorted.insert((instant, sequence), at: index)
    sequence += 1
    #expect(queue.count == sorted.count)
  }

  private mutating func pop() {
    #expect(queue.nextInstant?.nanoseconds == sorted.first?.instant)
    guard let event = queue.pop() else {
      #expect(sorted.isEmpty)
      return
    }
    let first = sorted.removeFirst()
    popped.append(event)
    if event != first.sequence { Issue.record("popped \(event) instead of \(first.sequence)") }
    #expect(queue.now.nanoseconds == first.instant)
  }

  private mutating func drawInstant() -> Int64 {
    let now = queue.now.nanoseconds
    let most = Int64.max - now
    switch (style, draws.next(below: 10)) {
    case (_, 0): return now
    case (0, 1): return .max
    case (0, 2): return .max - min(most, draws.next(in: 0..<20))
    // Few different instants.
    case (1, _): return now + min(most, draws.next(in: 0..<3) * 1_000_000)
    // Any magnitude.
    case (2, _):
      let shift = draws.next(below: 62)
      return now + min(most, draws.next(in: 0..<(1 << Int64(shift))))
    default: return now + min(most, draws.next(in: 0..<2_000))
    }
  }
}
