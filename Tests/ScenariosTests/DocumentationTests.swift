import Foundation
import TestSupport
import TLSBootstrap
import Testing

@testable import Scenarios

/// docs/SCENARIO.md, the table of keys and the readers agree.
struct DocumentationTests {
  /// Two scenarios that together use every key.
  private let everyKey = [
    """
    apiVersion: bootsim.dev/v1alpha1
    kind: Scenario
    metadata: {name: every-key}
    spec:
      seed: 7
      start: 2026-03-01T08:00:00Z
      duration: 36h
      stopWhen: AllReady
      preset: kubeadm
      files: []
      allowDuplicateNodeNames: true
      administrator: {clock: {offset: {uniform: {from: -5m, to: 5m}}, drift: 20ppb}}
      nodes:
      - name: a
        count: 2
        names: a-{01}
        start: {uniform: {from: 1s, to: 2s}}
        join: Kubeadm
        bootstrapKubeconfig:
          {state: Present, server: 'https://a:1', certificateAuthority: Other, token: x}
        kubelet:
          rotateCertificates: true
          serverTLSBootstrap: true
          registerNode: false
          nodeStatusUpdateFrequency: 20s
          nodeStatusReportFrequency: 10m
          heartbeats: Played
          restartSec: 5s
        clock: {offset: 1s, drift: {uniform: {from: -50ppm, to: 50ppm}}}
        kubeconfig:
          state: Present
          file: kubelet.conf
          server: https://a:1
          certificateAuthority: Other
          clientCertificate: Inline
          certificate: {notBefore: 2026-01-01T00:00:00Z, notAfter: 2026-06-01T00:00:00Z}
        currentCertificate: {state: Corrupt, file: pem.pem, issuer: Other}
        temporaryKey: Present
        containerRuntime: Absent
      - name: b
        start: {poisson: {perSecond: 0.5, from: 1m}}
        bootstrapKubeconfig: {tokenID: abcdef}
      - {name: c, start: {at: 1s}, bootstrapKubeconfig: {file: b.conf}}
      - {name: d, start: {times: [1s, 2s]}, kubelet: {configuration: k.yaml}}
      - {name: e, start: {csv: {file: t.csv, column: seconds}}}
      tokens:
      - token: abcdef.0123456789abcdef
        ttl: 1h
        createdAt: 2026-03-01T07:00:00Z
        usages: [authentication]
        groups: [system:bootstrappers:x]
      apiServer:
        url: https://192.0.2.1:6443
        enableBootstrapTokenAuth: true
        anonymousAuth: false
        nodeRestriction: true
        certificateApproval: true
        certificateSigning: true
        certificateSubjectRestriction: true
        authorizationMode: [Node, RBAC]
        servingCertificateNotBefore: 2026-01-01T00:00:00Z
        servingCertificateNotAfter: 2027-01-01T00:00:00Z
        certificateAuthorityData: QUFB
        trustsSigningCA: true
        clock: {offset: -3s}
      controllerManager:
        running: true
        kubeAPIQPS: 100
        kubeAPIBurst: 200
        concurrentCSRSyncs: 5
        clusterSigningDuration: 1h
        signingKey: true
        signingCANotAfter: 2030-01-01T00:00:00Z
        useServiceAccountCredentials: true
        controllers:
          csrapproving: true
          csrsigning: true
          csrcleaner: true
          tokencleaner: true
          bootstrapsigner: true
          nodelifecycle: true
        startsAt: 1s
        replicas: 3
        leaderElect: true
        leaseDuration: 15s
        renewDeadline: 10s
        retryPeriod: 2s
        nodeMonitorPeriod: 5s
        nodeMonitorGracePeriod: 50s
        clock: {drift: -0.5ppm}
      approval:
      - name: people
        decision: Deny
        reason: No
        message: Never
        user: jane
        groups: [staff]
        clock: {offset: 1h}
        matching:
          signerName: kubernetes.io/kube-apiserver-client-kubelet
          requestor: "system:bootstrap:*"
          nodeName: "a-*"
        manual:
          firstLook: 5m
          every: 1h
          batch: 10
          timePerRequest: {constant: 5s}
          workingHours: 09:00-17:30
          workingDays: [Mon, Fri]
      - name: machine
        external:
          workers: 3
          qps: 50
          burst: 60
          serviceTime: {uniform: {from: 1ms, to: 2ms}}
          callsPerRequest: 4
      requests:
      - name: made
        at: 1s
        every: 2s
        count: 3
        as: {tokenID: abcdef}
        create:
          apiVersion: certificates.k8s.io/v1
          kind: CertificateSigningRequest
          metadata:
            name: x
            generateName: y-
            labels: {a: b}
            annotations: {a: b}
            resourceVersion: "7"
            uid: u
            creationTimestamp: null
            managedFields: []
          status: {}
          contentType: application/json
          byteOrderMark: false
          spec:
            signerName: kubernetes.io/kube-apiserver-client
            usages: [client auth]
            expirationSeconds: 600
            username: jane
            groups: [staff]
            uid: u
            extra: {a: [b]}
          subject: {commonName: jane, organizations: [a, b], organizationalUnits: [c]}
          sans: {dnsNames: [d], ipAddresses: [192.0.2.9], emailAddresses: [e@f], uris: [g:h]}
          key: RSA-2048
          signature: Other
      - {name: raw, as: {anonymous: true}, create: {spec: {request: "!"}}}
      - {name: yes, as: {user: jane, groups: [staff]}, approve: {of: request/made}}
      - {name: no, as: {token: x, certificate: {node: a-01}}, deny: {name: csr-x}}
      - {name: gone, as: {certificate: {request: made}}, delete: {of: node/a-01}}
      - {name: kept, delete: {name: z}}
      - {name: restored, replace: {of: node/a-01}}
      - {name: missed, replace: {name: z}}
      - {name: later, approve: {name: z}}
      - {name: never, deny: {of: request/raw}}
      - name: put
        as:
          certificate:
            commonName: x
            organizations: [y]
            notBefore: -1h
            notAfter: 1h
            issuer: Other
            extendedKeyUsage: ServerAuth
          impersonate: {user: u, groups: [g], uid: x}
        update: {name: z, subresource: Status, add: Failed, reason: R, message: M}
      - {name: off, update: {of: request/made, remove: Denied}}
      - {name: set, update: {name: z, certificate: Other}}
      - name: written
        update:
          name: z
          conditions:
          - type: A
            status: "True"
            reason: R
            message: M
            lastUpdateTime: null
            lastTransitionTime: null
      - name: other
        ask:
          verb: list
          group: g
          resource: r
          subresource: s
          name: n
          namespace: ns
          fieldSelector: metadata.name=n
      - {name: path, ask: {path: /healthz}}
      latency:
        profile: p.yaml
        network: {exponential: {mean: 1ms}}
        read: {quantiles: {min: 1ms, p50: 2ms, p90: 3ms, p99: 4ms, max: 5ms}}
      expect:
      - {ready: ">= 1", by: 10m}
      - {failed: 0}
      - {waiting: all}
      - {approved: 3}
      - {issued: "<= 3"}
      - {timeToReady: {p50: 1s, p90: 2s, p99: 3s, max: 4s}}
      - {node: a-01, state: Failed, reason: trusted}
      faults:
      - {name: gone, at: 1s, for: 1m, action: token-delete, tokenID: abcdef}
      - action: token-patch
        data:
          token-id: abcdef
          token-secret: 0000000000000000
          expiration: never
          usage-bootstrap-authentication: "false"
          usage-bootstrap-signing: "false"
          auth-extra-groups: ""
      - {action: binding-absent, binding: kube-proxy, namespace: kube-system}
      - {action: time-offset, timeOffset: -1h, on: {group: a, node: a-01, fixed: 1}}
      - {action: time-drift, drift: 50ppm, on: {percent: 10}}
      - {action: delay, latency: 10ms}
      - {action: loss, loss: 10}
      - {action: pod-kill, on: kube-controller-manager, replica: 1}
    """,
    head + "  apiServer: {certificateAuthority: ca.pem}\n" + """
        nodes:
        - {name: a}
        - name: c
          kind: csrClient
          csrClient: {patience: 1m, gap: 1s, kubeAPIQPS: 1, kubeAPIBurst: 1}
        tokens: [{token: abcdef.0123456789abcdef, expires: 2026-03-01T07:00:00Z}]
      """,
  ]

