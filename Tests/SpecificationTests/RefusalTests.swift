import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section K.3 of protocol.md: patience, 429 and Retry-After.
struct RefusalTests {
  @Test func `K.3 patience is a quarter of the deadline, at most a minute`() {
    #expect(PriorityAndFairness.patience() == .seconds(15))
    // The kubelet's heartbeat client, 10 s.
    #expect(
      PriorityAndFairness.patience(untilDeadline: .seconds(10)) == .milliseconds(2_500))
    #expect(PriorityAndFairness.patience(untilDeadline: .minutes(10)) == .minutes(1))
  }

  @Test func `K.3 who has waited 15 s is refused`() {
    var crowd = Crowd()
    crowd.arrive(56 + 2, at: 1_000)
    crowd.arrive(ticket: 900, patience: .milliseconds(2_500), at: 2_000)
    #expect(crowd.server.nextTimer == Crowd.instant(4_500))
    crowd.fire(at: 4_500)
    #expect(crowd.changes.rejected.map(\.ticket) == [900])
    #expect(crowd.changes.rejected.map(\.retryAfter) == [1])
    #expect(crowd.server.nextTimer == Crowd.instant(10_000))
  }

  @Test func `K.3 all whose patience ends at once are refused at once`() {
    var crowd = Crowd(PriorityAndFairness(firstTick: .never))
    crowd.arrive(56 + 100, at: 0)
    #expect(crowd.server.nextTimer == Crowd.instant(15_000))
    crowd.fire(at: 14_999)
    #expect(crowd.changes.rejected.isEmpty)
    crowd.fire(at: 15_000)
    #expect(crowd.changes.rejected.count == 100)
    #expect(crowd.server.waiting == 0)
    #expect(crowd.server.nextTimer == .never)
    #expect(crowd.server[.globalDefault].seatsInUse == 56)
  }

  @Test func `who has started is not refused any more`() {
    var crowd = Crowd(PriorityAndFairness(firstTick: .never))
    crowd.arrive(57, at: 0)
    #expect(crowd.finish(crowd.seats[0], at: 14_000) == [57])
    #expect(crowd.server.nextTimer == .never)
    crowd.fire(at: 15_000)
    #expect(crowd.changes.rejected.isEmpty)
  }

  @Test func `who has gone leaves the queue, once`() throws {
    var crowd = Crowd()
    crowd.arrive(58, at: 0)
    let (place, level) = try #require(crowd.waits[57])
    let hasLeft = crowd.withdraw(57, at: 10)
    let hasLeftAgain = crowd.server.withdraw(
      place, level, at: Crowd.instant(10), &crowd.changes)
    #expect(hasLeft && !hasLeftAgain)
    #expect(crowd.finish(crowd.seats[0], at: 20) == [58])
    #expect(crowd.server.waiting == 0)
  }

  @Test func `K.3 catch-all refuses at once what finds no seat`() {
    var crowd = Crowd()
    // 13 nominal seats, 30 while all others are idle.
    #expect(crowd.server[.catchAll].limit == 30)
    for ticket in 0..<31 { crowd.arrive(ticket: ticket, .catchAll, at: 0) }
    #expect(crowd.seats.count == 30)
    #expect(crowd.refused == [1])
  }

  @Test func `K.3 exempt requests always start`() {
    var crowd = Crowd()
    for ticket in 0..<5_000 { crowd.arrive(ticket: ticket, .exempt, at: 0) }
    #expect(crowd.seats.count == 5_000)
    #expect(crowd.refused.isEmpty)
  }

  // MARK: Without priority and fairness

  @Test func `K.3 without it 400 reads and 200 writes are in flight, and Retry-After is 1`() {
    var crowd = Crowd(
      PriorityAndFairness(maxRequestsInFlight: 400, maxMutatingRequestsInFlight: 200))
    for second in 0..<5 {
      for ticket in 0..<500 {
        crowd.arrive(ticket: ticket, .readOnly, at: 1_000 * second)
        crowd.arrive(ticket: ticket, .mutating, at: 1_000 * second)
      }
      #expect(crowd.seats.count == 600)
      #expect(crowd.server[.readOnly].seatsInUse == 400)
      #expect(crowd.server[.mutating].seatsInUse == 200)
    }
    #expect(crowd.refused.count == 2_500 - 400 + 2_500 - 200)
    #expect(crowd.refused.allSatisfy { $0 == 1 })
    crowd.finishAll(at: 6_000)
    #expect(crowd.server[.readOnly].seatsInUse == 0)
  }

  @Test func `K.3 a limit of 0 is none`() {
    var crowd = Crowd(
      PriorityAndFairness(maxRequestsInFlight: 0, maxMutatingRequestsInFlight: 200))
    for ticket in 0..<1_000 { crowd.arrive(ticket: ticket, .readOnly, at: 0) }
    #expect(crowd.refused.isEmpty)
  }

  // MARK: Retry-After

  /// What is told to the last of so many refusals in each second.
  private func told(_ refusals: [Int]) -> [Int64] {
    var automaton = RetryAfter()
    return refusals.enumerated().map { second, count in
      for _ in 0..<count { automaton.noteRefusal(at: .zero + .seconds(Int64(second))) }
      return automaton.seconds
    }
  }

  @Test func `K.3 Retry-After starts at 1 s and stays within the first second`() {
    #expect(told([1_000]) == [1])
  }

  @Test func `K.3 three refusals a second double it in a new second`() {
    #expect(told([3, 1]) == [1, 2])
    #expect(told([2, 1]) == [1, 1])
  }

  @Test func `K.3 it is raised at most once in its own length, up to 32 s`() {
    var expected: [Int64] = [1, 2, 2]
    for length in [4, 8, 16] { expected += Array(repeating: Int64(length), count: length) }
    expected += Array(repeating: 32, count: 33)
    #expect(told(Array(repeating: 1_000, count: 64)) == expected)
  }

  @Test func `K.3 fewer refusals than its length lower it by 1 s, never below 1`() {
    var automaton = RetryAfter()
    for second in 0..<4 as Range<Int64> {
      for _ in 0..<100 { automaton.noteRefusal(at: .zero + .seconds(second)) }
    }
    #expect(automaton.seconds == 4)
    var seen: [Int64] = []
    for second in stride(from: 100, to: 600, by: 100) as StrideTo<Int64> {
      automaton.noteRefusal(at: .zero + .seconds(second))
      seen.append(automaton.seconds)
    }
    #expect(seen == [3, 2, 1, 1, 1])
  }

  @Test(arguments: [(2, 2), (1, 1)] as [(Int, Int64)])
  func `K.3 as many refusals as its length leave it as it is`(refusals: Int, expected: Int64) {
    var automaton = RetryAfter()
    for (second, count) in [(0, 3), (1, 1), (2, refusals), (4, 1)] {
      for _ in 0..<count { automaton.noteRefusal(at: .zero + .seconds(Int64(second))) }
    }
    #expect(automaton.seconds == expected)
  }

  @Test func `K.3 each level has a Retry-After of its own`() {
    var crowd = Crowd()
    for second in 0..<3 {
      for ticket in 0..<900 {
        crowd.arrive(ticket: ticket, .globalDefault, at: 1_000 * second)
      }
    }
    #expect(crowd.server[.globalDefault].retryAfter.seconds == 2)
    #expect(crowd.server[.system].retryAfter.seconds == 1)
  }
}
