import Foundation
import Scenarios
import SimulationKernel
import TestSupport
import Testing

@testable import TLSBootstrap

/// A kubelet in the middle of a run, with all that it may look at.
struct KubeletMoment {
  let name: String
  let kubelet: Kubelet
  let turn: Turn
  /// When each timer that is set will fire; a replaced one stays in the queue, and is void.
  let timers: [KubeletTimer: Instant]

  init(
    _ name: String, _ overrides: [String] = [], where condition: (Kubelet) -> Bool
  ) throws {
    self.name = name
    let loaded = try ScenarioFile.load(
      path: Repository.path(ofScenario: "first-node"), overrides: overrides)
    var world = World(loaded.scenario)
    while !condition(world.kubelets[0]), world.step() {}
    try #require(condition(world.kubelets[0]), "no moment is “\(name)”")
    kubelet = world.kubelets[0]
    var turn = world.turn
    // Where a CSR is said to be issued, there is a certificate.
    let now = kubelet.clock.reading(at: turn.now)
    turn.certificates.append(
      Certificate(
        request: nil, node: kubelet.node, signed: turn.now,
        notBefore: now - Duration.minutes(5).nanoseconds,
        notAfter: now + Duration.hours(1).nanoseconds, isTrusted: true))
    let certificate = UInt32(turn.certificates.count - 1)
    for index in turn.certificateOfRequest.indices {
      turn.certificateOfRequest[index] = certificate
    }
    turn.journal.level = .full
    turn.journal.pending = []
    self.turn = turn
    var timers: [KubeletTimer: Instant] = [:]
    while let scheduled = world.queue.pop() {
      if case .kubeletTimer(_, let timer, kubelet.generation) = scheduled.event {
        timers[timer] = world.queue.now
      }
    }
    // Those that may be in the queue several times.
    if let due = kubelet.memory.client?.due, due != .never {
      timers[.clientCertificateManager] = due
    }
    if kubelet.memory.exitCheck != .never { timers[.exitCheck] = kubelet.memory.exitCheck }
    self.timers = timers
  }

  /// One entry for all events that lead to the same; what most events lead to comes last.
  func section(
    _ machine: String, _ meetings: [KubeletMeeting],
    meet: (KubeletMeeting, inout Kubelet, inout Turn) -> String
  ) -> String {
    var entries: [(result: String, events: [String])] = []
    for meeting in meetings {
      var kubelet = kubelet
      var turn = turn
      turn.now = meeting.at ?? turn.now
      let phase = meet(meeting, &kubelet, &turn)
      let result = describe(phase, turn)
      if let known = entries.firstIndex(where: { $0.result == result }) {
        entries[known].events.append(meeting.name)
      } else {
        entries.append((result, [meeting.name]))
      }
    }
    let most = entries.indices.max { entries[$0].events.count < entries[$1].events.count } ?? 0
    let last = entries.remove(at: most)
    return "\(machine): \(name)\n"
      + entries.map { "  \(Self.join($0.events))\n    \($0.result)\n" }.joined()
      + "  everything else\n    \(last.result)\n"
  }

  /// `createNode ok`, `createNode created` as `createNode ok or created`.
  private static func join(_ events: [String]) -> String {
    var joined: [(head: Substring, tails: [Substring])] = []
    for event in events {
      let cut = event.lastIndex(of: " ") ?? event.endIndex
      let (head, tail) = (event[..<cut], event[cut...].dropFirst())
      if joined.last?.head == head {
        joined[joined.count - 1].tails.append(tail)
      } else {
        joined.append((head, [tail]))
      }
    }
    return joined.map { head, tails in
      tails == [""] ? "\(head)" : "\(head) \(tails.joined(separator: " or "))"
    }.joined(separator: ", ")
  }

  private func describe(_ phase: String, _ turn: Turn) -> String {
    let told = turn.journal.pending.map { "\($0.kind)" }
    let effects = (0..<turn.effects.count).map { index in
      switch turn.effects[index] {
      case .send(let number, let delay):
        return "call \(turn.calls[number].call)"
          + (delay > .zero ? " after \(seconds(delay))" : "")
      case .schedule(.kubeletTimer(_, let timer, _), let instant, _):
        return "timer \(timer) in \(seconds(instant - turn.now))"
      case .schedule(.kubeletStarts, let instant, _):
        return "start in \(seconds(instant - turn.now))"
      case .schedule(let event, _, _): return "\(event)"
      case .tellKubeadm: return "tell kubeadm"
      case .abandon: return "abandon"
      case .deleteBootstrapKubeconfig: return "delete the bootstrap kubeconfig"
      case .closeConnections: return "close connections"
      case .renewConnection: return "renew the connection"
      case .heartbeat(_, let isSent, _): return isSent ? "heartbeat" : "no heartbeat"
      case .resumeHeartbeats: return "resume heartbeats"
      case .reviewHeartbeats: return "review heartbeats"
      case .beginWaiting: return "begin waiting"
      case .endWaiting: return "end waiting"
      case .settle(_, _, let settlement): return "settle \(settlement)"
      }
    }
    return
      (["→ \(phase)"] + (told.isEmpty ? [] : ["tells \(told.joined(separator: ", "))"])
      + effects).joined(separator: "; ")
  }

  private func seconds(_ duration: Duration) -> String {
    let text = String(format: "%.3f", Double(duration.nanoseconds) / 1e9)
    return "\(text) s"
  }
}