  private let files = [
    "b.conf": """
    {apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c,
    user: u}}], clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443"}}],
    users: [{name: u, user: {token: abcdef.0123456789abcdef}}]}
    """,
    "k.yaml": "{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration}",
    "t.csv": "name,seconds\na,1.5\nb,2\nc,3.25\n",
    "ca.pem": "AAA\n",
    "p.yaml": """
    {apiVersion: bootsim.dev/v1alpha1, kind: LatencyProfile, from: 2026-01-01T00:00:00Z,
    to: 2026-01-01T01:00:00Z, latency: {write: 7ms}, requests: []}
    """,
    "kubelet.conf": """
    {apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c,
    user: u}}], clusters: [{name: c, cluster: {server: "https://a:1"}}],
    users: [{name: u, user: {client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem}}]}
    """,
    "pem.pem": (try? fixture("kubelet-client.pem")) ?? "",
  ]

  private func read(_ text: String) throws -> (loaded: LoadedScenario, keys: Set<String>) {
    try ScenarioFile.read(text: text, path: "s.yaml") { path in
      try #require(files[path])
    }
  }

  @Test func `every key of the table is read, and no other`() throws {
    let read = try everyKey.map { try self.read($0).keys }.reduce(Set()) { $0.union($1) }
    // The types' own rows describe what their keys have in common.
    let types: Set = ["Distribution", "Clock", "ClientCertificate", "LatencyProfile"]
    #expect(KeyTable.paths.subtracting(types).subtracting(read).sorted() == [])
  }

