import SimulationKernel
import TLSBootstrap

/// What keeps the kubelet from reaching the API server, or the server from answering (O3 to O6, O31, O43,
/// O44).
extension Rule {
  private static func createFails(_ words: String) -> Clue {
    .kubeletLog("certificate_manager.go:596", saying: words)
  }

  private static func connection(_ words: String) -> [Clue] {
    [
      createFails(words), .kubeletLog("bootstrap.go:297", saying: words), .kubeadm,
      .kubeadmConnection(.getClusterInfo),
    ]
  }

  /// Whether no clock is to blame that the API server's certificate is not valid.
  private static func isOldServingCertificate(_ node: NodeCase) -> Bool {
    node.servingVerdict.map { !$0.isDecisive } ?? false
  }

  /// Whether connections are refused, on the way to its certificate.
  private static func isRefused(_ node: NodeCase) -> Bool {
    node.record.settlement == .serverUnreachable
      || askedForClusterInfo(node)
        && node.has(.connectionFailed, .getClusterInfo, .connectionRefused)
      || node.has(.connectionFailed, .createRequest, .connectionRefused)
      || node.has(.connectionFailed, .getHealthz, .connectionRefused)
  }

  /// Whether what became of kubeadm's calls is what became of the node, or held it up.
  private static func askedForClusterInfo(_ node: NodeCase) -> Bool {
    [.joinFailed, .ready].contains(node.record.settlement)
  }

  private static let refusedEnds: Set<Settlement> = [
    .serverUnreachable, .joinFailed, .waiting, .ready,
  ]

