import Foundation
import SimulationKernel
import TLSBootstrap

/// A CertificateSigningRequest as the API server has it at some time of its life.
package struct RequestDocument {
  private let world: World
  private let identifiers: DrawnIdentifiers
  private let index: Int
  private let pem: PlaceholderPEM
  private let shape: RequestShape
  /// Of its requestor (`CredentialIDs`).
  private let credential: String?

  package init(ofRequest index: Int, of world: World, seed: UInt64, credential: String?) {
    self.index = index
    self.world = world
    self.credential = credential
    identifiers = DrawnIdentifiers(seed: seed)
    pem = PlaceholderPEM(ofRequest: index, of: world, seed: seed)
    shape = world.shape(ofRequest: index)
  }

  package func stored(
    version: UInt32, conditions: [RequestCondition], hasCertificate: Bool
  ) -> KubernetesDocument {
    let record = world.request(at: index)
    return document(
      [
        "creationTimestamp": .string(Timestamp.text(world.creation(ofRequest: index))),
        "generateName": shape.name == nil ? .string(shape.generateName) : nil,
        "labels": labels, "annotations": annotations,
        "name": .string(record.name), "resourceVersion": .string("\(max(1, version))"),
        "uid": .string(identifiers.uid(ofRequest: index)),
      ], spec(record),
      [
        "certificate": hasCertificate ? pem.certificate.map { .string(Self.base64(of: $0)) } : nil,
        "conditions": conditions.isEmpty ? nil : .list(conditions.map(Self.document)),
      ])
  }

  /// How many bytes `status.certificate` has; nil where it was never issued.
  package var certificateLength: Int? { pem.certificate?.utf8.count }

  /// As its creator sent it.
  package var sent: KubernetesDocument {
    document(
      [
        "generateName": shape.name == nil ? .string(shape.generateName) : nil,
        "labels": labels, "annotations": annotations,
        "name": shape.name.map { .string($0) },
      ], written, [:])
  }

  private var labels: KubernetesDocument? { Self.document(shape.labels) }
  private var annotations: KubernetesDocument? { Self.document(shape.annotations) }

  private static func document(_ entries: [MetadataEntry]) -> KubernetesDocument? {
    if entries.isEmpty { return nil }
    return .fields(
      Dictionary(uniqueKeysWithValues: entries.map { ($0.key, .string($0.value)) }))
  }

  private func document(
    _ metadata: [String: KubernetesDocument?], _ spec: [String: KubernetesDocument?],
    _ status: [String: KubernetesDocument?]
  ) -> KubernetesDocument {
    .object([
      "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
      "metadata": .fields(metadata), "spec": .fields(spec), "status": .fields(status),
    ])
  }

  private var written: [String: KubernetesDocument?] {
    [
      "expirationSeconds": shape.expirationSeconds.map { .integer($0) },
      "request": .string(Self.base64(of: pem.request)),
      "signerName": .string(world.request(at: index).signerName),
      "usages": .list(shape.usages.map { .string($0) }),
    ]
  }

  /// With what the server notes of its creator.
  private func spec(_ record: RequestRecord) -> [String: KubernetesDocument?] {
    let username = world.username(of: record.requestor)
    let uid =
      world.impersonation(of: record.requestor).map { $0.wanted.uid.isEmpty ? nil : $0.wanted.uid }
      ?? identifiers.uid(ofUser: username)
    let requestor: [String: KubernetesDocument?] = [
      "extra": credential.map { .object([CredentialIDs.key: .list([.string($0)])]) },
      "groups": .list(world.groups(of: record.requestor).map { .string($0) }),
      "uid": uid.map { .string($0) }, "username": .string(username),
    ]
    return written.merging(requestor) { $1 }
  }

  private static func document(_ condition: RequestCondition) -> KubernetesDocument {
    let date = condition.date.map { KubernetesDocument.string(Timestamp.text($0)) } ?? .null
    return .object([
      "lastTransitionTime": date, "lastUpdateTime": date, "message": .string(condition.message),
      "reason": .string(condition.reason), "status": .string(condition.status),
      "type": .string(condition.type),
    ])
  }

  private static func base64(of text: String) -> String { Data(text.utf8).base64EncodedString() }
}
