import Foundation
import Testing
import TestSupport
import TLSBootstrap

@testable import Scenarios

/// `bootsim new --from-cluster`, on objects as a real API server and kubeadm gave them.
struct ClusterTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/cluster")

  /// The dump in a folder of its own, beside it the scenario that was made of it.
  private func withScenario(
    without left: [String] = [], _ body: (_ folder: URL, _ made: Ended) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let dump = folder.appendingPathComponent("dump")
      try FileManager.default.copyItem(at: Self.fixtures, to: dump)
      for file in left {
        try FileManager.default.removeItem(at: dump.appendingPathComponent(file))
      }
      let made = try Program.bootsim(
        ["new", "--from-cluster", "dump", "-o", "mine.yaml"], in: folder)
      try body(folder, made)
    }
  }

  private func load(_ folder: URL) throws -> LoadedScenario {
    try ScenarioFile.load(path: folder.appendingPathComponent("mine.yaml").path)
  }

  @Test func `a flag's value may be a word of its own`() {
    let flags = ProcessFlags(["--kube-api-burst", "60", "--leader-elect", "--profiling=false"])
    #expect(flags["kube-api-burst"] == "60")
    #expect(flags["leader-elect"] == "true")
    #expect(flags["profiling"] == "false")
  }

  @Test(arguments: [("Prod", "prod"), ("my_dump", "my-scenario")])
  func `the scenario is named after the folder where it can be`(
    folderName: String, name: String
  ) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: Self.fixtures, to: folder.appendingPathComponent(folderName))
      let made = try Program.bootsim(["new", "--from-cluster", folderName], in: folder)
      #expect(made.output.contains("metadata:\n  name: \(name)\n"))
    }
  }

  @Test func `the scenario has the cluster's nodes, token and flags`() throws {
    try withScenario { folder, made in
      #expect(made.code == 0, "\(made.errors)")
      let scenario = try load(folder).scenario
      #expect(scenario.groups.map(\.nodeNames) == [["worker-1", "worker-2", "node-kept"]])
      #expect(scenario.groups[0].bootstrapKubeconfig.token == "xtok01.0123456789abcdef")
      #expect(scenario.groups[0].kubelet.rotateCertificates)
      let manager = scenario.controllerManager
      #expect(manager.kubeAPIMilliQPS == 40_000)
      #expect(manager.kubeAPIBurst == 60)
      #expect(manager.clusterSigningDuration == .hours(720))
      #expect(manager.tokencleaner && manager.bootstrapsigner && manager.csrapproving)
      #expect(manager.hasSigningKey)
      #expect(scenario.apiServer.url == "https://192.0.2.1:6443")
      #expect(scenario.apiServer.authorizationModes == [.node, .rbac])
      #expect(Timestamp.text(scenario.start) == "2026-11-23T18:09:30Z")
      #expect(scenario.bindings.contains { $0.name == "kubeadm:kubelet-bootstrap" })
    }
  }

  /// The first entry that names a controller decides, by either of its names (`IsControllerEnabled`).
  @Test(arguments: [
    ("*,-csrapproving", false, false), ("csrapproving,-csrapproving", true, false),
    ("*, -certificatesigningrequest-approving-controller, tokencleaner", false, true),
    ("token-cleaner-controller,-tokencleaner,*", true, true),
  ])
  func `its controllers are those that the controller-manager would run`(
    list: String, csrapproving: Bool, tokencleaner: Bool
  ) throws {
    try withScenario { folder, _ in
      let pod = folder.appendingPathComponent("dump/manifests/kube-controller-manager.yaml")
      let text = try String(contentsOf: pod, encoding: .utf8)
      try text.replacing(
        "--controllers=*,bootstrapsigner,tokencleaner", with: "--controllers=\(list)"
      )
      .write(to: pod, atomically: true, encoding: .utf8)
      let made = try Program.bootsim(
        ["new", "--from-cluster", "dump", "-o", "mine.yaml", "--force"], in: folder)
      #expect(made.code == 0, "\(made.errors)")
      let manager = try load(folder).scenario.controllerManager
      #expect(manager.csrapproving == csrapproving)
      #expect(manager.tokencleaner == tokencleaner)
    }
  }

  @Test func `an object that the dump has twice is one`() throws {
    try withTemporaryFolder { folder in
      let dump = folder.appendingPathComponent("dump")
      try FileManager.default.copyItem(at: Self.fixtures, to: dump)
      for file in try FileManager.default.contentsOfDirectory(atPath: dump.path) {
        try FileManager.default.copyItem(
          at: dump.appendingPathComponent(file), to: dump.appendingPathComponent("b-\(file)"))
      }
      let made = try Program.bootsim(
        ["new", "--from-cluster", "dump", "-o", "mine.yaml"], in: folder)
      #expect(made.code == 0, "\(made.errors)")
      let scenario = try load(folder).scenario
      #expect(scenario.groups.map(\.nodeNames) == [["worker-1", "worker-2", "node-kept"]])
    }
  }

  @Test func `what could not be used is told, on standard error and in the file`() throws {
    try withScenario { folder, made in
      let text = try String(contentsOf: folder.appendingPathComponent("mine.yaml"), encoding: .utf8)
      for remark in [
        "nodes of the control plane do not join: control-1",
        "2 CSRs (1 AutoApproved, 1 pending) are not played; whoever approves besides "
          + "csrapproving goes into spec.approval",
        "not used: 1 × ConfigMap", "not used: 1 × Pod",
        "kube-apiserver runs with --max-requests-inflight=800, and kubeadm's configuration says "
          + "“400”, which is used: correct one of the two",
        "flags of kube-controller-manager that are not modelled: --min-resync-period",
      ] {
        #expect(made.errors.contains("note: \(remark)\n"), "\(made.errors)")
        #expect(text.contains("# - \(remark)\n"))
      }
    }
  }

  @Test func `it plays, every node becomes Ready, and lint finds no error`() throws {
    try withScenario { folder, _ in
      let played = try Program.bootsim(["run", "mine.yaml", "--trace", "none"], in: folder)
      #expect(played.code == 0, "\(played.errors)")
      #expect(played.output.contains("3: 3 Ready, 0 failed"))
      let lint = try Program.bootsim(["lint", "mine.yaml", "--fail-on", "warning"], in: folder)
      #expect(lint.code == 0, "\(lint.output)")
    }
  }

  @Test func `the objects stay as they are`() throws {
    try withScenario { folder, _ in
      for name in ["bootstrap-token.yaml", "kubeadm-bindings.yaml", "more-nodes.json"] {
        let before = try Data(contentsOf: Self.fixtures.appendingPathComponent(name))
        let after = try Data(contentsOf: folder.appendingPathComponent("dump/\(name)"))
        #expect(before == after)
      }
      let files = try load(folder).inputs.map(\.path)
      #expect(files.contains { $0.hasSuffix("dump/bootstrap-token.yaml") })
    }
  }

  @Test func `without a token, roles and control plane there are defaults, and it says so`() throws
  {
    let left = [
      "bootstrap-token.yaml", "cluster-roles.yaml", "kubeadm-bindings.yaml", "manifests",
      "node.yaml", "more-nodes.json",
    ]
    try withScenario(without: left) { folder, made in
      for remark in [
        "the dump has no bootstrap token: one was made up",
        "the dump has no RBAC objects: those of `kubeadm init` are used",
        "no kube-controller-manager Pod: its flags have their defaults",
        "the dump has no worker's Node: there is one node",
      ] { #expect(made.errors.contains("note: \(remark)\n")) }
      let names = try load(folder).scenario.groups[0].nodeNames
      #expect(names == ["workers-1"])
      let played = try Program.bootsim(["run", "mine.yaml", "--trace", "none"], in: folder)
      #expect(played.code == 0)
    }
  }

  @Test func `flags that turn things off are taken over`() throws {
    try withScenario { folder, _ in
      for (file, old, new) in [
        (
          "kube-controller-manager", "--controllers=*,bootstrapsigner,tokencleaner",
          "--controllers=*,-certificatesigningrequest-approving-controller"
        ),
        (
          "kube-controller-manager",
          "    - --cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt\n", ""
        ),
        ("kube-apiserver", "    - --enable-bootstrap-token-auth=true\n", ""),
        (
          "kube-apiserver", "=NodeRestriction",
          "=AlwaysPullImages\n    - --disable-admission-plugins=CertificateApproval"
        ),
      ] {
        let path = folder.appendingPathComponent("dump/manifests/\(file).yaml")
        let text = try String(contentsOf: path, encoding: .utf8)
        let changed = text.replacingOccurrences(of: old, with: new)
        #expect(changed != text)
        try changed.write(to: path, atomically: true, encoding: .utf8)
      }
      let made = try Program.bootsim(
        ["new", "--from-cluster", "dump", "-o", "mine.yaml", "--force"], in: folder)
      #expect(made.code == 0)
      let scenario = try load(folder).scenario
      #expect(!scenario.controllerManager.csrapproving)
      #expect(!scenario.controllerManager.tokencleaner)
      #expect(!scenario.controllerManager.hasSigningKey)
      #expect(!scenario.apiServer.enableBootstrapTokenAuth)
      #expect(!scenario.apiServer.nodeRestriction)
      #expect(!scenario.apiServer.certificateApproval)
      #expect(scenario.apiServer.certificateSigning)
    }
  }

  @Test func `a file that is no YAML is a mistake with its place`() throws {
    try withTemporaryFolder { folder in
      try "a: [1,\n".write(
        to: folder.appendingPathComponent("bad.yaml"), atomically: true, encoding: .utf8)
      let made = try Program.bootsim(["new", "--from-cluster", "."], in: folder)
      #expect(made.code == 65)
      #expect(made.errors.hasPrefix("bad.yaml:2:1: YAML syntax: "))
    }
  }
}
