import SimulationKernel

/// What a run is made of: a scenario file, read and checked, with every default filled in.
public struct Scenario: Hashable, Sendable {
  public var name = "scenario"
  /// Of every draw.
  public var seed: UInt64 = 1
  /// The true time at the start of the run, in nanoseconds since 1970.
  public var start: Int64 = 1_767_225_600_000_000_000  // 2026-01-01T00:00:00Z
  /// When the run ends, unless `duration` ends it before.
  public var stop = StopCondition.settled
  /// An upper bound of the run; nil: 24 h for `.ready` and `.settled`.
  public var duration: Duration?
  /// The nodes, whose numbers follow this order.
  public var groups: [NodeGroup] = []
  /// Those of bootstrap tokens.
  public var secrets: [BootstrapTokenSecret] = []
  /// What there is besides `BuiltinRoles`, or in place of those of its kind, namespace and name.
  public var roles: [RBAC.Role] = []
  public var bindings: [RBAC.Binding] = []
  public var apiServer = APIServerSettings()
  public var controllerManager = ControllerManagerSettings()
  /// Who decides on CSRs besides csrapproving.
  public var approvers: [ApproverSettings] = []
  /// The clock of the host on which kubectl runs.
  public var administratorClock = ClockSkew.none
  /// What other clients ask of the API server.
  public var requests: [ClientRequest] = []
  public var latency = Latencies()
  /// Whether several nodes may have one name (O26).
  public var allowsDuplicateNodeNames = false
  /// Names of Node objects, and of Leases, that exist at the start.
  public var existingNodes: [String] = []
  /// Those of them that are Ready, and stay so: their machines are not of this scenario.
  public var existingReadyNodes: [String] = []
  public var existingLeases: [String] = []
  /// What is done to the cluster, and when.
  public var faults: [TimedFault] = []

  public init() {}

  /// What a run waits for.
  public enum StopCondition: UInt8, Hashable, Sendable {
    /// Every node is Ready, or only an outside act can change its state.
    case settled
    /// Every node is Ready.
    case ready
    /// Only `duration` ends the run.
    case duration
  }
}

/// A clock's error: it shows `start + t + offset + t · drift`.
public struct ClockSkew: Hashable, Sendable {
  /// Ahead of the true time; negative: behind.
  public var offset: Duration
  /// Nanoseconds gained per second of true time (parts per billion); negative: lost.
  public var driftPPB: Int64

  public init(offset: Duration = .zero, driftPPB: Int64 = 0) {
    self.offset = offset
    self.driftPPB = driftPPB
  }

  public static let none = ClockSkew()
}

/// Nodes, or bare CSR clients, that are alike.
public struct NodeGroup: Hashable, Sendable {
  public var name = "workers"
  /// The names of the group's nodes, in order; they are unique in the scenario unless the file says
  /// otherwise (O26).
  public var nodeNames: [String] = []
  /// When they start, from the start of the run.
  public var arrivals = Arrivals.atOnce(.zero)
  public var bootstrapKubeconfig = BootstrapKubeconfig()
  /// What else is on each node's disk.
  public var disk = NodeDisk()
  public var kubelet = KubeletSettings()
  /// Whether a container runtime listens on the kubelet's `containerRuntimeEndpoint`.
  public var hasContainerRuntime = true
  /// Whether `kubeadm join` writes the bootstrap kubeconfig and starts the kubelet (N.2).
  public var joinsByKubeadm = false
  /// Of bare CSR clients; nil: the group is of nodes with kubelets. Groups of clients come last.
  public var csrClient: CSRClientSettings?
  /// Offset of each node's clock, drawn once per node.
  public var clockOffset = SignedDistribution(Distribution.constant(.zero))
  /// Drift of each node's clock, in parts per billion, uniform over this closed range.
  public var clockDriftPPB: ClosedRange<Int64> = 0...0

  public init() {}

  /// When the group's nodes start.
  public enum Arrivals: Hashable, Sendable {
    case atOnce(Duration)
    /// Each at a time of its own, uniform over `[from, to)`.
    case uniform(from: Duration, to: Duration)
    /// A Poisson process that begins at `from`; rate in nodes per 1,000 s.
    case poisson(from: Duration, milliRate: Int64)
    /// Given times, one a node, in the order of the names.
    case times([Duration])
  }
}

/// A distribution shifted by a signed amount, for clock offsets, which may be negative.
public struct SignedDistribution: Hashable, Sendable {
  /// What is added to each draw.
  public var shift: Duration
  /// What is drawn from, never negative.
  public var spread: Distribution

  public init(_ spread: Distribution, shift: Duration = .zero) {
    self.spread = spread
    self.shift = shift
  }
}

