import Foundation
import Testing
import TestSupport

@testable import Scenarios

/// The rules of `bootsim lint`, each with a scenario in which it finds something and one in which it does not.
struct LintTests {
  private func findings(_ text: String) throws -> [LintFinding] {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\n"
    return LintReport.run(try ScenarioFile.lintInput(text: text, path: "s.yaml") { _ in pod })
  }

  @Test(arguments: LintRule.all.map(\.id))
  func `a rule finds what it is for, and nothing else`(rule: String) throws {
    let examples = LintExample.all.filter { $0.rule == rule }
    #expect(examples.count == 1, "\(rule) has one pair of examples")
    for example in examples {
      let bad = try findings(example.bad)
      #expect(bad.contains { $0.rule == rule }, "\(rule) finds nothing; found: \(bad)")
      let good = try findings(example.good)
      #expect(!good.contains { $0.rule == rule }, "\(rule) finds \(good)")
      for finding in bad where finding.rule == rule {
        #expect(finding.place.file == "s.yaml")
        #expect(finding.place.line > 3 && finding.place.column > 0)
        #expect(!finding.problem.isEmpty && !finding.cure.isEmpty)
      }
    }
  }

  @Test func `rules have identifiers of their own, in lower case`() {
    #expect(Set(LintRule.all.map(\.id)).count == LintRule.all.count)
    for rule in LintRule.all {
      #expect(rule.id.allSatisfy { $0.isLowercase || $0 == "-" })
      #expect(rule.text.hasSuffix("."))
    }
    #expect(Set(LintExample.all.map(\.rule)) == Set(LintRule.all.map(\.id)))
  }

  @Test func `a finding is at the value that is wrong`() throws {
    let example = try #require(LintExample.all.first { $0.rule == "clock-beyond-backdate" })
    let found = try findings(example.bad)
    #expect(
      found.map(\.description) == [
        "s.yaml:8:30: warning: the controller-manager's clock is 6m ahead of the API server's; "
          + "bring the clocks within 5m of each other [clock-beyond-backdate]"
      ])
  }

  /// Let, it would deny what is Ready now.
  @Test func `who may not deny is first told to be left out`() throws {
    let example = try #require(LintExample.all.first { $0.rule == "approver-forbidden" })
    let found = try findings(example.bad.replacing("name: a,", with: "name: a, decision: Deny,"))
    let finding = try #require(found.first { $0.rule == "approver-forbidden" })
    #expect(finding.problem.contains("may not deny CSRs of "))
    #expect(finding.cure.hasPrefix("leave it out, because it denies none; or, if "))
  }

  /// As played: 20,000 nodes are Ready after 2 h 15 min, of 21,000 more than half never are.
  @Test(arguments: [(9_100, LintSeverity.warning), (20_000, .warning), (21_000, .error)])
  func `a queue that ends is no error`(count: Int, severity: LintSeverity) throws {
    let example = try #require(LintExample.all.first { $0.rule == "queue-longer-than-patience" })
    let found = try findings(example.bad.replacing("count: 9100", with: "count: \(count)"))
    #expect(found.map(\.severity) == [severity], "\(found)")
  }

  /// Played, kubeadm waits for a signature in vain (O45).
  @Test func `a token that may not sign is no token for kubeadm join`() throws {
    let example = try #require(LintExample.all.first { $0.rule == "join-cannot-discover" })
    let unsigned = example.good.replacing(
      "token: abcdef.0123456789abcdef",
      with: "token: abcdef.0123456789abcdef, usages: [authentication]")
    #expect(try findings(unsigned).map(\.cure) == ["add `signing` to the token's usages"])
  }

  /// N.2: it asks for five minutes.
  @Test(arguments: [
    ("controllers: {bootstrapsigner: false}", true), ("startsAt: 6m", true),
    ("startsAt: 4m", false),
  ])
  func `kubeadm join needs somebody who signs cluster-info`(setting: String, isFound: Bool) throws {
    let example = try #require(LintExample.all.first { $0.rule == "join-cannot-discover" })
    let text = example.good + "  controllerManager: {\(setting)}\n"
    let found = try findings(text).filter { $0.rule == "join-cannot-discover" }
    #expect(found.isEmpty != isFound, "\(found)")
  }

  /// A node with a certificate begins by its own kubeconfig, and so does one that has no other.
  @Test(arguments: [
    ("server-elsewhere", "server: 'https://192.0.2.9:6443'", ""),
    (
      "server-elsewhere", "server: 'https://192.0.2.9:6443'",
      ", bootstrapKubeconfig: {state: Unset}"
    ),
    ("server-not-trusted", "certificateAuthority: Other", ""),
  ])
  func `O3 O5 the kubeconfig that a node begins with is looked at`(
    rule: String, key: String, rest: String
  ) throws {
    let own = "kubeconfig: {state: Present, \(key)}, currentCertificate: {state: Present}"
    let group = "nodes: [{name: workers, \(own)\(rest)}]"
    let head = "apiVersion: bootsim.dev/v1alpha1\nkind: Scenario\nmetadata: {name: test}\nspec:\n"
    let text =
      head + "  preset: kubeadm\n  tokens: [{token: abcdef.0123456789abcdef}]\n  \(group)\n"
    #expect(try findings(text).filter { $0.severity == .error }.map(\.rule) == [rule])
    let expired = text.replacing("{state: Present}", with: "{notAfter: '2025-12-31T00:00:00Z'}")
    let found = try findings(expired).map(\.rule)
    #expect(found.contains(rule) == rest.contains("Unset"), "\(found)")
  }

  @Test func `where RBAC is off the cure is not a binding`() throws {
    let text = try #require(LintExample.all.first { $0.rule == "node-forbidden" }).bad
      .replacing("authorizationMode: [RBAC]", with: "authorizationMode: [Node]")
    let found = try findings(text)
    #expect(Set(found.map(\.rule)) == ["create-forbidden", "no-signer"])
    #expect(
      found.allSatisfy { $0.cure == "add RBAC to `spec.apiServer.authorizationMode`" }, "\(found)")
  }

  @Test func `a comment disables a rule for its file, or for its line`() throws {
    let example = try #require(LintExample.all.first { $0.rule == "signing-ca-not-trusted" })
    let line = "apiServer: {trustsSigningCA: false}"
    let comment = "# bootsim-lint: disable=signing-ca-not-trusted"
    #expect(try findings(example.bad).count == 1)
    #expect(try findings("\(comment)\n" + example.bad).isEmpty)
    let here = example.bad.replacingOccurrences(of: line, with: "\(line)  \(comment)")
    #expect(try findings(here).isEmpty)
    let elsewhere = example.bad.replacingOccurrences(
      of: "preset: kubeadm", with: "preset: kubeadm  \(comment)")
    #expect(
      try Set(findings(elsewhere).map(\.rule)) == ["signing-ca-not-trusted", "unused-disable"])
  }

  @Test func `docs/LINT.md has every rule`() throws {
    let rows = LintRule.all.map { "| `\($0.id)` | \($0.severity.rawValue) | \($0.text) |\n" }
    let table = "\n| Rule | Level | What it finds |\n|---|---|---|\n" + rows.joined() + "\n"
    #expect(
      try Repository.part("rules", of: "docs/LINT.md", writing: table) == table,
      "run once with UPDATE_DOCS=1")
  }
}
