import Foundation
import Scenarios
import TLSBootstrap
import Testing
import TestSupport

@testable import Inspection

/// Fixes, and what `--what-if` plays of them.
struct RemedyTests {
  private static func secret(_ id: String, expiration: String) -> String {
    """
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: bootstrap-token-\(id), namespace: kube-system}
    type: bootstrap.kubernetes.io/token
    stringData:
      token-id: \(id)
      token-secret: 0123456789abcdef
      usage-bootstrap-authentication: "true"
      usage-bootstrap-signing: "true"
      auth-extra-groups: system:bootstrappers:kubeadm:default-node-token
      expiration: \(expiration)

    """
  }

  private static let tokens = "  tokens: [{token: abcdef.0123456789abcdef}]\n"

  /// A manifest as `kubeadm init` writes it, with a flag that is set already and one that is not.
  @Test func `a flag of a static pod is set by the command, whether it was there or not`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("kube-apiserver.yaml")
    let manifest = """
      spec:
        containers:
        - command:
          - kube-apiserver
          - --advertise-address=192.0.2.1
          - --enable-bootstrap-token-auth=false
          image: registry.k8s.io/kube-apiserver:v1.36.2

      """
    try folder.write(manifest, to: "kube-apiserver.yaml")
    let command = Remedy.Command.settingFlags(
      ["--enable-bootstrap-token-auth=true", "--max-requests-inflight=800"], of: "kube-apiserver"
    ).text.replacing("/etc/kubernetes/manifests/kube-apiserver.yaml", with: path)
    #expect(try Program.run("/usr/bin/env", ["bash", "-c", command]).code == 0)
    #expect(
      try String(contentsOfFile: path, encoding: .utf8) == """
        spec:
          containers:
          - command:
            - kube-apiserver
            - --enable-bootstrap-token-auth=true
            - --max-requests-inflight=800
            - --advertise-address=192.0.2.1
            image: registry.k8s.io/kube-apiserver:v1.36.2

        """)
  }

  @Test func `what if plays the fix that stands under the cause`() throws {
    let run = try Recording("failures/o08-unknown-token", level: .steps).opened()
    let explanation = try RunExplanation(run)
    let cause = try #require(explanation.failures.first)
    #expect(explanation.cure == ["spec.faults=[]"])
    let whatIf = try #require(WhatIf.all(run, explanation).first)
    #expect(whatIf.overrides == cause.remedy.overrides)
    #expect(try whatIf.after.get().cured == 2)
  }

  /// One partition, and two ways to be hit by it.
  @Test func `what if plays a fix once that several causes share`() throws {
    let recording = try Recording(
      kubeadm: Self.tokens + """
          nodes: [{name: a, count: 2}, {name: b, join: Kubeadm}]
          duration: 20m
          faults: [{action: partition}]
        """)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let fixes = explanation.failures.map(\.remedy.overrides)
    #expect(fixes == [["spec.faults[0]="], ["spec.faults[0]="]])
    let whatIf = WhatIf.all(run, explanation)
    try #require(whatIf.count == 1)
    #expect(whatIf[0].subjects == explanation.failures.map { Rule.name($0.number, $0.title) })
    #expect(whatIf[0].nodes == ["a-1", "a-2", "b-1"])
    #expect(try whatIf[0].after.get().cured == 3)
    let told = whatIf[0].subjects.enumerated().map { Rows.row($0 == 0 ? "for" : "", $1) }
    #expect(whatIf[0].text.contains(told.joined(separator: "\n")))
  }

  /// What is typed is a command to its last word: of two ways only the one that cures.
  @Test(arguments: [
    ("apiServer: {trustsSigningCA: false}", "", "ca.crt"),
    ("seed: 1", ", kubeconfig: {state: Present}, currentCertificate: {issuer: Other}", "rm "),
  ])
  func `O25 the fix is the one of its cause`(
    settings: String, node: String, command: String
  ) throws {
    let recording = try Recording(
      kubeadm: Self.tokens + "  \(settings)\n  duration: 1h\n  nodes: [{name: w\(node)}]")
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O25")
    #expect(group.remedy.commands.count == 1)
    #expect(group.remedy.commands[0].text.contains(command))
    #expect(try WhatIf.all(run, explanation).first?.after.get().cured == 1)
  }

  /// Nobody approves any more when the certificate is removed, and the node has to bootstrap again.
  @Test(arguments: ["", "for: 3h, "])
  func `O34 a corrupt certificate is removed, as the fix says, and not made good`(
    length: String
  ) throws {
    let spec =
      Self.tokens + """
          nodes: [{name: w}]
          duration: 1h
          faults:
          - {at: 5s, \(length)action: certificate-corrupt, on: {group: w}}
          - {at: 6s, action: binding-absent, binding: 'kubeadm:node-autoapprove-bootstrap'}
          - {at: 10s, action: kubelet-kill}
        """
    let recording = try Recording(kubeadm: spec)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "O34")
    #expect(
      group.remedy.overrides == [
        length.isEmpty
          ? "spec.faults[0].action=disk-wipe"
          : "spec.faults[0]={at: 5s, action: disk-wipe, on: {group: \"w\"}}"
      ])
    let whatIf = try #require(WhatIf.all(run, explanation).first)
    #expect(try whatIf.after.get().cured == 0)
    #expect(try whatIf.after.get().left == ["w-1: \(Settlement.nobodyApproves.text)"])
  }

  /// The kubeconfig is written anew, and the certificate that it led to is in the way still.
  @Test func `A.1 O34 a kubeconfig that leads to a corrupt certificate is removed with it`() throws
  {
    let recording = try Recording(
      kubeadm: Self.tokens + """
          nodes:
          - name: w
            kubeconfig: {state: Present}
            currentCertificate: {state: Corrupt}
            bootstrapKubeconfig: {state: Unset}
            kubelet: {rotateCertificates: false}
          duration: 1h
        """)
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let group = try #require(explanation.failures.first)
    #expect(group.number == "A.1")
    #expect(
      group.remedy.commands.first?.text
        == "rm -f /etc/kubernetes/kubelet.conf /var/lib/kubelet/pki/kubelet-client-current.pem")
    #expect(group.remedy.overrides.contains("spec.nodes.w.currentCertificate.state=Absent"))
    #expect(try WhatIf.all(run, explanation).first?.after.get().cured == 1)
  }

  @Test func `O2 who writes a bootstrap kubeconfig anew writes a token that is known`() throws {
    let recording = try Recording(
      kubeadm: Self.tokens + """
          nodes:
          - {name: w, bootstrapKubeconfig: {state: Unreadable, token: zzzzzz.0123456789abcdef}}
          duration: 1h
        """)
    let run = try recording.opened()
    let whatIf = try #require(WhatIf.all(run, RunExplanation(run)).first)
    #expect(
      whatIf.overrides == [
        "spec.nodes.w.bootstrapKubeconfig.state=Present",
        "spec.nodes.w.bootstrapKubeconfig.token=abcdef.0123456789abcdef",
      ])
    #expect(try whatIf.after.get().cured == 1)
  }

  @Test func `O10 --set finds a token beside Secrets of manifests`() throws {
    let recording = try Recording(
      kubeadm: """
          tokens:
          - {token: bbbbbb.0123456789abcdef}
          - {token: abcdef.0123456789abcdef, ttl: 10m}
          nodes: [{name: w, start: {at: 30m}, bootstrapKubeconfig: {tokenID: abcdef}}]
          duration: 2h
        """, objects: Self.secret("cccccc", expiration: "2027-01-01T00:00:00Z"))
    let run = try recording.opened()
    let whatIf = try #require(WhatIf.all(run, RunExplanation(run)).first)
    #expect(whatIf.overrides == ["spec.tokens[1].ttl=8760h"])
    #expect(try whatIf.after.get().cured == 1)
  }

  /// A run that was itself played with an override that emptied an element.
  @Test func `--set finds tokens and faults behind those that are left out`() throws {
    let text = """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata: {name: test}
      spec:
        preset: kubeadm
        tokens: [{token: bbbbbb.0123456789abcdef}, {token: abcdef.0123456789abcdef, ttl: 10m}]
        nodes: [{name: w, start: {at: 30m}}, {name: x}]
        duration: 2h
        faults:
        - {action: token-delete, tokenID: bbbbbb}
        - {action: bootstrap-kubeconfig-absent, on: {group: x}}
      """
    let loaded = try ScenarioFile.load(
      stored: [(path: "test.yaml", text: text)],
      overrides: ["spec.tokens[0]=", "spec.faults[0]="], seed: 1)
    let recording = try Recording(loaded, level: .steps)
    let run = try recording.opened()
    let played = WhatIf.all(run, try RunExplanation(run))
    #expect(
      Set(played.map(\.overrides)) == [["spec.tokens[1].ttl=8760h"], ["spec.faults[1]="]])
    #expect(try played.map { try $0.after.get().cured } == [1, 1])
  }

  @Test(arguments: ["2026-01-01T00:10:00Z", "soon"])
  func `O10 the Secret of a manifest is mended by kubectl, and nothing is promised`(
    expiration: String
  ) throws {
    let recording = try Recording(
      kubeadm: """
          tokens: [{token: bbbbbb.0123456789abcdef}]
          nodes: [{name: w, start: {at: 30m}, bootstrapKubeconfig: {tokenID: abcdef}}]
          duration: 2h
        """, objects: Self.secret("abcdef", expiration: expiration))
    let run = try recording.opened()
    let explanation = try RunExplanation(run)
    let remedy = try #require(explanation.failures.first?.remedy)
    #expect(
      remedy.commands.map(\.text) == [
        "# Secret kube-system/bootstrap-token-abcdef was deleted: apply its manifest again, then",
        "kubectl -n kube-system patch secret bootstrap-token-abcdef --type merge "
          + "-p '{\"stringData\":{\"expiration\":\"2027-01-01T00:00:00Z\"}}'",
      ])
    #expect(remedy.settings == nil)
    #expect(WhatIf.all(run, explanation).isEmpty)
  }
}
