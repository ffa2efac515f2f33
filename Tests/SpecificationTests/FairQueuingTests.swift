import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section K.3 of protocol.md: queues, turns, refusals.
struct FairQueuingTests {
  // MARK: Queues

  /// The cards are those of an independent dealer that takes the n-th of what is left of the deck.
  @Test func `K.3 a hash deals six different queues`() {
    #expect(
      ShuffleSharding.hand(of: Crowd.token, size: 6, queues: 128)
        == ShuffleSharding.Hand(5, 88, 98, 53, 8, 117, 0, 0))
    #expect(
      ShuffleSharding.hand(of: Crowd.anonymous, size: 6, queues: 128)
        == ShuffleSharding.Hand(28, 42, 66, 34, 23, 24, 0, 0))
    #expect(
      ShuffleSharding.hand(of: 0xa545_8056_6ae0_e4df, size: 6, queues: 64)
        == ShuffleSharding.Hand(31, 41, 53, 23, 38, 17, 0, 0))
    for hash in (0..<2_000).map({ UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }) {
      let hand = ShuffleSharding.hand(of: hash, size: 4, queues: 16)
      #expect(Set((0..<4).map { hand[$0] }).count == 4)
      #expect((0..<4).allSatisfy { hand[$0] < 16 })
    }
  }

  @Test func `K.3 one flow has at most 300 waiting, the next is refused`() {
    var crowd = Crowd()
    crowd.arrive(56 + 300, at: 0)
    #expect(crowd.refused.isEmpty)
    #expect(crowd.server[.globalDefault].queues.waiting == 300)
    crowd.arrive(1, at: 0)
    #expect(crowd.refused == [1])
    // Another flow has queues of its own.
    crowd.arrive(1, at: 0, hash: Crowd.anonymous)
    #expect(crowd.server[.globalDefault].queues.waiting == 301)
  }

  @Test func `K.3 a request joins the queue with the fewest that wait`() {
    var crowd = Crowd()
    crowd.arrive(56 + 60, at: 0)
    for queue in [5, 88, 98, 53, 8, 117] {
      #expect(crowd.server[.globalDefault].queues.length(of: queue) == 10)
    }
  }

  // MARK: Turns

  @Test func `K.3 two flows have equal turns, however many wait of each`() {
    var crowd = Crowd()
    crowd.arrive(56 + 240, at: 0)
    crowd.arrive(60, at: 0, hash: Crowd.anonymous)
    let executing = crowd.seats
    var started: [UInt32] = []
    for (place, seat) in executing.enumerated() {
      started += crowd.finish(seat, at: 3 + place / 8)
    }
    #expect(started.count == 56)
    let others = started.filter { $0 > 296 }.count
    #expect((26...30).contains(others))
  }

  @Test func `K.3 requests of one queue start in the order of their arrival`() {
    var crowd = Crowd()
    crowd.arrive(56 + 120, at: 0)
    var last: [Int: UInt32] = [:]
    for (place, seat) in crowd.seats.enumerated() {
      for ticket in crowd.finish(seat, at: 10 + place) {
        let queue = crowd.changes.started[0].seat.queue ?? -1
        #expect(ticket > last[queue, default: 0])
        last[queue] = ticket
      }
    }
    #expect(last.count == 6)
  }

  @Test func `K.3 a flow whose requests last longer has fewer turns`() {
    var crowd = Crowd()
    crowd.arrive(28, at: 0)
    crowd.arrive(28, at: 0, hash: Crowd.anonymous)
    crowd.arrive(300, at: 0)
    crowd.arrive(300, at: 0, hash: Crowd.anonymous)
    // Those of the token (odd in `slow`) take 40 ms, the others 10 ms.
    var slowStarts = 0
    var fastStarts = 0
    let slow: Set<Int> = [5, 88, 98, 53, 8, 117]
    for now in 1...80 {
      for seat in crowd.seats {
        let isSlow = slow.contains(seat.queue ?? -1)
        guard (Crowd.instant(now) - seat.started) >= .milliseconds(isSlow ? 40 : 10),
          let place = crowd.seats.firstIndex(of: seat)
        else { continue }
        crowd.seats.remove(at: place)
        crowd.finish(seat, at: now)
        for started in crowd.changes.started {
          if slow.contains(started.seat.queue ?? -1) { slowStarts += 1 } else { fastStarts += 1 }
        }
      }
    }
    #expect(fastStarts > 2 * slowStarts)
    #expect(slowStarts > 0)
  }

  @Test func `a server that is not full starts every request at once`() {
    var crowd = Crowd()
    for now in 0..<5_000 {
      crowd.arrive(1, at: now)
      if crowd.seats.count == 40 { crowd.finish(crowd.seats.removeFirst(), at: now) }
    }
    #expect(crowd.refused.isEmpty && crowd.waits.isEmpty)
    #expect(crowd.server.nextTimer == .never)
  }

  @Test func `a copy goes on alike`() {
    var crowd = Crowd()
    crowd.arrive(400, at: 0)
    crowd.arrive(50, at: 0, hash: Crowd.anonymous)
    var copy = crowd
    for now in 1..<300 {
      for _ in 0..<min(3, crowd.seats.count) {
        crowd.finish(crowd.seats.removeFirst(), at: now)
        copy.finish(copy.seats.removeFirst(), at: now)
      }
    }
    #expect(crowd.server == copy.server)
    #expect(crowd.server.waiting == 0)
    #expect(crowd.server[.globalDefault].seatsInUse == crowd.seats.count)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `nobody is lost in a long random mix`(seed: UInt64) {
    var random = RandomStream(seed: seed)
    var crowd = Crowd()
    var arrived = 0
    var rejected = 0
    var gone = 0
    for now in 0..<15_000 {
      while crowd.server.nextTimer <= Crowd.instant(now) {
        crowd.fire(at: now)
        rejected += crowd.changes.rejected.count
      }
      // Busy for 4 s of 10.
      for _ in 0..<(now % 10_000 < 4_000 ? random.next(below: 4) : random.next(below: 2)) {
        arrived += 1
        crowd.arrive(
          ticket: arrived, random.next(below: 3) == 0 ? .system : .globalDefault,
          patience: .milliseconds(Int64(random.next(below: 4_000)) + 1), at: now,
          hash: random.next(below: 2) == 0 ? Crowd.token : Crowd.anonymous)
      }
      if !crowd.seats.isEmpty {
        let place = Int(random.next(below: UInt64(crowd.seats.count)))
        crowd.finish(crowd.seats.remove(at: place), at: now)
      }
      if random.next(below: 20) == 0, let ticket = crowd.waits.keys.max() {
        gone += crowd.withdraw(ticket, at: now) ? 1 : 0
      }
    }
    let inUse = crowd.server[.system].seatsInUse + crowd.server[.globalDefault].seatsInUse
    #expect(crowd.seats.count == inUse)
    let ended = crowd.finished + crowd.refused.count + rejected + gone
    #expect(arrived == ended + crowd.seats.count + crowd.server.waiting)
    #expect(rejected > 0 && gone > 0 && !crowd.refused.isEmpty)
  }
}
