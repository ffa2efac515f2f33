import SimulationKernel

@testable import TLSBootstrap

/// Small clusters for the tests, with everything that is told about them.
struct Cluster {
  var scenario = Scenario()
  var jitter = World.Jitter.lowest

  static let bootstrapGroup = "system:bootstrappers:kubeadm:default-node-token"

  /// kubeadm's set-up with no latency at all, as the timelines of section S want it.
  static func kubeadm(nodes count: Int, _ change: (inout Scenario) -> Void = { _ in }) -> Cluster {
    var cluster = Cluster()
    cluster.scenario.latency = .zero
    var group = NodeGroup()
    group.nodeNames = (1...count).map { "node-\($0)" }
    group.bootstrapKubeconfig.token = "abcdef.0123456789abcdef"
    cluster.scenario.groups = [group]
    cluster.scenario.secrets = [secret]
    cluster.scenario.bindings = [
      binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", bootstrapGroup),
      binding(
        "kubeadm:node-autoapprove-bootstrap",
        "system:certificates.k8s.io:certificatesigningrequests:nodeclient", bootstrapGroup),
      binding(
        "kubeadm:node-autoapprove-certificate-rotation",
        "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "system:nodes"),
    ]
    change(&cluster.scenario)
    return cluster
  }

  static var secret: BootstrapTokenSecret {
    var secret = BootstrapTokenSecret(name: "bootstrap-token-abcdef")
    secret.tokenID = "abcdef"
    secret.tokenSecret = "0123456789abcdef"
    secret.usageBootstrapAuthentication = "true"
    secret.usageBootstrapSigning = "true"
    secret.authExtraGroups = bootstrapGroup
    return secret
  }

  /// In place of the built-in role: its holders may neither list nor watch CSRs (O16).
  static var bootstrapperWithoutWatch: RBAC.Role {
    RBAC.Role(
      name: "system:node-bootstrapper",
      rules: [
        RBAC.Rule(
          verbs: ["create", "get"], apiGroups: ["certificates.k8s.io"],
          resources: ["certificatesigningrequests"])
      ])
  }

  static func binding(_ name: String, _ role: String, _ group: String) -> RBAC.Binding {
    RBAC.Binding(name: name, roleName: role, subjects: [.group(group)])
  }

  /// Plays to the end.
  func play() -> Played {
    var sink: (any TraceSink)? = Recording()
    var world = World(scenario, level: .full, jitter: jitter)
    do {
      let ending = try world.run(into: &sink)
      let recording = sink as? Recording
      return Played(
        world: world, ending: ending, events: recording?.events ?? [],
        waits: recording?.waits ?? [])
    } catch {
      preconditionFailure("a recording in memory threw \(error)")
    }
  }
}

struct Recording: TraceSink {
  var events: [TraceEvent] = []
  var waits: [WaitingRequests] = []

  mutating func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    self.events.append(contentsOf: events)
  }
  mutating func record(_ requests: WaitingRequests) { waits.append(requests) }
  mutating func record(_ requests: [WaitingRequest]) {}
}

struct Played {
  let world: World
  let ending: World.Ending
  let events: [TraceEvent]
  let waits: [WaitingRequests]

  func all(_ kind: TraceEvent.Kind, _ call: Call? = nil) -> [TraceEvent] {
    events.filter { $0.kind == kind && (call == nil || $0.call == call) }
  }

  /// Seconds of all events of a kind, and of a call.
  func seconds(_ kind: TraceEvent.Kind, _ call: Call? = nil) -> [Double] {
    all(kind, call).map { Double($0.time.nanoseconds) / 1e9 }
  }

  func steps(of node: Int) -> [Int] {
    events.filter { $0.node == node && $0.step != 0 }.map { Int($0.step) }
  }

  /// From an event back to the first, by cause.
  func chain(of event: TraceEvent) -> [TraceEvent] {
    var chain = [event]
    while let last = chain.last, last.cause != 0 { chain.append(events[Int(last.cause) - 1]) }
    return chain
  }
}

/// What `spec.faults` does at a time.
func fault(_ at: Duration, for length: Duration? = nil, _ fault: Fault) -> TimedFault {
  TimedFault(name: "fault", at: at, length: length, fault: fault)
}

/// Nobody approves by itself (O17).
func withoutApproval(_ scenario: inout Scenario) {
  scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
}
