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
  // Other clients (`spec.requests`), and csrcleaner.
  case deleteRequest
  /// Any resource or path: what is asked for is in the entry of `spec.requests`.
  case foreignRead, foreignWrite
  // The controller-manager's life: its leader election (J.3), and the informer of all CSRs (J.4).
  case getLeaderLease
  case createLeaderLease
  case updateLeaderLease
  case watchRequests
  // Of tokencleaner and bootstrapsigner (I.2, I.3).
  case deleteSecret
  case updateClusterInfo
  // kubeadm join (N.2).
  case getClusterInfo
  case getKubeadmConfig, getKubeletConfig, getKubeProxyConfig
  /// `listRequest` in the API version v1beta1, which is not served any more (A.7).
  case listBetaRequest

  /// What the request names: nothing, its own node, a CSR, the controllers' service account, the Lease of
  /// the controller-managers, or a ConfigMap.
  public enum Object: UInt8, Sendable {
    case none, node, request, serviceAccount, leaderLease, configMap
  }

  /// What a request asks for, in the words of RBAC.
  public struct Shape: Sendable {
    public let verb: String
    /// The API group; empty for core and for non-resource paths.
    public let group: String
    /// The resource; empty for a non-resource path.
    public let resource: String
    public let subresource: String
    /// Empty: it is for no namespaced object.
    public let namespace: String
    /// Not empty: a non-resource request.
    public let path: String
    public let object: Object
    /// The name, where the call always names the same object.
    public let name: String

    package init(
      _ verb: String, _ group: String, _ resource: String, _ subresource: String = "",
      namespace: String = "", path: String = "", object: Object = .none, name: String = ""
    ) {
      self.verb = verb
      self.group = group
      self.resource = resource
      self.subresource = subresource
      self.namespace = namespace
      self.path = path
      self.object = object
      self.name = name
    }
  }

  /// The version of the API group that it asks in.
  public var apiVersion: String { self == .listBetaRequest ? "v1beta1" : "v1" }

  /// What it asks for; of `foreignRead` and `foreignWrite` only the entry of `spec.requests` knows.
  public var shape: Shape {
    let certificates = "certificates.k8s.io"
    let requests = "certificatesigningrequests"
    let lease = "coordination.k8s.io"
    switch self {
    case .none: return Shape("", "", "")
    case .getHealthz: return Shape("get", "", "", path: "/healthz")
    case .createRequest: return Shape("create", certificates, requests)
    case .getRequest: return Shape("get", certificates, requests, object: .request)
    case .listRequest, .listBetaRequest:
      return Shape("list", certificates, requests, object: .request)
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
        "get", "", "serviceaccounts", namespace: "kube-system", object: .serviceAccount,
        name: "certificate-controller")
    case .createServiceAccountToken:
      return Shape(
        "create", "", "serviceaccounts", "token", namespace: "kube-system",
        object: .serviceAccount, name: "certificate-controller")
    case .deleteRequest: return Shape("delete", certificates, requests, object: .request)
    case .foreignRead, .foreignWrite: return Shape("", "", "")
    case .getClusterInfo: return Shape(configMap: "cluster-info", in: "kube-public")
    case .getKubeadmConfig: return Shape(configMap: "kubeadm-config", in: "kube-system")
    case .getKubeletConfig: return Shape(configMap: "kubelet-config", in: "kube-system")
    case .getKubeProxyConfig: return Shape(configMap: "kube-proxy", in: "kube-system")
    case .getLeaderLease:
      return Shape(
        "get", lease, "leases", namespace: "kube-system", object: .leaderLease,
        name: "kube-controller-manager")
    case .createLeaderLease: return Shape("create", lease, "leases", namespace: "kube-system")
    case .updateLeaderLease:
      return Shape(
        "update", lease, "leases", namespace: "kube-system", object: .leaderLease,
        name: "kube-controller-manager")
    case .watchRequests: return Shape("watch", certificates, requests)
    case .deleteSecret: return Shape("delete", "", "secrets", namespace: "kube-system")
    case .updateClusterInfo:
      return Shape(
        "update", "", "configmaps", namespace: "kube-public", object: .configMap,
        name: "cluster-info")
    }
  }
}

extension Call.Shape {
  fileprivate init(configMap name: String, in namespace: String) {
    self.init("get", "", "configmaps", namespace: namespace, object: .configMap, name: name)
  }
}
