import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section K.3 of protocol.md: queues, turns, refusals.
struct FairQueuingTests {
  // MARK: Seats

  @Test func `K.3 a request takes one seat, and a list that selects one name does too`() {
    #expect(RequestWidth.one.most == 1)
    #expect(RequestWidth.list(bytes: 5_000_000, namesOne: true, atMost: 8) == .one)
  }

  @Test func `K.3 a list takes a seat for each 100 kB, from the cache at most ten`() {
    let seats: (Int, Bool) -> Int = {
      RequestWidth.list(bytes: $0, fromCache: $1, atMost: 37).most
    }
    #expect(seats(0, true) == 1)
    #expect(seats(100_000, true) == 1)
    #expect(seats(100_001, true) == 2)
    #expect(seats(5_000_000, true) == 10)
    #expect(seats(5_000_000, false) == 37)
    #expect(RequestWidth.list(bytes: 5_000_000, atMost: 8).most == 8)
  }

  @Test func `K.3 a write lingers 5 ms on a seat for each ten watchers, from ten on`() {
    #expect(RequestWidth.write(watchers: 9, atMost: 10) == .one)
    let wide = RequestWidth.write(watchers: 25, atMost: 10)
    #expect(wide.seats == 1)
    #expect(wide.finalSeats == 3)
    #expect(wide.lingering == .milliseconds(5))
    // Two of three seats linger half as long again.
    let narrow = RequestWidth.write(watchers: 25, atMost: 2)
    #expect(narrow.finalSeats == 2)
    #expect(narrow.lingering == Duration(nanoseconds: 7_500_000))
    #expect(narrow.work == wide.work)
  }

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

  @Test func `K.3 a request joins the queue with the least work that waits`() {
    var crowd = Crowd()
    crowd.arrive(56 + 60, at: 0)
    for queue in [5, 88, 98, 53, 8, 117] {
      #expect(crowd.server[.globalDefault].queues.length(of: queue) == 10)
    }
  }

  @Test func `K.3 a full queue refuses nobody while seats are free`() {
    var crowd = Crowd()
    crowd.arrive(ticket: 900, width: RequestWidth(seats: 40), at: 0)
    // At the head of each of the six queues one that 16 seats are too few for.
    for ticket in 901...906 {
      crowd.arrive(ticket: ticket, width: RequestWidth(seats: 20), at: 0)
    }
    crowd.arrive(400, at: 0)
    #expect(crowd.refused.isEmpty)
    #expect(crowd.server.waiting == 406)
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

  @Test func `K.3 a wide request waits for its seats and then has them`() {
    var crowd = Crowd()
    crowd.arrive(50, at: 0)
    crowd.arrive(ticket: 901, width: RequestWidth(seats: 8), at: 0)
    #expect(crowd.server.waiting == 1)
    #expect(crowd.finish(crowd.seats[0], at: 5).isEmpty)
    #expect(crowd.finish(crowd.seats[1], at: 5) == [901])
    #expect(crowd.server[.globalDefault].seatsInUse == 56)
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
        let width = random.next(below: 50) == 0 ? random.next(below: 70) + 1 : 1
        crowd.arrive(
          ticket: arrived, random.next(below: 3) == 0 ? .system : .globalDefault,
          width: RequestWidth(seats: UInt16(width)),
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
    let seats = crowd.seats.reduce(0) { $0 + Int($1.most) }
    let inUse = crowd.server[.system].seatsInUse + crowd.server[.globalDefault].seatsInUse
    #expect(seats == inUse)
    let ended = crowd.finished + crowd.refused.count + rejected + gone
    #expect(arrived == ended + crowd.seats.count + crowd.server.waiting)
    #expect(rejected > 0 && gone > 0 && !crowd.refused.isEmpty)
  }
}