  @Test func `every value arrives where it belongs`() throws {
    let scenario = try read(everyKey[0]).loaded.scenario
    #expect(scenario.name == "every-key")
    #expect(scenario.seed == 7)
    #expect(scenario.start == 1_772_352_000_000_000_000)
    #expect(scenario.duration == .hours(36))
    #expect(scenario.stop == .ready)
    #expect(scenario.groups.map(\.nodeNames.count) == [2, 1, 1, 2, 3])
    #expect(scenario.groups[0].nodeNames == ["a-01", "a-02"])
    #expect(scenario.groups[0].arrivals == .uniform(from: .seconds(1), to: .seconds(2)))
    #expect(scenario.groups[0].clockOffset.shift == .seconds(1))
    #expect(scenario.groups[0].clockDriftPPB == -50_000...50_000)
    #expect(scenario.groups[0].kubelet.restartSeconds == .seconds(5))
    #expect(scenario.groups[0].kubelet.nodeStatusReportFrequency == .minutes(10))
    #expect(scenario.groups[0].kubelet.playsHeartbeats)
    #expect(!scenario.groups[0].kubelet.registersNode)
    #expect(!scenario.groups[0].bootstrapKubeconfig.trustsServer)
    let disk = scenario.groups[0].disk
    #expect(disk.kubeconfig.source == .inline)
    #expect(!disk.kubeconfig.trustsServer)
    #expect(disk.kubeconfig.certificate.notAfter == 1_780_272_000_000_000_000)
    #expect(disk.certificate.state == .corrupt)
    #expect(!disk.certificate.isTrusted)
    #expect(disk.temporaryKey == .present)
    #expect(scenario.groups[1].arrivals == .poisson(from: .minutes(1), milliRate: 500))
    #expect(
      scenario.groups[4].arrivals
        == .times([.milliseconds(1_500), .seconds(2), .milliseconds(3_250)]))
    #expect(scenario.apiServer.clock == ClockSkew(offset: .seconds(-3)))
    #expect(scenario.controllerManager.clock == ClockSkew(driftPPB: -500))
    #expect(scenario.controllerManager.kubeAPIMilliQPS == 100_000)
    #expect(scenario.latency.network == .exponential(mean: .milliseconds(1)))
    #expect(scenario.latency.write == .constant(.milliseconds(7)))
    let people = scenario.approvers[0]
    #expect(people.decision == .deny)
    #expect(people.matching.signerName == .kubeAPIServerClientKubelet)
    var manual = ApproverSettings.Manual()
    manual.firstLook = .minutes(5)
    manual.every = .hours(1)
    manual.batch = 10
    manual.timePerRequest = .constant(.seconds(5))
    manual.workingHours = 32_400..<63_000
    manual.workingDays = 0b010_0010
    #expect(people.kind == .manual(manual))
    #expect(scenario.requests.map(\.count) == [3] + Array(repeating: 1, count: 15))
    #expect(scenario.requests[0].at == .seconds(1))
    #expect(scenario.requests[0].every == .seconds(2))
    #expect(scenario.requests[0].credentials.token == "abcdef.0123456789abcdef")
    guard case .external(let external) = scenario.approvers[1].kind else {
      Issue.record("the second policy is external")
      return
    }
    #expect(external.milliQPS == 50_000)
    #expect(external.callsPerRequest == 4)
  }

  @Test func `a scenario with only what is needed has the defaults of the vocabulary`() throws {
    let scenario = try load(nodesAndToken).scenario
    var expected = Scenario()
    expected.name = "test"
    expected.groups = scenario.groups
    expected.secrets = scenario.secrets
    #expect(scenario == expected)
    #expect(scenario.groups[0].nodeNames == ["workers-1"])
    #expect(scenario.groups[0].kubelet == KubeletSettings())
  }

  @Test func `a draw of a clock follows the seed and nothing else`() throws {
    let spec = "  apiServer: {clock: {offset: {uniform: {from: -1h, to: 1h}}}}\n" + nodesAndToken
    let offset = { (seed: UInt64) in
      try load(spec, seed: seed).scenario.apiServer.clock.offset
    }
    #expect(try offset(1) == offset(1))
    #expect(try offset(1) != offset(2))
  }

  @Test func `the document lists every key with unit and default, and no other`() throws {
    try hold(Self.markdown, as: "keys")
  }

  @Test func `the document lists every action of faults, and no other`() throws {
    let rows = FaultAction.all.map { action in
      let keys = action.keys.map { "`\($0)`" }.joined(separator: ", ")
      return "| `\(action.name)` | \(action.text) | \(keys) | \(action.end ?? "no `for`") |\n"
    }
    try hold(
      "\n| Action | What is done | Keys | With `for` |\n|---|---|---|---|\n" + rows.joined() + "\n",
      as: "faults")
  }

  private func hold(_ table: String, as name: String) throws {
    #expect(
      try Repository.part(name, of: "docs/SCENARIO.md", writing: table) == table,
      "run once with UPDATE_DOCS=1")
  }

  @Test func `the example of the document loads`() throws {
    let text = try Repository.text("docs/SCENARIO.md")
    let examples = text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    let whole = examples.filter { $0.contains("kind: Scenario") }
    #expect(!whole.isEmpty)
    for example in whole { _ = try loadText(example) }
  }

  @Test func `the schema text has a key with its type, unit, default and meaning`() {
    for paragraph in [
      "kind\n    Scenario; needed\n    Exactly one document of the file has it.\n",
      "spec.start\n    time, RFC 3339; default 2026-01-01T00:00:00Z\n"
        + "    True time at the start of the run, before 2200.\n",
      "spec.approval[].external.qps\n    rate, requests per second; default 20\n"
        + "    Limit of its client.\n",
    ] {
      #expect(ScenarioFile.schemaText.contains("\n" + paragraph), "\(paragraph)")
    }
  }

  @Test func `no key outside expect names an outcome`() {
    let outcomes = ["ready", "failed", "waiting", "approved", "issued", "denied", "code", "status"]
    // Fields of the object that a client sends.
    let sent = ["spec.requests[].create.status", "spec.requests[].update.conditions[].status"]
    for key in ScenarioFile.keys
    where !key.path.hasPrefix("spec.expect") && !sent.contains(key.path) {
      let name = key.path.split(separator: ".").last.map { $0.lowercased() } ?? ""
      #expect(!outcomes.contains(name), "\(key.path)")
    }
  }

  /// The table as docs/SCENARIO.md has it.
  private static var markdown: String {
    let rows = ScenarioFile.keys.map { key in
      let value = key.default.isEmpty ? "**needed**" : key.default
      return "| `\(key.path)` | \(key.type) | \(key.unit) | \(value) | \(key.text) |\n"
    }
    return "\n| Key | Type | Unit | Default | Meaning |\n|---|---|---|---|---|\n"
      + rows.joined() + "\n"
  }
}