  static let connectionRules = [
    Rule(
      number: "O6", title: "by its clock the API server's certificate is not valid",
      settlements: [.serverNotTrusted, .joinFailed, .waiting, .ready],
      holds: {
        $0.has(.connectionFailed, nil, .servingCertificateExpired)
          || $0.has(.connectionFailed, nil, .servingCertificateNotYetValid)
      }, clues: connection("not yet valid") + [.kubeletLog("run.go:72")],
      faults: {
        switch $0 {
        case .nodeClock, .authority(.expireServingCertificate): true
        default: false
        }
      },
      clock: { $0.servingVerdict },
      needed: { node in
        isOldServingCertificate(node)
          ? "a certificate of the API server that lives: the clock of \(node.called) is right"
          : "a clock on \(node.called) between NotBefore and NotAfter of the API server's certificate"
      },
      remedy: { node in
        let renews = Remedy.Command.onControlPlane("kubeadm certs renew apiserver")
        if isOldServingCertificate(node) {
          return Remedy(
            [renews] + joinsAnew(node), of: node, undoing: \.expiresServingCertificate)
        }
        return Remedy(
          [.on(node, "chronyc makestep")] + joinsAnew(node), overrides: rightClock(node))
      }),
    Rule(
      number: "O5", title: "the CA in its kubeconfig did not sign the API server's certificate",
      settlements: [.serverNotTrusted, .joinFailed, .ready],
      holds: {
        $0.record.settlement == .serverNotTrusted
          || $0.has(.connectionFailed, .createRequest, .unknownAuthority)
          || askedForClusterInfo($0)
            && $0.has(.connectionFailed, .getClusterInfo, .unknownAuthority)
      },
      clues: connection("unknown authority") + [.kubeletLog("run.go:72")],
      faults: \.replacesServingCA,
      needed: { node in
        askedForClusterInfo(node) && node.group.joinsByKubeadm
          ? "the cluster's own CA, as --discovery-token-ca-cert-hash pins it"
          : "the cluster's own CA in certificate-authority-data of the kubeconfig"
      },
      remedy: { node in
        let copies = Remedy.Command.onControlPlane(
          "scp /etc/kubernetes/pki/ca.crt root@NODE:/etc/kubernetes/pki/ca.crt   # to each node")
        let isInPlace = node.record.settlement == .ready && node.group.joinsByKubeadm
        return Remedy(
          isInPlace
            ? []
            : node.record.settlement == .joinFailed
              ? joinsAgain(node) : [copies] + writesBootstrapKubeconfig(node),
          of: node, undoing: \.replacesServingCA,
          or: ["\(node.groupKey).bootstrapKubeconfig.certificateAuthority=Cluster"])
      }),
    Rule(
      number: "O4", title: "the network swallows what it sends to the API server",
      settlements: [.serverUnreachable, .joinFailed, .waiting, .ready],
      holds: {
        $0.has(.connectionFailed, .createRequest, .dialTimeout)
          || askedForClusterInfo($0)
            && $0.has(.connectionFailed, .getClusterInfo, .dialTimeout)
          || $0.wasHeldUp(by: [.dialTimeout])
          || $0.fault(\.isNetwork) != nil
            && $0.wasHeldUp(by: [.handshakeTimeout, .connectionLost])
      },
      clues: connection("timeout"),
      faults: \.isNetwork,
      needed: { node in "packets from \(node.called) that reach \(node.server)" },
      remedy: { node in
        Remedy(
          [.on(node, "curl -k \(node.server)/healthz   # hangs until they do")] + joinsAnew(node),
          of: node, undoing: \.isNetwork)
      }),
    Rule(
      number: "O3", title: "nothing listens where its kubeconfig says the API server is",
      settlements: refusedEnds,
      holds: { isRefused($0) && $0.otherServer != nil },
      clues: connection("connection refused") + [.kubeletLog("run.go:72")],
      needed: { node in "the server \(node.server), not \(node.otherServer ?? ""), in it" },
      remedy: { node in
        Remedy(
          writesBootstrapKubeconfig(node),
          overrides: ["\(node.groupKey).bootstrapKubeconfig.server=\(node.server)"])
      }),
    Rule(
      number: "O3", title: "nothing listens where kubelet.conf says the API server is",
      settlements: [.waiting],
      holds: { $0.ownOtherServer != nil && $0.has(.connectionFailed, nil, .connectionRefused) },
      clues: [.kubeletLog("kubelet_node_status.go:78")],
      needed: { node in "the server \(node.server), not \(node.ownOtherServer ?? ""), in it" },
      remedy: { node in
        Remedy(
          [
            .on(
              node,
              "sed -i 's|server: .*|server: \(node.server)|' /etc/kubernetes/kubelet.conf && "
                + "systemctl restart kubelet")
          ], overrides: ["\(node.groupKey).kubeconfig.server=\(node.server)"])
      }),
    Rule(
      number: "O3", title: "no API server takes connections",
      settlements: refusedEnds, holds: isRefused,
      clues: connection("connection refused") + [.kubeletLog("run.go:72")],
      faults: \.isServerDown,
      needed: { node in "an API server that is up at \(node.server)" },
      remedy: { node in
        Remedy(
          [.onControlPlane("crictl ps -a --name kube-apiserver")] + joinsAnew(node), of: node,
          undoing: \.isServerDown)
      }),
    Rule(
      number: "O4", title: "the API server takes its connections and does not answer",
      settlements: [.joinFailed, .waiting, .ready],
      holds: {
        ($0.has(.connectionFailed, .createRequest, .handshakeTimeout)
          || $0.wasHeldUp(by: [.handshakeTimeout, .connectionLost, .deadlineExceeded]))
          && $0.fault(\.isServerPaused) != nil
      },
      clues: connection("timeout"),
      faults: \.isServerPaused,
      needed: { node in "an API server at \(node.server) whose process goes on" },
      remedy: { node in
        Remedy(
          [.onControlPlane("pkill -CONT kube-apiserver")] + joinsAnew(node), of: node,
          undoing: \.isServerPaused)
      }),
    Rule(
      number: "O44", title: "the watch of its CSR broke",
      settlements: [.waiting, .ready],
      holds: {
        // O4 tells of a network that is still disturbed.
        ($0.record.settlement == .ready
          || $0.fault(during: $0.world.now..<Instant.never, \.isNetwork) == nil)
          && ($0.has(.connectionFailed, .watchRequest)
            || $0.has(.requestAnswered, .watchRequest, .gone))
      }, clues: [.kubeletLog("reflector.go:608"), .kubeletLog("reflector.go:651")],
      faults: \.breaksConnections,
      needed: { _ in
        "a connection that holds; the kubelet finds its certificate when it watches again"
      },
      remedy: { node in Remedy([], of: node, undoing: \.breaksConnections) }),
    Rule(
      number: "O31", title: "the API server was too busy for its requests",
      settlements: [.waiting, .ready],
      holds: { $0.has(.requestAnswered, nil, .tooManyRequests) },
      clues: [
        createFails("too many requests"), .answer(.createRequest, .tooManyRequests),
        .answer(.createNode, .tooManyRequests),
      ],
      needed: { _ in "more requests in flight than writes that come at once, or fewer of them" },
      remedy: { node in
        let api = node.given.apiServer
        return Remedy(
          [
            .settingFlags(
              [
                "--max-requests-inflight=\(api.maxRequestsInFlight * 2)",
                "--max-mutating-requests-inflight="
                  + "\(max(200, api.maxMutatingRequestsInFlight * 2))",
              ], of: "kube-apiserver")
          ],
          overrides: [
            "spec.apiServer.maxMutatingRequestsInFlight="
              + "\(max(200, api.maxMutatingRequestsInFlight * 2))",
            "spec.apiServer.maxRequestsInFlight=\(api.maxRequestsInFlight * 2)",
          ])
      }),
    Rule(
      number: "O43", title: "its CSR was written after the API server had answered 504",
      settlements: [.waiting, .ready],
      holds: { $0.has(.requestAnswered, .createRequest, .timeout) },
      clues: [createFails("imeout"), .kubeletLog("run.go:72"), .answer(.createRequest, .timeout)],
      needed: { _ in "writes that take less than 34 s; look at etcd's disk" },
      remedy: { _ in
        Remedy(
          [.onControlPlane("etcdctl check perf")], overrides: ["spec.latency.createRequest=3ms"])
      }),
  ]
}

extension NodeCase {
  /// The server of its bootstrap kubeconfig, where that is not the API server's.
  fileprivate var otherServer: String? {
    group.bootstrapKubeconfig.server.flatMap { $0 == server ? nil : $0 }
  }

  /// The same of the kubeconfig of its own with which it starts.
  fileprivate var ownOtherServer: String? {
    guard group.disk.kubeconfig.state == .present else { return nil }
    return group.disk.kubeconfig.server.flatMap { $0 == server ? nil : $0 }
  }
}