/// The file from which a kubelet bootstraps, as it is on the node's disk.
public struct BootstrapKubeconfig: Hashable, Sendable {
  public var state = State.present
  /// `https://host:port`; nil: the API server's own URL.
  public var server: String?
  /// Whether the file's CA (or `insecure-skip-tls-verify`) accepts the API server's certificate.
  public var trustsServer = true
  /// The whole bearer token as written, well-formed or not; nil: the file has no token.
  public var token: String?

  public init() {}

  /// What is at the path of `--bootstrap-kubeconfig`.
  public enum State: UInt8, Hashable, Sendable {
    case present, absent, unreadable
    /// The kubelet is started without `--bootstrap-kubeconfig`.
    case unset
  }
}

/// What a group's KubeletConfiguration says, and the kubelet's systemd unit.
public struct KubeletSettings: Hashable, Sendable {
  /// true: MODE-B; false: MODE-F (protocol.md 0.1). kubeadm hard-codes true.
  public var rotateCertificates = true
  /// Whether it requests a serving certificate, too (B.8).
  public var serverTLSBootstrap = false
  /// How often the status loop runs, ×U[1, 1.04). Source: L.4, 10 s.
  public var nodeStatusUpdateFrequency = Duration.seconds(10)
  /// How often at least a status that did not change is sent. Source: L.4, 5 min.
  public var nodeStatusReportFrequency = Duration.minutes(5)
  /// Whether the Lease renewals and status reports of a Ready node are played as requests.
  public var playsHeartbeats = false
  /// L.3: whether it creates its Node; else somebody has to.
  public var registersNode = true
  /// RestartSec of the unit. Source: A.10, 10 s.
  public var restartSeconds = Duration.seconds(10)

  public init() {}
}

/// The flags of kube-apiserver, as kubeadm sets them, and how many there are.
public struct APIServerSettings: Hashable, Sendable {
  /// What kubeconfigs name; a server of any other URL is not there. An address of RFC 5737, which is nobody's.
  public var url = "https://192.0.2.1:6443"
  /// `--enable-bootstrap-token-auth`; kubeadm: true.
  public var enableBootstrapTokenAuth = true
  /// As configured; `takesAnonymousRequests` is what comes of it.
  public var anonymousAuth = true
  /// Admission plugin NodeRestriction (E.1); kubeadm enables it.
  public var nodeRestriction = true
  /// Admission plugins CertificateApproval, CertificateSigning and CertificateSubjectRestriction (E.1). Source:
  /// pkg/kubeapiserver/options/plugins.go, on by default.
  public var certificateApproval = true
  public var certificateSigning = true
  public var certificateSubjectRestriction = true
  /// In order; kubeadm: Node, RBAC.
  public var authorizationModes: [AuthorizationMode] = [.node, .rbac]
  /// The serving certificate's NotBefore and NotAfter, in nanoseconds since 1970; nil: made by
  /// kubeadm at the start of the run, which is NotBefore = start − 5 min, NotAfter = start + 1 year.
  public var servingCertificateNotBefore: Int64?
  public var servingCertificateNotAfter: Int64?
  /// Whether `--client-ca-file` holds the CA that the controller-manager signs with (O25).
  public var trustsSigningCA = true
  /// K.1 to K.3. Without it only the requests in flight are counted.
  public var enablePriorityAndFairness = true
  /// With priority and fairness their sum is what counts; without it each is a limit, 0 none. Source: K.2, 400
  /// and 200.
  public var maxRequestsInFlight = 400
  public var maxMutatingRequestsInFlight = 200
  /// How many there are behind a load balancer, 1 to 15.
  public var replicas = 1
  public var balancing = Balancing.roundRobin
  public var clock = ClockSkew.none
  /// The clock of each replica, where they differ; empty: all go by `clock`.
  public var replicaClocks: [ClockSkew] = []

  public init() {}

  /// Whether who presents nothing is `system:anonymous`: beside AlwaysAllow never.
  ///
  /// Source: pkg/kubeapiserver/options/authentication.go, `ApplyAuthorization`.
  public var takesAnonymousRequests: Bool {
    anonymousAuth && !authorizationModes.contains(.alwaysAllow)
  }

  /// How a load balancer chooses the server of a new connection.
  public enum Balancing: String, CaseIterable, Hashable, Sendable {
    /// In turn.
    case roundRobin
    /// By its source: all connections of one node have the same server while it listens.
    case source
  }

  /// Of `--authorization-mode`.
  public enum AuthorizationMode: UInt8, Hashable, Sendable {
    case node, rbac, alwaysAllow, alwaysDeny
  }
}

