import Foundation
import TLSBootstrap
import Testing

@testable import Scenarios

/// What is on a node's disk at the start: kubelet kubeconfigs, certificates, MODE-F's key.
struct NodeDiskTests {
  private let bootstrap = "  tokens: [{token: abcdef.0123456789abcdef}]\n"

  private func kubeconfig(user: String) -> String {
    """
    apiVersion: v1
    kind: Config
    clusters:
    - name: default-cluster
      cluster: {server: "https://192.0.2.1:6443", certificate-authority-data: QUFB}
    contexts:
    - name: default-context
      context: {cluster: default-cluster, namespace: default, user: default-auth}
    current-context: default-context
    users:
    - name: default-auth
      user:
        \(user)

    """
  }

  private let byPath = """
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
        client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
    """

  private func inline() throws -> String {
    "client-certificate-data: " + Data(try fixture("kubelet-client.pem").utf8).base64EncodedString()
  }

  /// 2026-11-23T17:36:43Z and 2026-11-23T17:51:43Z, as openssl prints the fixture.
  private let validity: (notBefore: Int64, notAfter: Int64) = (
    1_795_455_403_000_000_000, 1_795_456_303_000_000_000
  )

  @Test func `a certificate that a real controller-manager signed is read`() throws {
    let certificate = try #require(ClientCertificatePEM(try fixture("kubelet-client.pem")))
    #expect(certificate.commonName == "system:node:node-r4")
    #expect(certificate.organizations == ["system:nodes"])
    #expect(certificate.notBefore == validity.notBefore)
    #expect(certificate.notAfter == validity.notAfter)
  }

  @Test func `text without a certificate is none`() {
    for text in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"] {
      #expect(ClientCertificatePEM(text) == nil)
    }
  }

  @Test func `kubeadm's kubelet.conf of a worker points at the current certificate`() throws {
    let scenario = try load(
      bootstrap + "  nodes: [{name: a, kubeconfig: {file: k.conf}, currentCertificate: {}}]\n",
      files: ["k.conf": kubeconfig(user: byPath)]
    ).scenario
    let disk = scenario.groups[0].disk
    #expect(disk.kubeconfig.state == .present)
    #expect(disk.kubeconfig.source == .currentFile)
    #expect(disk.certificate == ClientCertificate())
    // It is no bootstrap kubeconfig.
    #expect(scenario.groups[0].bootstrapKubeconfig.token == "abcdef.0123456789abcdef")
  }

  @Test func `kubeadm's kubelet.conf of a control plane holds its certificate`() throws {
    let loaded = try load(
      bootstrap + "  nodes: [{name: a, kubeconfig: {file: k.conf}}]\n",
      files: ["k.conf": kubeconfig(user: try inline())])
    let kubeconfig = loaded.scenario.groups[0].disk.kubeconfig
    #expect(kubeconfig.source == .inline)
    #expect(kubeconfig.certificate.notBefore == validity.notBefore)
    #expect(kubeconfig.certificate.notAfter == validity.notAfter)
    #expect(loaded.notes.contains { $0.contains("this certificate is for system:node:node-r4") })
  }

  @Test func `the only kubelet kubeconfig of the input applies to groups that name none`() throws {
    let text = bootstrap + "  nodes: [{name: a}, {name: b, kubeconfig: {state: Absent}}]\n---\n"
    let scenario = try load(text + kubeconfig(user: byPath)).scenario
    #expect(scenario.groups[0].disk.kubeconfig.state == .present)
    #expect(scenario.groups[1].disk.kubeconfig.state == .absent)
  }

  @Test func `data that is no certificate is corrupt`() throws {
    let loaded = try load(
      bootstrap + "  nodes: [{name: a, kubeconfig: {file: k.conf}}]\n",
      files: ["k.conf": kubeconfig(user: "client-certificate-data: QUJD")])
    #expect(loaded.scenario.groups[0].disk.kubeconfig.certificate.state == .corrupt)
  }

  @Test func `a kubeconfig that names no user of its own cannot be read`() throws {
    let text = kubeconfig(user: byPath).replacing(
      "current-context: default-context", with: "current-context: other")
    let loaded = try load(
      bootstrap + "  nodes: [{name: a, kubeconfig: {file: k.conf}}]\n", files: ["k.conf": text])
    #expect(loaded.scenario.groups[0].disk.kubeconfig.state == .unreadable)
  }

  @Test func `keys win over the validity of a PEM file, and a missing certificate is a mistake`()
    throws
  {
    let group = "{name: a, currentCertificate: {file: c.pem, notAfter: 2027-01-01T00:00:00Z}}"
    let scenario = try load(
      bootstrap + "  nodes: [\(group)]\n", files: ["c.pem": try fixture("kubelet-client.pem")]
    ).scenario
    #expect(scenario.groups[0].disk.certificate.notBefore == validity.notBefore)
    #expect(scenario.groups[0].disk.certificate.notAfter == 1_798_761_600_000_000_000)
    let found = mistakes(bootstrap + "  nodes: [\(group)]\n", files: ["c.pem": "nothing"])
    #expect(found.count == 1)
    #expect(found[0].contains("c.pem holds no certificate"))
  }

  @Test func `a certificate that ends before it begins is a mistake`() {
    let found = mistakes(
      bootstrap + "  nodes: [{name: a, currentCertificate: {notBefore: 2026-02-01T00:00:00Z, "
        + "notAfter: 2026-01-01T00:00:00Z}}]\n")
    #expect(found.count == 1)
    #expect(found[0].contains("`notAfter` is before `notBefore`"))
  }

  @Test func `an exchange of the link that was cut short leaves the pair in place, O37`() throws {
    let scenario = try load(
      bootstrap + "  nodes: [{name: a, currentCertificate: {state: Updated}}]\n"
    ).scenario
    #expect(scenario.groups[0].disk.certificate.state == .present)
  }
}
