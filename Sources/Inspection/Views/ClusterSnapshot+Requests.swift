import SimulationKernel
import TLSBootstrap

/// CertificateSigningRequests; those that were deleted are not there.
extension ClusterSnapshot {
  var requests: [ClusterObject] {
    (0..<world.requestCount).filter { !world.isDeleted(request: $0) }.map(request)
  }

  private func request(_ index: Int) -> ClusterObject {
    let record = world.request(at: index)
    let lifetime = world.shape(ofRequest: index).expirationSeconds.map {
      HumanDuration.text(Duration.seconds(Int64($0)))
    }
    let cells = [
      record.name, age(of: world.creation(ofRequest: index)), record.signerName,
      world.username(of: record.requestor), lifetime ?? "<none>", record.condition,
    ]
    let document = RequestDocument(
      ofRequest: index, of: world, seed: seed, credential: credentials[UInt32(index)]
    ).stored(
      version: world.latestWrite(ofRequest: index).event,
      conditions: conditions(index, record),
      hasCertificate: world.certificate(ofRequest: index) != nil)
    return ClusterObject(
      resource: .requests, name: record.name, namespace: nil, document: document, cells: cells,
      wideCells: cells)
  }

  /// In the order in which they were set; both times are those of the latest.
  private func conditions(
    _ index: Int, _ record: RequestRecord
  ) -> [RequestDocument.Condition] {
    let date = world.latestWrite(ofRequest: index).dated
    return record.conditions.map { type, reason, message in
      RequestDocument.Condition(type: type, reason: reason, message: message, date: date)
    }
  }
}

extension RequestRecord {
  /// Type, reason and message of each, in the order in which they were set.
  package var conditions: [(type: String, reason: String, message: String)] {
    // csrapproving approves nothing that a signer refuses: a human did.
    let byHand = ("KubectlApprove", "This CSR was approved by kubectl certificate approve.")
    let own = (reason, message)
    let set: [(String, (String, String))] = [
      approved.map { _ in ("Approved", failed != nil ? byHand : own) },
      denied.map { _ in ("Denied", own) }, failed.map { _ in ("Failed", own) },
    ].compactMap { $0 }
    return set.map { ($0, $1.0, $1.1) }
  }
}
