/// The kinds of API request that the simulated components make.
public enum Call: UInt8, CaseIterable, Hashable, Sendable {
  case none
  // The kubelet's bootstrap and renewal.
  case getHealthz
  case createRequest
  case getRequest
  case listRequest
  case watchRequest
  // The kubelet at work.
  case createNode
  case getNode
  case patchNodeStatus
  case watchNodes
  case listNodes
  case watchServices
  case listServices
  case watchCSIDrivers
  case listCSIDrivers
  case watchRuntimeClasses
  case listRuntimeClasses
  case watchPods
  case getLease
  case createLease
  case updateLease
  case getCSINode
  case createCSINode
  // The controller-manager, and other approvers.
  case createSubjectAccessReview
  case updateApproval
  case updateStatus
  /// The administrator's `kubectl get csr`, the external approver's informer.
  case listRequests
  /// Any further read that an external approver makes per CSR.
  case approverRead
  // The controller-manager's own client, for the token of its controllers (J.2).
  case getServiceAccount
  case createServiceAccountToken
  // Other clients (`spec.requests`).
  case deleteRequest
  /// Any resource or path: what is asked for is in the entry of `spec.requests`.
  case foreignRead, foreignWrite

  /// What the request names: nothing, its own node, a CSR, or the controllers' service account.
  public enum Object: UInt8, Sendable { case none, node, request, serviceAccount }

  public struct Shape: Sendable {
    public let verb: String
    /// The API group; empty for core and for non-resource paths.
    public let group: String
    /// The resource; empty for a non-resource path.
    public let resource: String
    public let subresource: String
    public let namespace: String
    public let path: String
    public let object: Object

    init(
      _ verb: String, _ group: String, _ resource: String, _ subresource: String = "",
      namespace: String = "", path: String = "", object: Object = .none
    ) {
      self.verb = verb
      self.group = group
      self.resource = resource
      self.subresource = subresource
      self.namespace = namespace
      self.path = path
      self.object = object
    }
  }

  public var shape: Shape {
    let certificates = "certificates.k8s.io"
    let requests = "certificatesigningrequests"
    let lease = "coordination.k8s.io"
    switch self {
    case .none: return Shape("", "", "")
    case .getHealthz: return Shape("get", "", "", path: "/healthz")
    case .createRequest: return Shape("create", certificates, requests)
    case .getRequest: return Shape("get", certificates, requests, object: .request)
    case .listRequest: return Shape("list", certificates, requests, object: .request)
    case .watchRequest: return Shape("watch", certificates, requests, object: .request)
    case .createNode: return Shape("create", "", "nodes", object: .none)
    case .getNode: return Shape("get", "", "nodes", object: .node)
    case .patchNodeStatus: return Shape("patch", "", "nodes", "status", object: .node)
    case .watchNodes: return Shape("watch", "", "nodes", object: .node)
    case .listNodes: return Shape("list", "", "nodes", object: .node)
    case .watchServices: return Shape("watch", "", "services")
    case .listServices: return Shape("list", "", "services")
    case .watchCSIDrivers: return Shape("watch", "storage.k8s.io", "csidrivers")
    case .listCSIDrivers: return Shape("list", "storage.k8s.io", "csidrivers")
    case .watchRuntimeClasses: return Shape("watch", "node.k8s.io", "runtimeclasses")
    case .listRuntimeClasses: return Shape("list", "node.k8s.io", "runtimeclasses")
    case .watchPods: return Shape("watch", "", "pods")
    case .getLease:
      return Shape("get", lease, "leases", namespace: "kube-node-lease", object: .node)
    case .createLease: return Shape("create", lease, "leases", namespace: "kube-node-lease")
    case .updateLease:
      return Shape("update", lease, "leases", namespace: "kube-node-lease", object: .node)
    case .getCSINode: return Shape("get", "storage.k8s.io", "csinodes", object: .node)
    case .createCSINode: return Shape("create", "storage.k8s.io", "csinodes")
    case .createSubjectAccessReview:
      return Shape("create", "authorization.k8s.io", "subjectaccessreviews")
    case .updateApproval:
      return Shape("update", certificates, requests, "approval", object: .request)
    case .updateStatus: return Shape("update", certificates, requests, "status", object: .request)
    case .listRequests: return Shape("list", certificates, requests)
    case .approverRead: return Shape("get", certificates, requests, object: .request)
    case .getServiceAccount:
      return Shape(
        "get", "", "serviceaccounts", namespace: "kube-system", object: .serviceAccount)
    case .createServiceAccountToken:
      return Shape(
        "create", "", "serviceaccounts", "token", namespace: "kube-system",
        object: .serviceAccount)
    case .deleteRequest: return Shape("delete", certificates, requests, object: .request)
    case .foreignRead, .foreignWrite: return Shape("", "", "")
    }
  }
}
