import Foundation
import Inspection
import Scenarios
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing

/// A node's log against the logs of real kubelets of v1.36.2.
struct KubeletLogTests {
  /// Severity, file, line and words of every recorded line; names, times and addresses aside.
  private static let recorded: Set<String> = {
    let tests = Repository.root.appending(path: "Tests")
    let folders = ["InspectionTests/Recordings", "ConformanceTests/Recordings/kubelet-logs"]
    let lines = folders.map { tests.appending(path: $0) }.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).flatMap { file in
        ((try? String(contentsOf: folder.appending(path: file), encoding: .utf8)) ?? "")
          .split(separator: "\n").map(String.init)
      }
    }
    return Set(lines.compactMap(form))
  }()

  /// A line without its time and process, and with stars for what differs from run to run.
  private static func form(_ line: String) -> String? {
    guard let match = line.firstMatch(of: /^([IWE])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ (.*)$/) else {
      return nil
    }
    return "\(match.1) \(match.2)"
      .replacing(/(node-)?csr-[A-Za-z0-9_-]+/, with: "*")
      .replacing(/(node|worker)-[a-z0-9]+/, with: "*")
      .replacing(/system:bootstrap:[a-z0-9]+/, with: "*")
      .replacing(/https:\/\/[0-9.:]+/, with: "*").replacing(/dial tcp [0-9.:]+:/, with: "*")
      .replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[0-9.]* \+0000 UTC( m=\+[0-9.]+)?/, with: "*")
      .replacing(/sleep="[^"]*"/, with: "*").replacing(/totalItems=\d+/, with: "*").replacing(
        /[A-Za-z\/0-9]*kubelet\.kubeconfig/, with: "*"
      )
      .replacing("/etc/kubernetes/kubelet.conf", with: "*")
  }

  private func lines(
    _ scenario: String, _ node: String, overrides: [String] = []
  ) throws -> [KlogLine] {
    let recording = try Recording(scenario, overrides: overrides, level: .steps)
    let run = try recording.opened()
    return try KubeletLog(NodeHistory(run, node: run.node(named: node))).lines
  }

  @Test(arguments: [
    ("first-node", "node-1"), ("first-node-foreground", "node-1"),
    ("failures/o08-unknown-token", "worker-1"), ("failures/o08-unknown-token", "worker-2"),
    ("failures/o15-not-allowed-to-create", "worker-1"),
    ("failures/o15-not-allowed-to-create", "worker-2"),
    ("failures/o03-api-server-down", "worker-1"),
    ("failures/o17-nobody-approves", "worker-1"), ("failures/o19-denied", "worker-1"),
  ])
  func `every line is one that a real kubelet prints`(scenario: String, node: String) throws {
    let printed = try lines(scenario, node)
    #expect(printed.count > 4)
    // No recording has a second start without a certificate (docs/EXPLAIN.md).
    let recorded = printed.filter { $0.source != "bootstrap.go:242" }
    // Some recorded lines were cut off after 400 characters.
    let strange = Set(recorded.compactMap { Self.form($0.text) }).subtracting(Self.recorded)
      .filter { form in !Self.recorded.contains { $0.count > 300 && form.hasPrefix($0) } }
    #expect(strange.isEmpty, "\(strange.sorted())")
  }

  /// Recorded in denyr.bootstrap-lines.log, 17:49:10: a watch that goes on populates nothing.
  @Test func `A.7 a watch that is over is closed, and the next one says nothing`() throws {
    let printed = try lines("failures/o17-nobody-approves", "worker-1").map(\.text)
    let listed = printed.count { $0.contains("\"Listing and watching\"") }
    let populated = printed.count { $0.contains("\"Caches populated\"") }
    let closed = printed.filter { $0.contains("\"Watch close\"") }
    #expect(populated == listed)
    #expect(closed.count >= listed)
    #expect(closed.allSatisfy { $0.contains("reflector.go:1093]") })
  }

  /// Recorded there at 17:55:35: the end of the connection, and then each refusal.
  @Test func `A.11 a watch that breaks is closed once, before it is refused`() throws {
    let printed = try lines("failures/o44-watch-broken", "worker-1").map(\.text)
      .filter { $0.contains("informerwatcher.go") && $0.contains("Watch") }
    #expect(printed.first?.contains("\"Watch close\"") == true, "\(printed)")
    #expect(printed.count { $0.contains("\"Watch close\"") } == 1)
  }

  @Test func `the header is klog's, on the node's own clock`() throws {
    let printed = try lines("failures/o47-node-clock-ahead", "worker-1")
    let first = try #require(printed.first)
    // The run begins on January 1st at 0:00, the clock is two hours ahead.
    #expect(first.text.hasPrefix("I0101 02:00:00.23"))
    #expect(first.text.contains("    1001 server.go:545] \"Kubelet version\""))
    let restarted = try #require(printed.first { $0.process == 1_002 })
    #expect(restarted.instant > first.instant)
  }

  /// client-go sends a request that is answered 429 again (A.11); the kubelet says only what it does itself.
  @Test func `a registration that is sent again is one attempt`() throws {
    let printed = try lines("failures/o31-api-server-overloaded", "workers-1")
    let registered = try #require(printed.firstIndex { $0.text.contains("Successfully register") })
    let attempts = printed.filter { $0.text.contains("Attempting to register") }
    let last = try #require(attempts.last)
    // Answered with 429, and a second later with 201.
    #expect(printed[registered].instant - last.instant > .seconds(1))
  }

  /// B.6: the last of the checks every 10 s that found one.
  @Test func `an exit tells when the certificate was last seen`() throws {
    let exit = try #require(
      lines("failures/o40-renewal-not-approved", "worker-1").first {
        $0.text.contains("the server is responsive, exiting")
      })
    let seen = try #require(exit.text.firstMatch(of: /m=\+([0-9]+)\.([0-9]+)"/))
    // It ends at 4 h.
    let seconds = try #require(Int(seen.1))
    #expect((14_385...14_400).contains(seconds))
  }

  /// M.2: since its clock was stepped, each certificate has expired when it is made.
  @Test func `B.6 an exit after a step of the clock tells what that showed before`() throws {
    let overrides = [
      "spec.stopWhen=Never", "spec.duration=16m",
      "spec.faults=[{at: 10m, action: time-offset, timeOffset: 61m}]",
    ]
    let exit = try #require(
      lines("first-node", "node-1", overrides: overrides).first {
        $0.text.contains("the server is responsive, exiting")
      })
    #expect(exit.text.contains("AvailabilityTime=\"2026-01-01 00:09:5"))
    #expect(exit.text.contains(" m=+59"))
  }

  @Test func `lines are in the order of time`() throws {
    for (scenario, node) in [("first-node", "node-1"), ("failures/o44-watch-broken", "worker-1")] {
      let printed = try lines(scenario, node)
      #expect(printed.count > 10)
      for (line, next) in zip(printed, printed.dropFirst()) {
        #expect(line.instant <= next.instant)
      }
    }
  }

  // MARK: Attempts that come to nothing

  private func printed(_ spec: String) throws -> [KlogLine] {
    let head = """
        tokens: [{token: abcdef.0123456789abcdef}]
        stopWhen: Never
        nodes: [{name: f, kubelet: {rotateCertificates: false}}]

      """
    let run = try Recording(kubeadm: head + spec, level: .steps).opened()
    return try KubeletLog(NodeHistory(run, node: 0)).lines
  }

  /// csr.go: the line follows ensureCompatible.
  @Test func `A.6 a CSR that is not compatible is not called still valid`() throws {
    let lines = try printed(
      """
        duration: 900s
        controllerManager: {clusterSigningDuration: 10m}
        faults: [{at: 0s, action: disk-full}]
      """)
    let later = lines.filter { $0.instant > .zero + .seconds(650) }
    #expect(later.contains { $0.message.contains("retrieved csr is not compatible") })
    #expect(!later.contains { $0.source == "csr.go:98" })
    // Before that it was, each time.
    let earlier = lines.filter { $0.instant < .zero + .seconds(550) }
    #expect(earlier.contains { $0.source == "csr.go:98" })
    #expect(
      earlier.count { $0.source == "csr.go:98" } == earlier.count { $0.source == "csr.go:90" })
  }

  @Test func `A.1 each process that fails says why, also after one that could not store`() throws {
    let lines = try printed(
      """
        duration: 60s
        faults:
        - {at: 0s, for: 15s, action: disk-full}
        - {at: 15s, action: binding-absent, binding: 'kubeadm:kubelet-bootstrap'}
      """)
    let starts = lines.filter { $0.source == "server.go:545" }.map(\.process)
    let ends = lines.filter { $0.source == "run.go:72" }.map(\.process)
    #expect(starts.count > 4)
    #expect(ends == Array(starts.prefix(ends.count)))
    #expect(ends.count >= starts.count - 1)
  }
}
