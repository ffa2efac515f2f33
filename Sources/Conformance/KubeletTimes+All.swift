import TLSBootstrap

extension KubeletTimes {
  static let all = ladders + exits + foreground + [registration]

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
      name: "a401n.full.log", quantity: "exit", line: "\"command failed\"",
      origin: "\"Failed to connect to apiserver\"",
      spec: wrongTokenInForeground,
      simulate: { ($0.seconds(of: .getHealthz).first, $0.seconds(of: .kubeletExited)) }),
  ]

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
