import SimulationKernel

@testable import TLSBootstrap

/// An event, and when it comes.
struct KubeletMeeting {
  var name: String
  var event: KubeletEvent
  var at: Instant?

  static func all(_ moment: KubeletMoment) -> [KubeletMeeting] {
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

  static func managers(_ moment: KubeletMoment) -> [KubeletMeeting] {
    [
      timer(moment, .clientCertificateManager), replaced(moment, .clientCertificateManager),
      late(moment),
    ]
      + requestAnswers(moment, .clientCertificateManager) + seen(moment)
  }

  static func foregrounds(_ moment: KubeletMoment) -> [KubeletMeeting] {
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
    _ moment: KubeletMoment, _ client: PendingCall.Client
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

  private static func timer(_ moment: KubeletMoment, _ timer: KubeletTimer) -> KubeletMeeting {
    let at = moment.timers[timer]
    return KubeletMeeting(
      name: "timer \(timer)", event: .timerFired(timer), at: at)
  }

  private static func replaced(_ moment: KubeletMoment, _ timer: KubeletTimer) -> KubeletMeeting {
    KubeletMeeting(
      name: "replaced timer \(timer)", event: .timerFired(timer),
      at: moment.turn.now + Duration(nanoseconds: 1))
  }

  private static func answered(
    _ moment: KubeletMoment, _ call: Call, _ answer: Answer, _ client: PendingCall.Client,
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

  private static func request(of moment: KubeletMoment) -> UInt32 {
    let own =
      moment.kubelet.memory.foreground?.request ?? moment.kubelet.memory.client?.request ?? 0
    return own == TraceEvent.none ? 0 : own
  }

  /// The answer about a CSR whose wait is over.
  private static func late(_ moment: KubeletMoment) -> KubeletMeeting {
    var pending = PendingCall(
      call: .listRequest, client: .clientCertificateManager, owner: 0, node: 0, credential: .none)
    pending.request = request(of: moment) + 1
    return KubeletMeeting(name: "listRequest ok of another CSR", event: .answered(pending))
  }

  /// Its own CSR, as its watch may show it, and another one.
  private static func seen(_ moment: KubeletMoment) -> [KubeletMeeting] {
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
