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
    let moments: [Moment] = try [
      Moment("stopped") { $0.phase == .stopped },
      Moment("starting") { $0.phase == .starting },
      Moment("standalone", [given]) { $0.phase == .standalone },
      Moment("foreground", foreground) { $0.phase == .foreground },
      Moment("running, without a certificate", unapproved) {
        $0.memory.client?.phase == .waiting && $0.memory.client?.wait.phase == .watching
          && $0.memory.work.waitCause != nil
      },
      Moment("running, with a certificate, without a Node") {
        $0.memory.certificate != TraceEvent.none && $0.memory.work.began != .never
      },
      Moment("running, Ready", ["spec.nodes[0].kubelet.heartbeats=Played"]) {
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
    let moments: [Moment] = try [
      Moment("looping", where: phase("looping")),
      Moment("planned", where: phase("planned")),
      Moment("creating", where: phase("creating")),
      Moment("probing", where: phase("probing")),
      Moment("watching", unapproved, where: phase("watching")),
      Moment("backingOff", refused, where: phase("backingOff")),
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
    let moments: [Moment] = try [
      Moment("awaitingServer", foreground + refused, where: phase("awaitingServer")),
      Moment("creating", foreground, where: phase("creating")),
      Moment("retrieving", foreground + unapproved, where: phase("retrieving")),
      Moment("probing", foreground, where: phase("probing")),
      Moment("watching", foreground + unapproved, where: phase("watching")),
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

/// A kubelet in the middle of a run, with all that it may look at.
private struct Moment {
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

/// An event, and when it comes.
private struct KubeletMeeting {
  var name: String
  var event: KubeletEvent
  var at: Instant?

  static func all(_ moment: Moment) -> [KubeletMeeting] {
    let timers = (UInt8(0)...).lazy.map(KubeletTimer.init(rawValue:)).prefix { $0 != nil }
      .compactMap { $0 }
    let loops: [(KubeletTimer, [Call])] = [
      (.registration, [.createNode, .getNode]), (.lease, [.getLease, .createLease, .updateLease]),
      (.csiNode, [.getCSINode, .createCSINode]), (.nodesReflector, [.watchNodes, .listNodes]),
      (.servicesReflector, [.watchServices, .listServices]),
      (.statusUpdate, [.patchNodeStatus, .getNode]), (.podSource, [.watchPods]),
    ]
    return [KubeletMeeting(name: "started", event: .started)]
      + timers.map { timer(moment, $0) }
      + loops.flatMap { purpose, calls in
        calls.flatMap { call in
          answers(to: call).map { answered(moment, call, $0, .kubelet, purpose) }
        }
      } + requestAnswers(moment, .clientCertificateManager) + seen(moment)
  }

  static func managers(_ moment: Moment) -> [KubeletMeeting] {
    [
      timer(moment, .clientCertificateManager), replaced(moment, .clientCertificateManager),
      late(moment),
    ]
      + requestAnswers(moment, .clientCertificateManager) + seen(moment)
  }

  static func foregrounds(_ moment: Moment) -> [KubeletMeeting] {
    [timer(moment, .foreground), replaced(moment, .foreground)]
      + [.ok, .unauthorized].map { answered(moment, .getHealthz, $0, .kubelet, .foreground) }
      + [.ok, .notFound].map { answered(moment, .getRequest, $0, .kubelet, .foreground) }
      + requestAnswers(moment, .kubelet) + seen(moment)
  }

  /// What a server answers to a call, and that it cannot be reached.
  private static func answers(to call: Call) -> [Answer] {
    let good: [Answer]
    switch call.shape.verb {
    case "create": good = [.created, .alreadyExists]
    case "get", "update", "patch": good = [.ok, .notFound]
    default: good = [.ok]
    }
    return good + [.forbidden, .unauthorized, .connectionRefused]
  }

  private static func requestAnswers(
    _ moment: Moment, _ client: PendingCall.Client
  ) -> [KubeletMeeting] {
    let creates: [Answer] =
      [.created, .alreadyExists, .forbidden, .unauthorized, .connectionRefused]
    return creates.map { answered(moment, .createRequest, $0, client, .foreground) }
      + [.notFound, .forbidden, .connectionRefused].map {
        answered(moment, .listBetaRequest, $0, client, .foreground)
      }
      + [.listRequest, .watchRequest].flatMap { call in
        [
          Answer.ok, .forbidden, .unauthorized, .connectionRefused, .connectionLost, .gone,
          .tooManyRequests,
        ].map {
          answered(moment, call, $0, client, .foreground)
        }
      }
  }

  private static func timer(_ moment: Moment, _ timer: KubeletTimer) -> KubeletMeeting {
    let at = moment.timers[timer]
    return KubeletMeeting(
      name: "timer \(timer)", event: .timerFired(timer), at: at)
  }

  private static func replaced(_ moment: Moment, _ timer: KubeletTimer) -> KubeletMeeting {
    KubeletMeeting(
      name: "replaced timer \(timer)", event: .timerFired(timer),
      at: moment.turn.now + Duration(nanoseconds: 1))
  }

  private static func answered(
    _ moment: Moment, _ call: Call, _ answer: Answer, _ client: PendingCall.Client,
    _ purpose: KubeletTimer
  ) -> KubeletMeeting {
    var pending = PendingCall(
      call: call, client: client, owner: 0, node: 0, credential: .none)
    pending.answer = answer
    pending.purpose = purpose
    pending.request = request(of: moment)
    let loop = client == .kubelet && purpose != .foreground ? "\(purpose): " : ""
    return KubeletMeeting(name: "\(loop)\(call) \(answer)", event: .answered(pending))
  }

  private static func request(of moment: Moment) -> UInt32 {
    let own =
      moment.kubelet.memory.foreground?.request ?? moment.kubelet.memory.client?.request ?? 0
    return own == TraceEvent.none ? 0 : own
  }

  /// The answer about a CSR whose wait is over.
  private static func late(_ moment: Moment) -> KubeletMeeting {
    var pending = PendingCall(
      call: .listRequest, client: .clientCertificateManager, owner: 0, node: 0, credential: .none)
    pending.request = request(of: moment) + 1
    return KubeletMeeting(name: "listRequest ok of another CSR", event: .answered(pending))
  }

  /// Its own CSR, as its watch may show it, and another one.
  private static func seen(_ moment: Moment) -> [KubeletMeeting] {
    let states: [(String, RequestConditions)] = [
      ("pending", []), ("approved", .approved), ("issued", [.approved, .issued]),
      ("denied", .denied), ("failed", [.approved, .failed]), ("deleted", .deleted),
      ("replaced", .replaced),
    ]
    let request = request(of: moment)
    return states.map { name, conditions in
      KubeletMeeting(
        name: "sees its CSR \(name)",
        event: .sawRequest(RequestID(Int(request)), conditions))
    } + [
      KubeletMeeting(
        name: "sees another CSR issued",
        event: .sawRequest(RequestID(Int(request) + 1), [.approved, .issued])),
      KubeletMeeting(
        name: "loses the watch of its CSR", event: .watchBroke(RequestID(Int(request)))),
    ]
  }
}

private func words<Outcome>(_ outcome: Outcome) -> String {
  "\(outcome)".replacing("TLSBootstrap.", with: "").replacing("Settlement.", with: "")
    .replacing("Optional(", with: "(").replacing("((", with: "(").replacing("))", with: ")")
}
