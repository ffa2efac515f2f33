import SimulationKernel
import TLSBootstrap
import Testing

@testable import Scenarios

/// The estimate of how long CSRs wait for their approver.
struct ApprovalQueueTests {
  @Test func `an administrator approves a batch at each look`() throws {
    var manual = ApproverSettings.Manual()
    manual.firstLook = .minutes(1)
    manual.every = .minutes(10)
    manual.batch = 2
    manual.timePerRequest = .constant(.seconds(3))
    var scenario = Scenario()
    scenario.latency = .zero
    scenario.approvers = [ApproverSettings(kind: .manual(manual))]
    let queue = try #require(ApprovalQueue(.policy(0), scenario, end: .minutes(20)))
    #expect(queue.waits([0, 0, 0, 61, 61]) == [63, 66, 663, 605, .infinity])
  }

  @Test func `csrapproving approves its burst at once, and then two calls a CSR`() throws {
    var scenario = Scenario()
    scenario.latency = .zero
    let queue = try #require(ApprovalQueue(.csrapproving, scenario, end: .hours(1)))
    #expect(queue.rate == 10)
    // 30 tokens for 15 CSRs.
    let waits = queue.waits(Array(repeating: 0, count: 17)).map { ($0 * 10).rounded() / 10 }
    #expect(waits == Array(repeating: 0, count: 15) + [0.1, 0.2])
  }
}
