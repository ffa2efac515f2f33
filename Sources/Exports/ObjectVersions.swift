import Inspection
import TLSBootstrap

/// The UID and version of the CSRs and Leases that updates send, as the views of the run have them: an object
/// has the number of the event that wrote it last.
struct ObjectVersions {
  private let identifiers: DrawnIdentifiers
  private var requests: [UInt32: Int64] = [:]
  private var leases: [UInt32: Int64] = [:]

  init(_ identifiers: DrawnIdentifiers) { self.identifiers = identifiers }

  /// What an update has in its body; nil: it is none, or its body was never read.
  func sent(by request: AuditedRequest) -> (uid: String, version: Int64?)? {
    guard request.isDecoded else { return nil }
    // Who is told of a conflict had an older version, and the trace does not say which.
    let isCurrent = ![.conflict, .replaced].contains(request.answer)
    switch request.call {
    case .updateApproval, .updateStatus:
      return request.csrNumber.map {
        (identifiers.uid(ofRequest: Int($0)), isCurrent ? requests[$0] : nil)
      }
    case .updateLease:
      return request.nodeNumber.map {
        (
          identifiers.uid("Lease", request.node, namespace: "kube-node-lease"),
          isCurrent ? leases[$0] : nil
        )
      }
    default: return nil
    }
  }

  /// Of the object that a request deleted.
  func deleted(by request: AuditedRequest) -> String? {
    guard request.answer.isSuccess else { return nil }
    switch request.call {
    case .deleteRequest: return request.csrNumber.map { identifiers.uid(ofRequest: Int($0)) }
    case .deleteSecret:
      return identifiers.uid("Secret", request.objectName, namespace: "kube-system")
    default: return nil
    }
  }

  /// To be told in the order of stages.
  mutating func note(_ request: AuditedRequest) {
    guard request.answer.isSuccess || request.isLateWrite, !request.isDryRun else { return }
    switch request.call {
    case .createRequest, .updateApproval, .updateStatus:
      if let csr = request.csrNumber { requests[csr] = request.id }
    case .createLease, .updateLease:
      if let node = request.nodeNumber { leases[node] = request.id }
    default: break
    }
  }
}
