/// The admission plugin NodeRestriction (protocol.md E.1), for what only other clients get wrong.
///
/// Source: plugin/pkg/admission/noderestriction/admission.go.
enum NodeRestriction {
  static let otherLease =
    "can only access node lease with the same name as the requesting node"
  static let otherCSINode =
    "can only access CSINode with the same name as the requesting node"

  /// What a node without a name hears of whatever it writes; nil: it has one, or is none.
  static func problem(ofName user: User) -> String? {
    user.nodeName == "" ? "could not determine node from user \(GoString.quoted(user.name))" : nil
  }

  /// Why a node may not create this CSR; nil: it may.
  static func problem(creating shape: RequestShape, by user: User) -> String? {
    if let problem = problem(ofName: user) { return problem }
    let signers: [SignerName] = [.kubeletServing, .kubeAPIServerClientKubelet]
    guard let node = user.nodeName, signers.contains(SignerName(text: shape.signerName)) else {
      return nil
    }
    guard let request = shape.request else {
      return "unable to parse csr: \(shape.parsingError ?? "")"
    }
    return request.commonName == "system:node:\(node)"
      ? nil : "can only create a node CSR with CN=system:node:\(node)"
  }

  /// Why a node may not write this object of another node; nil: it may.
  static func problem(writing request: ForeignRequest, by user: User) -> String? {
    guard let node = user.nodeName, request.isWrite else { return nil }
    if let problem = problem(ofName: user) { return problem }
    if request.name == node { return nil }
    switch (request.group, request.resource) {
    case ("", "nodes"):
      return "node \"\(node)\" is not allowed to modify node \"\(request.name)\""
    case ("coordination.k8s.io", "leases"): return otherLease
    case ("storage.k8s.io", "csinodes"): return otherCSINode
    default: return nil
    }
  }
}
