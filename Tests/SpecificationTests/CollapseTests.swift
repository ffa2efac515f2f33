import SimulationKernel
import Testing

@testable import TLSBootstrap

/// The livelock that was recorded with stand-ins whose patience is 30 s instead of 15 min: μ = 10/s, so
/// that more than 2μT = 600 of them never all join (protocol.md 0.9; groundtruth, collapse/*.csv).
struct CollapseTests {
  @Test func `0.9 K=280 all join by 26.7 s`() {
    let (world, ending) = Self.play(clients: 280)
    #expect(ending == .allReady)
    #expect(world.statistics.issued.count == 280)
    #expect(world.statistics.abandonedApproved == 0)
    // Recorded 26.72 s, by a look every 2 s or at the end.
    #expect(abs(Self.seconds(world.now) - 26.72) < 0.3)
  }

  @Test func `0.9 K=750 320 have joined at 33 s and not one more by 330 s`() {
    let (world, ending) = Self.play(clients: 750)
    #expect(ending == .duration)
    let served = (0..<750).compactMap { world.node(at: $0).ready }
    // Recorded 320. The stand-ins that joined last are those whose own 30 s began last; in the
    // recording the first creates were spread over 2.8 s by 429s, which let some of them wait longer.
    #expect(abs(served.count - 320) <= 6)
    #expect(served.allSatisfy { $0 <= .zero + .seconds(33) })
    // Recorded 3,313 certificates: 30 free tokens and 20 a second, two for each.
    #expect(abs(world.statistics.issued.count - 3_313) <= 5)
    #expect(world.statistics.abandonedIssued == world.statistics.issued.count - served.count)
    #expect(abs(world.statistics.abandonedIssued - 2_993) <= 10)
    // Recorded 5,050: ten more rounds of all that have not joined, one every 32 s.
    #expect(world.requestCount == 750 + 10 * (750 - served.count))
    #expect(abs(world.requestCount - 5_050) <= 60)
  }

  @Test func `0.9 fewer than 2μT all join, though hundreds of approvals are for nobody`() {
    // The first 30 s serve μT and half the burst, 315. The other 245 are approved in vain first, in
    // 24.5 s, which leaves the rest of their second patience for some of them, and so on.
    let (world, ending) = Self.play(clients: 560)
    #expect(ending == .allReady)
    #expect(world.statistics.abandonedApproved > 200)
  }

  private static func play(clients count: Int) -> (world: World, ending: World.Ending) {
    let settings = CSRClientTests.settings(patience: .seconds(30))
    let cluster = CSRClientTests.cluster(clients: count, settings: settings) { scenario in
      scenario.latency = Latencies()
      // Recorded: all created within 0.5 s; 252 within 0.57 s.
      scenario.groups[0].arrivals = .uniform(from: .zero, to: .milliseconds(500))
      scenario.duration = .seconds(330)
    }
    var world = World(cluster.scenario)
    let ending = world.run()
    return (world, ending)
  }

  private static func seconds(_ instant: Instant) -> Double {
    Double(instant.nanoseconds) / 1e9
  }
}
