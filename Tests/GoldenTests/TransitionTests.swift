import Foundation
import Scenarios
import SimulationKernel
import Testing
import TestSupport

@testable import TLSBootstrap

/// Each machine of the kubelet, in each of its phases, meets each event: a golden text that is also the
/// documentation of the machines. `UPDATE_GOLDEN=1` rewrites; explain every changed line.
struct TransitionTests {
  @Test func `every phase meets every event as the golden table says`() throws {
    let text = try [kubelets(), managers(), foregrounds()].joined(separator: "\n")
    try GoldenFile(name: "transitions.txt").hold(text)
  }

  // MARK: The three machines

  private func kubelets() throws -> String {
    let given = "spec.nodes[0].kubeconfig={state: Unset}"
    let moments: [KubeletMoment] = try [
      KubeletMoment("stopped") { $0.phase == .stopped },
      KubeletMoment("starting") { $0.phase == .starting },
      KubeletMoment("standalone", [given]) { $0.phase == .standalone },
      KubeletMoment("foreground", foreground) { $0.phase == .foreground },
      KubeletMoment("running, without a certificate", unapproved) {
        $0.memory.client?.phase == .waiting && $0.memory.client?.wait.phase == .watching
          && $0.memory.work.waitCause != nil
      },
      KubeletMoment("running, with a certificate, without a Node") {
        $0.memory.certificate != TraceEvent.none && $0.memory.work.began != .never
      },
      KubeletMoment("running, Ready", ["spec.nodes[0].kubelet.heartbeats=Played"]) {
        $0.settlement == .ready && $0.memory.work.state.contains(.leaseHeld)
      },
    ]
    return moments.map { moment in
      moment.section("Kubelet", KubeletMeeting.all(moment)) { meeting, kubelet, turn in
        kubelet.receive(meeting.event, &turn)
        return "\(kubelet.phase)"
      }
    }.joined(separator: "\n")
  }

  private func managers() throws -> String {
    let phase = { (phase: String) in
      { (kubelet: Kubelet) in kubelet.memory.client.map(Self.phase(of:)) == phase }
    }
    let moments: [KubeletMoment] = try [
      KubeletMoment("looping", where: phase("looping")),
      KubeletMoment("planned", where: phase("planned")),
      KubeletMoment("creating", where: phase("creating")),
      KubeletMoment("probing", where: phase("probing")),
      KubeletMoment("watching", unapproved, where: phase("watching")),
      KubeletMoment("backingOff", refused, where: phase("backingOff")),
    ]
    return moments.map { moment in
      moment.section("CertificateManager", KubeletMeeting.managers(moment)) {
        meeting, kubelet, turn in
        let context = kubelet.context(.client, &turn)
        guard var manager = kubelet.memory.client else { return "no manager" }
        let outcome: CertificateManager.Outcome
        switch meeting.event {
        case .timerFired: outcome = manager.timerFired(context, &turn)
        case .answered(let call): outcome = manager.receive(answer: call, context, &turn)
        case .sawRequest(let request, let seen):
          outcome = manager.saw(request, seen, context, &turn)
        case .watchBroke(let request):
          outcome = manager.watchBroke(request, context, &turn)
        case .started: return "no event of a manager"
        }
        return "\(Self.phase(of: manager)), \(words(outcome))"
      }
    }.joined(separator: "\n")
  }

  /// While it waits for the certificate, how.
  private static func phase(of manager: CertificateManager) -> String {
    manager.phase == .waiting ? "\(manager.wait.phase)" : "\(manager.phase)"
  }

  private static func phase(of bootstrap: ForegroundBootstrap) -> String {
    bootstrap.phase == .waiting ? "\(bootstrap.wait.phase)" : "\(bootstrap.phase)"
  }

  private func foregrounds() throws -> String {
    let phase = { (phase: String) in
      { (kubelet: Kubelet) in kubelet.memory.foreground.map(Self.phase(of:)) == phase }
    }
    let moments: [KubeletMoment] = try [
      KubeletMoment("awaitingServer", foreground + refused, where: phase("awaitingServer")),
      KubeletMoment("creating", foreground, where: phase("creating")),
      KubeletMoment("retrieving", foreground + unapproved, where: phase("retrieving")),
      KubeletMoment("probing", foreground, where: phase("probing")),
      KubeletMoment("watching", foreground + unapproved, where: phase("watching")),
    ]
    return moments.map { moment in
      moment.section("ForegroundBootstrap", KubeletMeeting.foregrounds(moment)) {
        meeting, kubelet, turn in
        let context = kubelet.context(.client, &turn)
        guard var bootstrap = kubelet.memory.foreground else { return "no bootstrap" }
        let outcome = bootstrap.receive(meeting.event, context, &turn)
        return "\(Self.phase(of: bootstrap)), \(words(outcome))"
      }
    }.joined(separator: "\n")
  }

  private let foreground = ["spec.nodes[0].kubelet.rotateCertificates=false"]
  private let unapproved = ["spec.controllerManager.running=false", "spec.duration=3h"]
  private let refused = ["spec.nodes[0].bootstrapKubeconfig={token: wrong}"]
}

private func words<Outcome>(_ outcome: Outcome) -> String {
  "\(outcome)".replacing("TLSBootstrap.", with: "").replacing("Settlement.", with: "")
    .replacing("Optional(", with: "(").replacing("((", with: "(").replacing("))", with: ")")
}
