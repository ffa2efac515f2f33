import Foundation
import Reporting
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing

@testable import Inspection

/// The table of rules is complete: for every end of a node, and for every story of a failure.
struct RuleTests {
  @Test func `there are stories`() { #expect(StoryFile.all.count > 40) }

  /// Those after which a node may be settled have a rule that holds whatever else the trace says.
  @Test(arguments: Settlement.allCases)
  func `every end of a node has a rule`(settlement: Settlement) {
    let rules = Rule.all.filter { $0.settlements.contains(settlement) }
    #expect(!rules.isEmpty)
    let row = settlement.text.split(separator: "(").last?.dropLast() ?? ""
    guard settlement != .ready, settlement != .waiting, row.hasPrefix("O"),
      !row.contains("–")
    else { return }
    let rows = row.split(separator: ", ").map(String.init)
    #expect(Set(rows).isSubset(of: Set(rules.map(\.number))), "\(settlement.text)")
  }

  @Test func `every rule tells what is needed, and every failure is numbered`() {
    for rule in Rule.all {
      #expect(!rule.settlements.isEmpty)
      let isRow = rule.number.dropFirst().allSatisfy(\.isNumber) && rule.number.hasPrefix("O")
      #expect(
        isRow
          || ["A.1", "B.7", "B.8", "C.3", "D.3", "L.3", "L.4", "M.2", "N.2", "E.5", "-"].contains(
            rule.number)
      )
    }
    let titles = Rule.all.map(\.title)
    #expect(Set(titles).count == titles.count)
  }

  /// Rows of which no node's trace can say anything: only other clients meet them.
  private static let ofOthers: Set<String> = ["O18", "O27", "O41"]

  @Test(arguments: StoryFile.all)
  func `the cause of a story's failed nodes is its own`(story: StoryFile) throws {
    let recording = try Recording(story.name, level: .steps)
    let explanation = try RunExplanation(recording.opened())
    let failed = explanation.failures.filter { $0.number != story.number }
    #expect(failed.isEmpty, "\(failed.map { "\($0.number) of \($0.example)" })")
    let told = Set(
      explanation.failures.map(\.number) + explanation.delays.map(\.number)
        + explanation.others.map(\.number))
    #expect(told.contains(story.number), "\(told)")
    if Self.ofOthers.contains(story.number) { #expect(explanation.failures.isEmpty) }
  }

  @Test(arguments: StoryFile.all)
  func `each node of a story is explained where it can be seen`(story: StoryFile) throws {
    let recording = try Recording(story.name, level: .steps)
    let run = try recording.opened()
    for node in 0..<recording.end.nodeCount {
      let explanation = try NodeExplanation(run, node: "node/\(run.reference(toNode: node))")
      let isReady = explanation.node.settlement == .ready
      #expect(isReady || explanation.causes.count == 1)
      #expect(isReady || !explanation.chain.isEmpty)
      for cause in explanation.causes {
        #expect(!cause.needed.isEmpty)
        #expect(isReady || !cause.observations.isEmpty, "\(story.name) \(cause.number)")
        #expect(cause.observations.allSatisfy { !$0.text.isEmpty && $0.first <= $0.last })
        #expect(
          isReady || !cause.remedy.commands.isEmpty || !cause.remedy.manifest.isEmpty
            || cause.number == "-")
      }
    }
  }

  /// Stories in which no node fails, or what cures it is no key of the scenario.
  private static let withoutCure: Set<String> = [
    "O3", "O4", "O18", "O20", "O26", "O27", "O28", "O29", "O31", "O36", "O37", "O39", "O41", "O42",
    "O43", "O44", "O45", "O48",
  ]

  /// What the rules alone give, without the cure that a story names in its comment.
  @Test(arguments: StoryFile.all)
  func `a cause's own fix cures its nodes`(story: StoryFile) throws {
    let recording = try Recording(story.name, level: .steps)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let cures = explanation.failures.filter(\.remedy.isPlayable)
    #expect(cures.isEmpty == Self.withoutCure.contains(story.number))
    for group in cures {
      let trial = try #require(Trial(group.title, group.remedy, nodes: Set(group.nodes)))
      let played = WhatIf(run, trial, before: explanation.report)
      let after = try played.after.get()
      #expect(after.cured == group.nodes.count, "\(played.overrides) \(after.left)")
    }
  }

  /// Of a binding that the scenario never had.
  @Test func `a manifest is applied where no override says it`() throws {
    let recording = try Recording("missing-approve-binding", level: .steps)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let played = try #require(WhatIf.all(run, explanation).first)
    #expect(played.manifest.contains("kind: ClusterRoleBinding"))
    #expect(played.overrides == [])
    #expect(!played.nodes.isEmpty)
    #expect(try played.after.get().cured == played.nodes.count)
  }

