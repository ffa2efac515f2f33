import Foundation
import Reporting
import Scenarios
import TestSupport
import TLSBootstrap
import Testing

/// The files of `scenarios/failures`: each number of section O, its end, its cure, and no outcome in its keys.
struct FailureStoryTests {
  @Test func `each number of section O has one file`() {
    let numbers = FailureStory.all.map(\.number)
    #expect(numbers == Array(1...48))
  }

  @Test(arguments: FailureStory.all)
  func `a file tells its story in two to five lines, with its number`(story: FailureStory) throws {
    let text = try String(contentsOfFile: Repository.path(ofScenario: story.name), encoding: .utf8)
    let forTools = ["# yaml-language-server:", "# bootsim-lint:"]
    let lines = text.split(separator: "\n").prefix { $0.hasPrefix("# ") }
      .filter { line in !forTools.contains { line.hasPrefix($0) } }
    #expect((2...5).contains(lines.count - story.cure.count))
    #expect(story.comment.hasPrefix("O\(story.number). "))
    #expect(!story.cure.isEmpty)
    #expect(lines.allSatisfy { $0.count <= 100 })
    let scenario = try ScenarioFile.load(path: Repository.path(ofScenario: story.name)).scenario
    #expect(scenario.name == story.name.dropFirst("failures/".count))
    #expect((1...3).contains(scenario.groups.reduce(0) { $0 + $1.nodeNames.count }))
  }

  @Test(arguments: FailureStory.all)
  func `a failure ends as its file expects`(story: FailureStory) throws {
    let played = try story.play()
    #expect(!played.expectations.isEmpty)
    for expectation in played.expectations {
      let failure = expectation.check(played.outcome)
      #expect(failure == nil, "\(story.name): \(expectation.text)")
    }
  }

  @Test(arguments: FailureStory.all)
  func `with its cause removed every node becomes Ready`(story: FailureStory) throws {
    let played = try story.playCured()
    for node in played.outcome.nodes {
      #expect(node.state == .ready, "\(story.name), \(node.name): \(node.reason)")
    }
  }

  // MARK: Outside `expect` no key names an outcome

  /// Words of keys and actions that would say what comes out instead of what is.
  private let outcomes = [
    "answer", "code", "conflict", "error", "fail", "forbid", "http", "issued", "outcome",
    "ready", "refus", "reject", "result", "settle", "status", "timeout", "unauthorized", "waiting",
  ]
  /// What has such a word and is no outcome: how long a refusal takes, how often a kubelet reports, when
  /// the container network is there.
  private let innocent = [
    "spec.latency.refusal", "spec.latency.networkReady", "spec.latency.updateStatus",
    "LatencyProfile.latency.refusal", "LatencyProfile.latency.networkReady",
    "LatencyProfile.latency.updateStatus",
    "spec.nodes[].kubelet.nodeStatusUpdateFrequency",
    "spec.nodes[].kubelet.nodeStatusReportFrequency",
  ]
  /// What somebody writes into a CSR, right or wrong.
  private let written = [
    "spec.approval[].reason", "spec.approval[].message", "spec.requests[].update.reason",
    "spec.requests[].update.message", "spec.requests[].update.conditions[].status",
    "spec.requests[].update.conditions[].reason", "spec.requests[].update.conditions[].message",
    "spec.requests[].create.status",
  ]

  @Test func `outside expect no key of the format names an outcome, a code, a reason or a message`()
  {
    for key in ScenarioFile.keys.map(\.path) where !key.hasPrefix("spec.expect") {
      if innocent.contains(key) || written.contains(key) { continue }
      let name = key.split(separator: ".").last.map { $0.lowercased() } ?? ""
      let found = (outcomes + ["reason", "message"]).filter(name.contains)
      #expect(found.isEmpty, "\(key) names an outcome")
    }
  }

  @Test func `no action of a fault names an outcome or a code`() {
    for action in FaultAction.all {
      #expect(outcomes.filter { $0 != "fail" }.allSatisfy { !action.name.contains($0) })
      #expect(!action.name.contains { $0.isNumber })
    }
  }

  @Test(arguments: FailureStory.all)
  func `outside expect a file names no code, reason or end`(story: FailureStory) throws {
    let text = try String(contentsOfFile: Repository.path(ofScenario: story.name), encoding: .utf8)
    let reasons = Set(Answer.allCases.map(\.reason)).subtracting([""])
    let codes = Set(Answer.allCases.map(\.code).filter { $0 != 0 }.map { String($0) })
    let ends = Settlement.allCases.filter { $0 != .ready && $0 != .waiting }.map(\.text)
    let lines = Self.outsideExpect(text)
    #expect(lines.contains { $0.hasPrefix("spec:") })
    for line in lines {
      let words = line.split { !$0.isLetter && !$0.isNumber }.map(String.init)
      #expect(reasons.union(codes).isDisjoint(with: words), "\(line)")
      #expect(ends.allSatisfy { !line.contains($0) }, "\(line)")
    }
  }

  /// Without comments and without the block below `expect:`.
  private static func outsideExpect(_ text: String) -> [Substring] {
    var isExpected = false
    return text.split(separator: "\n").filter { line in
      if line.hasPrefix("  expect:") {
        isExpected = true
      } else if !line.hasPrefix("  ") {
        isExpected = false
      }
      return !isExpected && !line.hasPrefix("#")
    }
  }

  // MARK: The list

  @Test func `the list of failure modes has every file with its cure`() throws {
    let rows = FailureStory.all.map { story in
      let file = story.name.dropFirst("failures/".count)
      let title = file.split(separator: "-").dropFirst().joined(separator: " ")
      let cure = story.cure.map { "`--set '\($0)'`" }.joined(separator: "<br>")
      return "| O\(story.number) | [\(title)](\(file).yaml) | \(cure) |"
    }
    let text = """
      # Failure modes

      One scenario for each way in which bootstrapping fails (protocol reference, section O). The comment at
      the top of a file says what fails, what one sees, and what cures it; `expect:` says how it ends. With
      the options of its last column a scenario is cured, and every node becomes Ready. A test writes this
      list (`UPDATE_DOCS=1 swift test --filter FailureStoryTests`).

      | | Scenario | Cured by |
      |---|---|---|

      """
    let list = text + rows.joined(separator: "\n") + "\n"
    #expect(try Repository.text("scenarios/failures/README.md", writing: list) == list)
  }
}
