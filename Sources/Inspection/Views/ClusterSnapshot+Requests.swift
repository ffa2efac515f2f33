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
      conditions: world.conditions(ofRequest: index),
      hasCertificate: world.certificate(ofRequest: index) != nil)
    return ClusterObject(
      resource: .requests, name: record.name, namespace: nil, document: document, cells: cells,
      wideCells: cells)
  }
}
