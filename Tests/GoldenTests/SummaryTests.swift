import Foundation
import SimulationKernel
import TLSBootstrap
import Testing

@testable import Reporting

/// The summary, the JSON object and the lines of a trace, as far as golden files do not say why.
struct SummaryTests {
  @Test func `a rate needs three events and a time between them`() throws {
    let few = try PlayedScenario("first-node")
    #expect(RunReport.rate(few.world.statistics.approved) == nil)
    let many = try PlayedScenario("expired-token")
    #expect(RunReport.rate(many.world.statistics.approved) != nil)
  }

  @Test func `JSON has null where a rate says nothing`() throws {
    let played = try PlayedScenario("first-node")
    let text = try JSONReport(RunReport(played.world, ending: played.ending), trace: nil).text()
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let approval = try #require(object?["approval"] as? [String: Any])
    #expect(approval["approved"] as? Int == 2)
    #expect(approval["perSecond"] is NSNull && approval["issuedPerSecond"] is NSNull)
  }
}