  @Test func `of two bindings that are missing the fix names both`() throws {
    let recording = try Recording("missing-create-binding", level: .steps)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O15")
    #expect(group.needed.hasSuffix(":nodeclient"))
    #expect(
      group.remedy.commands.map { $0.text.split(separator: " ")[3] } == [
        "kubeadm:kubelet-bootstrap", "kubeadm:node-autoapprove-bootstrap",
      ])
    let played = try #require(WhatIf.all(run, explanation).first)
    #expect(!played.nodes.isEmpty)
    #expect(try played.after.get().cured == played.nodes.count)
  }

  /// O42: the Secret is right, so another token would not help, as it would for one that is not there (O8).
  @Test(arguments: [("30s", "O42"), ("", "O8")])
  func `a stale API server is told apart from a Secret that is not there`(
    deletion: String, number: String
  ) throws {
    let length = deletion.isEmpty ? "" : "for: \(deletion), "
    let recording = try Recording(
      "stale-api-server",
      overrides: [
        "spec.faults=[{name: token-made, \(length)action: token-delete}, "
          + "{name: stale, action: secrets-stale}]"
      ], level: .steps)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    #expect(explanation.failures.map(\.number) == [number])
    #expect(explanation.failures.first?.nodes.count == 30)
    let played = try #require(WhatIf.all(run, explanation).first)
    #expect(try played.after.get().cured == played.nodes.count)
  }

  @Test func `a command says on which hosts it is run, and is told once for all`() throws {
    let recording = try Recording("expired-token", level: .steps)
    let run = try recording.opened()
    let group = try #require(try RunExplanation(run).failures.first)
    #expect(group.nodes.count == 10)
    #expect(
      group.remedy.ways[0].prefix(4) == [
        "# on a control-plane node", "$ kubeadm token create   # prints it",
        "# on each of: late-01, late-02, late-03, … (7 more)", "$ TOKEN=…   # as it was printed",
      ])
    let one = try NodeExplanation(run, node: "late-02").causes[0].remedy
    #expect(one.commands.map(\.text) == group.remedy.commands.map(\.text))
    #expect(
      one.commands.map(\.place) == ["a control-plane node"] + Array(repeating: "late-02", count: 6))
  }

  @Test func `of commands that differ from node to node the first three are told`() throws {
    let recording = try Recording("expired-token", level: .steps)
    let history = try RunHistory(recording.opened())
    let common = RunCase(history.world, history.cluster, given: recording.loaded)
    let remedies = (0..<5).map { place in
      let node = NodeCase(common, node: place, history.nodes[place])
      return Remedy([.on(node, "hostnamectl set-hostname \(node.name)")])
    }
    let commands = Remedy.merged(remedies).commands
    #expect(commands.count == 4)
    #expect(Set(commands.prefix(3).map(\.place)).count == 3)
    #expect(commands[3].text == "# … and 2 more like these")
    #expect(commands[3].nodes.count == 2)
  }

  /// It lacks a binding, and nobody approves: with the first the nodes meet the second.
  @Test func `a fix that does not cure says what comes next`() throws {
    let recording = try Recording(
      "missing-create-binding", overrides: ["spec.controllerManager.running=false"], level: .steps)
    let run = try recording.opened()
    let played = try #require(WhatIf.all(run, RunExplanation(run)).first)
    #expect(try played.after.get().cured == 0)
    #expect(try played.after.get().left.count == played.nodes.count)
    #expect(try played.after.get().left.allSatisfy { $0.hasSuffix(Settlement.nobodyApproves.text) })
  }

  @Test func `twice what limits is played, and is as much sooner as was said`() throws {
    let recording = try Recording("kubeadm-5000-workers", level: .steps)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let played = try #require(WhatIf.all(run, explanation).last)
    #expect(played.overrides.contains("spec.controllerManager.kubeAPIQPS=40"))
    let before = try #require(explanation.report.nodes.time(percent: 100))
    let after = try #require(try played.after.get().report.nodes.time(percent: 100))
    let sooner = try #require(explanation.throughput.sooner)
    // What follows the certificate is the same: the estimate is right to some seconds.
    #expect((before - after - sooner).nanoseconds.magnitude < Duration.seconds(15).nanoseconds)
    #expect(
      played.text.contains(
        "the last node is Ready \(Text.length(before - after)) sooner; expected were about "
          + Text.length(sooner)), "\(played.text)")
  }

  @Test func `where there is nothing to play, what if says so`() throws {
    let run = try Recording("first-node", level: .steps)
    #expect(try WhatIf.all(run.opened(), RunExplanation(run.opened())).isEmpty)
    let ended = try Program.bootsim(["explain", run.path, "--what-if"])
    #expect(ended.output.hasSuffix("\n\n\(WhatIf.nothing)\n"))
  }

  @Test(arguments: StoryFile.all)
  func `the fix under a story's cause is played and cures, else the cure that it names`(
    story: StoryFile
  ) throws {
    let recording = try Recording(story.name, level: .steps)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    #expect(!explanation.cure.isEmpty)
    let fixes = (explanation.failures + explanation.delays).map(\.remedy.overrides)
    for played in WhatIf.all(run, explanation) where !played.nodes.isEmpty {
      #expect(fixes.contains(played.overrides) || played.overrides == explanation.cure)
      #expect(try played.after.get().cured == played.nodes.count)
    }
  }

  // MARK: docs/EXPLAIN.md

  @Test func `the documentation has every rule, in the order in which they are tried`() throws {
    let rows = Rule.all.map { rule in
      let ends = Settlement.allCases.filter { rule.settlements.contains($0) }.map { "`\($0)`" }
      return "| \(rule.number) | \(rule.title) | \(ends.joined(separator: ", ")) |"
    }
    let table =
      "| | root cause | explains nodes that are |\n|---|---|---|\n"
      + rows.joined(separator: "\n") + "\n"
    #expect(
      try Repository.part("causes", of: "docs/EXPLAIN.md", writing: table) == table,
      "run once with UPDATE_DOCS=1")
  }
}
