import Foundation
import Testing
import TLSBootstrap

/// Every scenario's summary and steps, as text. `UPDATE_GOLDEN=1` rewrites; explain every changed line.
struct GoldenTests {
  @Test(arguments: Repository.scenarios)
  func `a scenario comes out as its golden file says`(name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(name).trace")
    let text = try PlayedScenario(name).goldenText
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    let difference = zip(
      text.split(separator: "\n", omittingEmptySubsequences: false),
      golden.split(separator: "\n", omittingEmptySubsequences: false)
    ).first { $0 != $1 }
    if let (now, before) = difference {
      Issue.record("first difference of \(name):\n  golden: \(before)\n  now:    \(now)")
    }
    #expect(text == golden)
  }

  @Test func `there are at least eight scenarios and each has a comment that says what it shows`()
    throws
  {
    #expect(Repository.scenarios.count >= 8)
    for name in Repository.scenarios {
      let text = try String(contentsOfFile: Repository.path(ofScenario: name), encoding: .utf8)
      #expect(text.hasPrefix("# "), "\(name) begins with its story")
    }
  }
}
