import Foundation
import Scenarios
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing
import Yams

@testable import Inspection

/// `get` of the objects of a run.
struct ViewTests {
  @Test(arguments: [
    ("csr", Resource.requests), ("certificatesigningrequest", .requests),
    ("CertificateSigningRequests", .requests),
    ("certificatesigningrequests.certificates.k8s.io", .requests),
    ("certificatesigningrequests.v1.certificates.k8s.io", .requests), ("no", .nodes),
    ("node", .nodes), ("nodes", .nodes), ("secret", .secrets), ("ev", .events),
    ("events", .events), ("lease", .leases), ("leases.coordination.k8s.io", .leases),
    ("csr.certificates.k8s.io", .requests), ("csr.v1.certificates.k8s.io", .requests),
    ("nodes.v1.", .nodes), ("no.v1.", .nodes), ("secrets.v1.", .secrets),
  ])
  func `plural, singular and short names are taken`(typed: String, resource: Resource) {
    #expect(Resource(typed) == resource)
  }

  @Test(arguments: ["pods", "nodes.v1", "nodes.v2.", "csr.v1", "leases.certificates.k8s.io", ""])
  func `what is no resource is none`(typed: String) { #expect(Resource(typed) == nil) }

  // MARK: Tables

  @Test func `CSRs have kubectl's columns`() throws {
    let text = try ResourceView(snapshot(at: 90), .requests).text(.table)
    let rows = cells(text)
    #expect(
      rows[0] == ["NAME", "AGE", "SIGNERNAME", "REQUESTOR", "REQUESTEDDURATION", "CONDITION"])
    #expect(rows[1][0].hasPrefix("csr-"))
    #expect(rows[1][1] == "90s")
    #expect(
      rows[1][2...] == [
        "kubernetes.io/kube-apiserver-client-kubelet", "system:bootstrap:abcdef", "<none>",
        "Approved,Issued",
      ])
    // Three spaces after the longest cell of a column.
    #expect(text.hasPrefix("NAME        AGE   SIGNERNAME                                    REQ"))
  }

  @Test func `a node is NotReady, then Ready, and Unknown is NotReady again`() throws {
    let name = "failures/o30-name-of-an-old-request"
    let states = try [0, 60, 1_900].map { second -> String in
      let view = try ResourceView(snapshot(name, at: Int64(second)), .nodes)
      return view.objects.first?.cells[1] ?? "none"
    }
    #expect(states == ["none", "Ready", "NotReady"])
    let lost = try ResourceView(snapshot(name, at: 1_900), .nodes, names: ["worker-1"])
    let object = try #require(try Yams.load(yaml: lost.text(.yaml)) as? [String: Any])
    let status = try #require(object["status"] as? [String: Any])
    let conditions = try #require(status["conditions"] as? [[String: Any]])
    #expect(
      conditions.map { $0["type"] as? String } == [
        "MemoryPressure", "DiskPressure", "PIDPressure", "Ready",
      ])
    #expect(conditions.allSatisfy { $0["reason"] as? String == "NodeStatusUnknown" })
  }

  /// B.7 closes the kubelet's connections while its Node is being created; its next try reads 409.
  @Test func `a Node whose creation was answered to nobody is there`() throws {
    let recording = try Recording("first-node", overrides: ["spec.latency.write=500ms"])
    let events = try recording.events()
    #expect(events.contains { $0.kind == .writeCommitted && $0.call == .createNode })
    #expect(!events.contains { $0.kind == .nodeRegistered })
    let snapshot = try ClusterSnapshot(recording.opened(), at: nil)
    let nodes = ResourceView(snapshot, .nodes)
    #expect(nodes.objects.map(\.name) == ["node-1"])
    #expect(nodes.objects.first?.cells[1] == "Ready")
    #expect(ResourceView(snapshot, .leases).objects.contains { $0.name == "node-1" })
  }

  @Test func `nodes, Secrets, Leases and Events have kubectl's columns`() throws {
    let snapshot = try snapshot(at: 90)
    let head = { (resource: Resource, format: ResourceView.Format) in
      cells(ResourceView(snapshot, resource).text(format))[0]
    }
    #expect(head(.nodes, .table) == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"])
    #expect(
      head(.nodes, .wide) == [
        "NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE",
        "KERNEL-VERSION", "CONTAINER-RUNTIME",
      ])
    #expect(head(.secrets, .table) == ["NAME", "TYPE", "DATA", "AGE"])
    #expect(head(.leases, .table) == ["NAME", "HOLDER", "AGE"])
    #expect(
      head(.events, .table) == ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"])
    let secret = try #require(ResourceView(snapshot, .secrets).objects.first)
    #expect(secret.cells[1] == "bootstrap.kubernetes.io/token")
    let reasons = ResourceView(snapshot, .events).objects.map { $0.cells[2] }
    #expect(Set(reasons).isSuperset(of: ["Starting", "RegisteredNode", "NodeReady"]))
  }

  @Test func `a clock that is ahead makes an age that is invalid`() throws {
    let snapshot = try snapshot(
      at: 5, overrides: ["spec.apiServer.clock={offset: 1m}", "spec.tokens[0].ttl=24h"])
    let requests = ResourceView(snapshot, .requests)
    #expect(requests.objects.map { $0.cells[1] } == ["<invalid>"])
  }

  @Test func `what is not there is told in kubectl's words`() throws {
    let snapshot = try snapshot(at: 0)
    let view = ResourceView(snapshot, .requests, names: ["csr-x"])
    #expect(view.objects.isEmpty)
    #expect(
      view.missing.map(\.description) == [
        "Error from server (NotFound): certificatesigningrequests.certificates.k8s.io \"csr-x\" "
          + "not found"
      ])
    #expect(ResourceView.nothingFound(.nodes, namespace: nil) == "No resources found")
    #expect(
      ResourceView.nothingFound(.leases, namespace: "default")
        == "No resources found in default namespace.")
    #expect(ResourceView.nothingFound(.leases, namespace: "") == "No resources found")
  }

  /// Compared with kubectl v1.33, asked of a server that has nothing.
  @Test func `of several types nothing is told as kubectl tells it`() throws {
    let snapshot = try snapshot(at: 0)
    let views = { (resources: [Resource], namespace: String?) in
      ResourceViews(snapshot, resources.map { ResourceSelection($0) }, namespace: namespace)
    }
    #expect(
      views([.secrets, .leases], "foo").nothingFound == "No resources found in foo namespace.")
    #expect(views([.secrets, .nodes], "foo").nothingFound == "No resources found")
    #expect(views([.leases, .events], nil).nothingFound == "No resources found")
    #expect(views([.nodes], nil).nothingDescribed == "No resources found in default namespace.")
    #expect(
      views([.leases], nil).nothingDescribed == "No resources found in kube-node-lease namespace.")
    #expect(views([.nodes], "").nothingDescribed == "No resources found")
  }

  @Test func `without headers a table has the widths of its rows alone`() throws {
    let snapshot = try snapshot(at: 90)
    let views = ResourceViews(
      snapshot, [ResourceSelection(.nodes), ResourceSelection(.secrets)])
    #expect(
      views.text(.table, showsHeaders: false) == """
        node/node-1   Ready   <none>   90s   v1.36.2
        secret/bootstrap-token-abcdef   bootstrap.kubernetes.io/token   6     90s
        """)
  }

  /// As kubectl v1.33 described the same objects: it lists the events of the Node's UID first and sorts by
  /// seconds.
  @Test func `of one second a node's events are those of its UID, then the kubelet's`() throws {
    let text = try described(snapshot(at: 90), .nodes)
    let reasons = text.split(separator: "\n").filter { $0.hasPrefix("  Normal  ") }
      .map { $0.split(separator: " ")[1] }
    #expect(
      reasons == [
        "RegisteredNode", "Starting", "NodeHasSufficientPID", "NodeHasNoDiskPressure",
        "NodeHasSufficientMemory", "NodeReady",
      ])
  }

  @Test func `all namespaces have a column of their own`() throws {
    let rows = try cells(ResourceView(snapshot(at: 90), .leases, namespace: "").text(.table))
    #expect(rows[0] == ["NAMESPACE", "NAME", "HOLDER", "AGE"])
    #expect(rows.dropFirst().map(\.[0]) == ["kube-node-lease", "kube-system"])
  }

  // MARK: Objects

  @Test(arguments: Resource.allCases)
  func `YAML and JSON are one object with what Kubernetes demands`(resource: Resource) throws {
    let view = try ResourceView(snapshot("failures/o19-denied", at: 400), resource, namespace: "")
    #expect(!view.objects.isEmpty || [.leases, .nodes, .events].contains(resource))
    for object in view.objects {
      let yaml = try #require(try Yams.load(yaml: object.document.yaml) as? [String: Any])
      let json = try JSONSerialization.jsonObject(with: Data(object.document.json.utf8))
      let fields = try #require(json as? [String: Any])
      #expect(NSDictionary(dictionary: yaml).isEqual(to: fields))
      let meta = try #require(fields["metadata"] as? [String: Any])
      #expect(fields["kind"] as? String == resource.kind)
      #expect(fields["apiVersion"] as? String == resource.apiVersion)
      #expect(UUID(uuidString: meta["uid"] as? String ?? "") != nil)
      #expect(meta["name"] as? String == object.name)
      #expect(Int(meta["resourceVersion"] as? String ?? "") ?? 0 > 0)
      #expect(Timestamp.parse(meta["creationTimestamp"] as? String ?? "") != nil)
    }
    let names = view.objects.map { $0.document["metadata"]?["uid"] }
    #expect(Set(names).count == names.count)
  }

  @Test func `several objects are a List, one by its name is itself`() throws {
    let snapshot = try snapshot(at: 90)
    let all = ResourceView(snapshot, .requests)
    let list = try #require(try Yams.load(yaml: all.text(.yaml)) as? [String: Any])
    #expect(list["kind"] as? String == "List")
    #expect((list["items"] as? [Any])?.count == all.objects.count)
    let name = try #require(all.objects.first?.name)
    let one = ResourceView(snapshot, .requests, names: [name])
    let object = try #require(try Yams.load(yaml: one.text(.yaml)) as? [String: Any])
    #expect(object["kind"] as? String == "CertificateSigningRequest")
    #expect(one.text(.name) == "certificatesigningrequest.certificates.k8s.io/\(name)")
  }

  @Test func `several types are tables of their own, with the type before each name`() throws {
    let snapshot = try snapshot(at: 90)
    let csr = try #require(ResourceView(snapshot, .requests).objects.first?.name)
    let views = ResourceViews(
      snapshot,
      [
        ResourceSelection(.nodes, names: ["node-1", "node-9"]),
        ResourceSelection(.requests, names: [csr]),
      ])
    let tables = views.text(.table).split(separator: "\n\n").map { cells(String($0)) }
    #expect(tables.map(\.count) == [2, 2])
    #expect(tables[0][1][0] == "node/node-1")
    #expect(tables[1][1][0] == "certificatesigningrequest.certificates.k8s.io/\(csr)")
    #expect(
      views.missing.map(\.description) == [
        "Error from server (NotFound): nodes \"node-9\" not found"
      ])
    let list = try #require(try Yams.load(yaml: views.text(.yaml)) as? [String: Any])
    #expect(
      (list["items"] as? [[String: Any]])?.map { $0["kind"] as? String }
        == ["Node", "CertificateSigningRequest"])
    #expect(views.text(.name).split(separator: "\n").count == 2)
  }

  /// A reader of ours that was written for real requests reads the subject.
  @Test func `the request of a CSR can be read, and its certificate has its validity`() throws {
    let snapshot = try snapshot(at: 90)
    let object = try #require(ResourceView(snapshot, .requests).objects.first)
    guard case .string(let request) = object.document["spec"]?["request"],
      case .string(let certificate) = object.document["status"]?["certificate"]
    else {
      Issue.record("no request or certificate")
      return
    }
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: again}
      spec:
        preset: kubeadm
        duration: 1m
        nodes: [{name: workers, count: 1}]
        tokens: [{token: abcdef.0123456789abcdef}]
        requests:
        - name: again
          create:
            spec:
              signerName: kubernetes.io/kube-apiserver-client-kubelet
              usages: [digital signature, client auth]
              request: \(request)
      """
    let loaded = try ScenarioFile.load(text: text, path: "again.yaml") { _ in "" }
    guard case .create(let shape) = loaded.scenario.requests[0].act else {
      Issue.record("no create")
      return
    }
    #expect(shape.request?.commonName == "system:node:node-1")
    #expect(shape.request?.organizations == ["system:nodes"])
    let pem = String(decoding: try #require(Data(base64Encoded: certificate)), as: UTF8.self)
    #expect(pem.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    let der = try #require(
      Data(base64Encoded: pem.split(separator: "\n").dropFirst().dropLast().joined()))
    // UTCTime, an hour after the run's first second (H.3).
    #expect(der.range(of: Data("260101010000Z".utf8)) != nil)
  }

  @Test func `a Secret's data is base64 of what the scenario says`() throws {
    let secret = try #require(try ResourceView(snapshot(at: 1), .secrets).objects.first)
    guard case .string(let id) = secret.document["data"]?["token-id"] else {
      Issue.record("no token-id")
      return
    }
    #expect(Data(base64Encoded: id).map { String(decoding: $0, as: UTF8.self) } == "abcdef")
  }

  @Test func `the same instant prints the same bytes`() throws {
    let texts = try (0..<2).map { _ in
      try Resource.allCases.map {
        try ResourceView(snapshot(at: 90), $0, namespace: "").text(.yaml)
      }
    }
    #expect(texts[0] == texts[1])
  }

  // MARK: What was there before

  /// A Ready Node and one that is not, both without a machine of the scenario, and the Node of one.
  private func existing(at seconds: Int64?) throws -> ClusterSnapshot {
    let node = { (name: String, ready: String) in
      """
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: \(name)}
      status: {conditions: [{type: Ready, status: "\(ready)"}]}
      ---
      apiVersion: coordination.k8s.io/v1
      kind: Lease
      metadata: {name: \(name), namespace: kube-node-lease}

      """
    }
    let text =
      """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: existing}
      spec:
        preset: kubeadm
        duration: 1m
        stopWhen: Never
        nodes: [{name: w, count: 2, start: {at: 10s}}]
        tokens: [{token: abcdef.0123456789abcdef}]

      """ + node("control", "True") + node("gone", "False") + node("w-1", "False")
    let loaded = try ScenarioFile.load(text: text, path: "s.yaml") { _ in "" }
    return try ClusterSnapshot(
      Recording(loaded).opened(), at: seconds.map { Instant.zero + .seconds($0) })
  }

  @Test func `Nodes and Leases that exist at the start are listed`() throws {
    let start = try existing(at: 0)
    let first = cells(ResourceView(start, .nodes).text(.table)).dropFirst().map { Array($0[...1]) }
    #expect(first == [["control", "Ready"], ["gone", "NotReady"], ["w-1", "NotReady"]])
    let leases = cells(ResourceView(start, .leases).text(.table)).dropFirst().map { $0[0] }
    #expect(leases == ["control", "gone", "w-1"])
    let end = try existing(at: nil)
    let last = cells(ResourceView(end, .nodes).text(.table)).dropFirst().map { Array($0[...1]) }
    #expect(
      last == [["control", "Ready"], ["gone", "NotReady"], ["w-1", "Ready"], ["w-2", "Ready"]])
    #expect(ResourceView(end, .leases).objects.map(\.name) == ["control", "gone", "w-1", "w-2"])
    #expect(ResourceView(end, .nodes, names: ["gone"]).text(.yaml).contains("status: \"False\""))
    #expect(described(end, .nodes).contains("Name:               control\n"))
  }

  /// As `kubectl get -o yaml` of a real cluster has it; nothing of this run writes to it.
  @Test func `a Node that exists at the start is shown as its file says`() throws {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: existing}
      spec:
        preset: kubeadm
        duration: 1m
        nodes: [{name: w}]
        tokens: [{token: abcdef.0123456789abcdef}]
      ---
      apiVersion: v1
      kind: List
      items:
      - apiVersion: v1
        kind: Node
        metadata:
          name: control
          creationTimestamp: "2025-11-01T00:00:00Z"
          uid: 0d5e0a5a-0000-4000-8000-000000000001
          labels: {node-role.kubernetes.io/control-plane: "", zone: a}
          managedFields: [{manager: kubelet}]
        spec: {podCIDR: 10.0.0.0/24, unschedulable: true}
        status:
          addresses: [{type: InternalIP, address: 10.0.0.5}, {type: Hostname, address: control}]
          conditions: [{type: Ready, status: "True", reason: KubeletReady}]
          nodeInfo: {kubeletVersion: v1.35.1, osImage: Debian GNU/Linux 13}

      """
    let loaded = try ScenarioFile.load(text: text, path: "s.yaml") { _ in "" }
    let snapshot = try ClusterSnapshot(Recording(loaded).opened(), at: nil)
    let rows = cells(ResourceView(snapshot, .nodes).text(.wide))
    #expect(
      rows[1].prefix(6) == [
        "control", "Ready,SchedulingDisabled", "control-plane", "61d", "v1.35.1", "10.0.0.5",
      ])
    let yaml = ResourceView(snapshot, .nodes, names: ["control"]).text(.yaml)
    for part in ["podCIDR: 10.0.0.0/24", "zone: a", "uid: 0d5e0a5a-0000-4000-8000-000000000001"] {
      #expect(yaml.contains(part), "\(yaml)")
    }
    #expect(!yaml.contains("managedFields"))
    let words = described(snapshot, .nodes)
    #expect(words.contains("Roles:              control-plane\n"), "\(words)")
    #expect(words.contains("Unschedulable:      true\n"))
  }

  // MARK: While no API server answers

  private func beats(_ faults: String, at seconds: Int64) throws -> (renewed: String, beat: String)
  {
    let text =
      """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: hb}
      spec:
        preset: kubeadm
        duration: 30m
        nodes: [{name: w}]
        tokens: [{token: abcdef.0123456789abcdef}]
        apiServer: {replicas: 2}
        faults: [\(faults)]

      """
    let loaded = try ScenarioFile.load(text: text, path: "s.yaml") { _ in "" }
    let snapshot = try ClusterSnapshot(
      Recording(loaded, level: .steps).opened(), at: .zero + .seconds(seconds))
    let lease = try #require(ResourceView(snapshot, .leases).objects.first { $0.name == "w-1" })
    let node = try #require(ResourceView(snapshot, .nodes).objects.first?.document)
    guard case .string(let renewed)? = lease.document["spec"]?["renewTime"],
      case .list(let conditions)? = node["status"]?["conditions"],
      case .string(let beat)? = conditions.last?["lastHeartbeatTime"]
    else { return ("", "") }
    return (String(renewed.dropFirst(11).prefix(8)), String(beat.dropFirst(11).prefix(8)))
  }

  private static let outage = "{at: 10m, for: 10m, action: pod-failure, on: kube-apiserver}"

  /// The Lease is made within the first seconds, and renewed every ten of them.
  @Test(
    arguments: [
      (outage, 900, "00:09:5"),
      (outage.replacing("failure", with: "pause"), 900, "00:09:5"),
      // The other one answers.
      (outage.replacing("apiserver}", with: "apiserver, replica: 0}"), 900, "00:14:5"),
      (outage, 1_290, "00:21:2"), (outage, 590, "00:09:4"),
    ] as [(String, Int64, String)])
  func `L.5 a Lease is not renewed while no API server answers`(
    faults: String, seconds: Int64, renewed: String
  ) throws {
    #expect(try beats(faults, at: seconds).renewed.hasPrefix(renewed))
  }

  @Test func `L.6 the last heartbeat of a node that went off in an outage came before it`() throws {
    let found = try beats(Self.outage + ", {at: 12m, action: node-off}", at: 1_790)
    #expect(found.renewed.hasPrefix("00:09:5"), "\(found)")
    #expect(found.beat == "00:10:00", "\(found)")
  }
}
