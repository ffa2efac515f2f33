import SimulationKernel
import TLSBootstrap

/// CertificateSigningRequests; those that were deleted are not there.
extension ClusterSnapshot {
  var requests: [ClusterObject] {
    (0..<world.requestCount).filter { !world.isDeleted(request: $0) }.map(request)
  }

  private func request(_ index: Int) -> ClusterObject {
    let record = world.request(at: index)
    let shape = world.shape(ofRequest: index)
    let created = world.creation(ofRequest: index)
    let username = world.username(of: record.requestor)
    let lifetime = shape.expirationSeconds.map {
      HumanDuration.text(Duration.seconds(Int64($0)))
    }
    let cells = [
      record.name, age(of: created), record.signerName, username, lifetime ?? "<none>",
      record.condition,
    ]
    let document = KubernetesDocument.object([
      "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
      "metadata": metadata(
        "CertificateSigningRequest", record.name, uid: identifiers.uid(ofRequest: index),
        created: created, version: world.latestWrite(ofRequest: index).event,
        shape.name == nil ? ["generateName": .string(shape.generateName)] : [:]),
      "spec": spec(index, record, shape, username), "status": status(index, record),
    ])
    return ClusterObject(
      resource: .requests, name: record.name, namespace: nil, document: document, cells: cells,
      wideCells: cells)
  }

  private func spec(
    _ index: Int, _ record: RequestRecord, _ shape: RequestShape, _ username: String
  ) -> KubernetesDocument {
    let credential = credentials[UInt32(index)]
    return .fields([
      "expirationSeconds": shape.expirationSeconds.map { .integer(Int64($0)) },
      "extra": credential.map { .object([CredentialIDs.key: .list([.string($0)])]) },
      "groups": .list(world.groups(of: record.requestor).map { .string($0) }),
      "request": .string(base64(of: pem(index).request)),
      "signerName": .string(record.signerName),
      "uid": identifiers.uid(ofUser: username).map { .string($0) },
      "usages": .list(shape.usages.map { .string($0) }), "username": .string(username),
    ])
  }

  private func status(
    _ index: Int, _ record: RequestRecord
  ) -> KubernetesDocument {
    let conditions = conditions(index, record)
    return .fields([
      "certificate": pem(index).certificate.map { .string(base64(of: $0)) },
      "conditions": conditions.isEmpty ? nil : .list(conditions),
    ])
  }

  /// In the order in which they were set; both times are those of the latest.
  private func conditions(_ index: Int, _ record: RequestRecord) -> [KubernetesDocument] {
    let isFailed = record.failed != nil
    let time = KubernetesDocument.string(
      Timestamp.text(world.latestWrite(ofRequest: index).dated))
    // csrapproving approves nothing that a signer refuses: a human did.
    let byHand = ("KubectlApprove", "This CSR was approved by kubectl certificate approve.")
    let own = (record.reason, record.message)
    let set: [(String, (String, String))] = [
      record.approved.map { _ in ("Approved", isFailed ? byHand : own) },
      record.denied.map { _ in ("Denied", own) }, record.failed.map { _ in ("Failed", own) },
    ].compactMap { $0 }
    return set.map { type, words in
      .object([
        "lastTransitionTime": time, "lastUpdateTime": time, "message": .string(words.1),
        "reason": .string(words.0), "status": "True", "type": .string(type),
      ])
    }
  }

  private func pem(_ index: Int) -> PlaceholderPEM {
    PlaceholderPEM(ofRequest: index, of: world, seed: seed)
  }

  private func base64(of text: String) -> String { Base64.text(Array(text.utf8)) }
}