/// The flags of kube-controller-manager, as kubeadm sets them, and how many there are.
public struct ControllerManagerSettings: Hashable, Sendable {
  /// false: there is none.
  public var running = true
  /// `--kube-api-qps` of each client, per 1,000 s; 0 and less: see `ClientLimit`. Source: J.5, 20/s.
  public var kubeAPIMilliQPS: Int64 = 20_000
  /// `--kube-api-burst`. Source: J.5, 30.
  public var kubeAPIBurst: Int64 = 30
  /// G: workers of csrapproving and of each signer. Fixed at 5 in Kubernetes.
  public var concurrentCSRSyncs = 5
  /// `--cluster-signing-duration`. Source: J.5, 8760 h.
  public var clusterSigningDuration = Duration.hours(8_760)
  /// Whether `--cluster-signing-cert-file` and `-key-file` are given; else no signer starts (H.1).
  public var hasSigningKey = true
  /// NotAfter of the signing CA in nanoseconds since 1970; nil: 10 years after the start (N.3).
  public var signingCANotAfter: Int64?
  /// Which of `--controllers` run.
  public var csrapproving = true
  public var csrsigning = true
  public var csrcleaner = true
  /// Off by default in Kubernetes, on by kubeadm (I.2, I.3).
  public var tokencleaner = false
  public var bootstrapsigner = false
  public var nodelifecycle = true
  /// `--node-monitor-period`. Source: J.5, 5 s.
  public var nodeMonitorPeriod = Duration.seconds(5)
  /// `--node-monitor-grace-period`. Source: J.5, 50 s.
  public var nodeMonitorGracePeriod = Duration.seconds(50)
  /// `--use-service-account-credentials` (J.2); kubeadm: true.
  public var useServiceAccountCredentials = true
  public var clock = ClockSkew.none
  /// When the processes start, after the start of the run; nil: they ran before, and one leads.
  public var startsAt: Duration?
  /// How many there are, each on a control-plane node of its own.
  public var replicas = 1
  /// J.3 `--leader-elect`; without it each replica acts as if it were the only one.
  public var leaderElect = true
  /// `--leader-elect-lease-duration`. Source: J.3, 15 s.
  public var leaseDuration = Duration.seconds(15)
  /// `--leader-elect-renew-deadline`. Source: J.3, 10 s.
  public var renewDeadline = Duration.seconds(10)
  /// `--leader-elect-retry-period`. Source: J.3, 2 s.
  public var retryPeriod = Duration.seconds(2)

  public init() {}
}

/// Who approves besides csrapproving.
public struct ApproverSettings: Hashable, Sendable {
  /// Its User-Agent too, of an external one.
  public var name = "administrator"
  public var kind: Kind
  public var matching = Matching()
  public var decision = Decision.approve
  /// Reason and message of the condition.
  public var reason = "KubectlApprove"
  public var message = "This CSR was approved by kubectl certificate approve."
  /// As whom it acts.
  public var user = "kubernetes-admin"
  public var groups = ["kubeadm:cluster-admins", "system:authenticated"]
  public var clock = ClockSkew.none

  public init(kind: Kind) { self.kind = kind }

  /// What it does with the CSRs that it decides on.
  public enum Decision: UInt8, Hashable, Sendable { case approve, deny }

  /// Who it is.
  public enum Kind: Hashable, Sendable {
    case manual(Manual)
    case external(External)
  }

  /// An administrator with kubectl.
  public struct Manual: Hashable, Sendable {
    /// When the first look is, from the start of the run, and how long from one look to the next.
    public var firstLook = Duration.zero
    public var every = Duration.minutes(5)
    /// The most CSRs decided after one look; nil: all.
    public var batch: Int?
    /// How long one `kubectl certificate approve` takes the human, on top of its calls.
    public var timePerRequest = Distribution.constant(.zero)
    /// Working hours as seconds of the day on the administrator's clock (UTC), `[from, to)`; those that end on
    /// the next day have a day more at their end, and belong to the day on which they begin.
    public var workingHours: Range<Int64>?
    /// Bit d set: works on weekday d (0 = Sunday).
    public var workingDays: UInt8 = 0b111_1111

    public init() {}
  }

  /// A controller that watches CSRs and approves through the API.
  public struct External: Hashable, Sendable {
    public var workers = 1
    /// Limit of its client's requests, per 1,000 s, and its burst.
    public var milliQPS: Int64 = 20_000
    public var burst: Int64 = 30
    /// How long it thinks about one CSR.
    public var serviceTime = Distribution.constant(.zero)
    /// API calls per CSR, of which the last is the approval.
    public var callsPerRequest = 1

    public init() {}
  }

  /// Which CSRs it decides on; nil matches all.
  public struct Matching: Hashable, Sendable {
    public var signerName: SignerName?
    /// The creator's user name; `*` stands for any run of characters.
    public var requestor: String?
    /// The node whose kubelet created it, likewise.
    public var nodeName: String?

    public init() {}
  }
}
