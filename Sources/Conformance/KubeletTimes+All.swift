import TLSBootstrap

extension KubeletTimes {
  static let all = ladders + exits + foreground + denial + [registration]

  /// B.2: the attempts after creates that fail.
  private static let ladders = [
    ("a401r.bootstrap-lines.log", wrongToken), ("g403r.bootstrap-lines.log", unbound),
    ("k1r.bootstrap-lines.log", refused),
  ].map { name, spec in
    KubeletTimes(
      name: name, quantity: "attempt", line: "\"Rotating certificates\"",
      count: name.hasPrefix("k1r") ? 7 : 13, spec: spec,
      simulate: { (nil, $0.seconds(of: .createRequest)) },
      tolerance: 0.15,
      reason: "in the recording the first attempt also made the TLS connection, and ticks were late"
    )
  }

  /// B.6.
  private static let exits = [
    ("a401r.bootstrap-lines.log", wrongToken), ("g403r.bootstrap-lines.log", unbound),
  ].map { name, spec in
    KubeletTimes(
      name: name, quantity: "exit", line: "the server is responsive, exiting",
      origin: "\"Rotating certificates\"", spec: spec,
      simulate: { ($0.seconds(of: .createRequest).first, Array($0.seconds(of: .kubeletExited))) },
      tolerance: 1.1,
      reason: "the check at 300.000 s does not fire when time is exact (B.6); a real one is late")
  }

  /// A.4: MODE-F's wait for /healthz.
  private static let foreground = [
    KubeletTimes(
      name: "a401n.full.log", quantity: "GET /healthz", line: "\"Failed to connect to apiserver\"",
      spec: wrongTokenInForeground,
      simulate: { (nil, $0.seconds(of: .getHealthz)) }),
    KubeletTimes(
      name: "k1n.full.log", quantity: "GET /healthz", line: "\"Failed to connect to apiserver\"",
      spec: refusedInForeground,
      simulate: { (nil, $0.seconds(of: .getHealthz)) }),
    KubeletTimes(
      name: "k1n.full.log", quantity: "exit", line: "\"command failed\"",
      origin: "\"Failed to connect to apiserver\"", spec: refusedInForeground,
      simulate: { ($0.seconds(of: .getHealthz).first, $0.seconds(of: .kubeletExited)) }),
    KubeletTimes(
      name: "a401n.full.log", quantity: "exit", line: "\"command failed\"",
      origin: "\"Failed to connect to apiserver\"",
      spec: wrongTokenInForeground,
      simulate: { ($0.seconds(of: .getHealthz).first, $0.seconds(of: .kubeletExited)) }),
  ]

  /// O19 and B.4: what follows a denial, and a CSR that nobody decides.
  private static let denial = [
    KubeletTimes(
      name: "denyr.bootstrap-lines.log", quantity: "attempt after a denial",
      line: "csr=\"csr-sws8m\"", origin: "signing request is denied", count: 1, spec: deniedOnce,
      simulate: { ($0.seconds(of: .waitEnded).first, [$0.seconds(of: .createRequest)[1]]) }),
    KubeletTimes(
      name: "denyr.bootstrap-lines.log", quantity: "patience with a CSR",
      line: "timed out waiting for the condition", origin: "csr=\"csr-sws8m\"", spec: deniedOnce,
      simulate: { ($0.seconds(of: .createRequest)[1], [$0.seconds(of: .waitEnded)[1]]) }),
    KubeletTimes(
      name: "denyr.bootstrap-lines.log", quantity: "attempt after it",
      line: "csr=\"csr-9nw2s\"", origin: "timed out waiting for the condition", count: 1,
      spec: deniedOnce,
      simulate: { ($0.seconds(of: .waitEnded)[1], [$0.seconds(of: .createRequest)[2]]) }),
    KubeletTimes(
      name: "denyr.bootstrap-lines.log", quantity: "end of its watch", line: "\"Watch close\"",
      origin: "csr=\"csr-sws8m\"", count: 1, spec: deniedOnce,
      simulate: { played in
        let created = played.seconds(of: .createRequest)[1]
        let watches = played.seconds(of: .watchRequest).filter { $0 > created }
        return (created, [watches[1]])
      }),
  ]

  /// The first CSR is denied, the second one is left alone.
  private static let deniedOnce = """
      preset: kubeadm
      duration: 920s
      stopWhen: Never
      nodes: [{name: workers}]
      tokens: [{token: abcdef.0123456789abcdef}]
      controllerManager: {controllers: {csrapproving: false}}
      approval: [{name: admin, decision: Deny, manual: {firstLook: 5s, every: 1h}}]
    """

  /// L.2: a kubelet without a certificate tries to register.
  private static let registration = KubeletTimes(
    name: "waiting.log", quantity: "registration", line: "\"Attempting to register node\"",
    count: 6,
    spec: """
        preset: kubeadm
        duration: 20s
        stopWhen: Never
        nodes:
        - name: workers
        tokens:
        - token: abcdef.0123456789abcdef
        controllerManager: {running: false}
      """,
    simulate: { (nil, $0.waitingSeconds(of: .createNode)) })

  private static let wrongToken = """
      preset: kubeadm
      duration: 310s
      stopWhen: Never
      nodes:
      - name: workers
        bootstrapKubeconfig: {token: abcdef.0123456789abcdef}
    """

  /// The process that is started again afterwards is not looked at.
  private static let wrongTokenInForeground = wrongToken.replacing("310s", with: "65s")
    .replacing("workers", with: "workers\n    kubelet: {rotateCertificates: false}")

  private static let refusedInForeground = refused.replacing("200s", with: "65s")
    .replacing("workers", with: "workers\n    kubelet: {rotateCertificates: false}")

  private static let unbound = """
      duration: 310s
      stopWhen: Never
      nodes:
      - name: workers
      tokens:
      - token: abcdef.0123456789abcdef
    """

  private static let refused = """
      preset: kubeadm
      duration: 200s
      stopWhen: Never
      nodes:
      - name: workers
        bootstrapKubeconfig: {server: "https://192.0.2.9:6443"}
      tokens:
      - token: abcdef.0123456789abcdef
    """
}
