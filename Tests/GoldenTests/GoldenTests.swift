import Foundation
import Testing
import TestSupport
import TLSBootstrap

/// Every scenario's summary and steps, as text. `UPDATE_GOLDEN=1` rewrites; explain every changed line.
struct GoldenTests {
  /// By name; those of failures have tests of their own.
  private static let scenarios = Repository.scenarios.filter { !$0.contains("/failures/") }
    .map { String($0.dropFirst("scenarios/".count).dropLast(".yaml".count)) }

  @Test(arguments: scenarios)
  func `a scenario comes out as its golden file says`(name: String) throws {
    try GoldenFile(name: "\(name).trace").hold(try PlayedScenario(name).goldenText)
  }

  @Test func `there are at least eight scenarios and each has a comment that says what it shows`()
    throws
  {
    #expect(Self.scenarios.count >= 8)
    for name in Self.scenarios {
      let text = try String(contentsOfFile: Repository.path(ofScenario: name), encoding: .utf8)
      #expect(text.hasPrefix("# "), "\(name) begins with its story")
    }
  }
}
