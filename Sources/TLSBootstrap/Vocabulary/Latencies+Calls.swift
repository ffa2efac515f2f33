import SimulationKernel

extension Latencies {
  /// How long the API server takes for a call that it does not refuse.
  package static func serviceTime(of call: Call) -> KeyPath<Latencies, Distribution> {
    switch call {
    case .createRequest: \.createRequest
    case .createSubjectAccessReview: \.createSubjectAccessReview
    case .updateApproval: \.updateApproval
    case .updateStatus: \.updateStatus
    case .listRequest, .listRequests: \.listRequest
    case .createNode, .patchNodeStatus, .createLease, .updateLease, .createCSINode,
      .createServiceAccountToken, .deleteRequest, .foreignWrite, .createLeaderLease,
      .updateLeaderLease, .deleteSecret, .updateClusterInfo:
      \.write
    case .listBetaRequest: \.refusal
    case .none, .getHealthz, .getRequest, .watchRequest, .getNode, .watchNodes, .listNodes,
      .watchServices, .listServices, .watchCSIDrivers, .listCSIDrivers, .watchRuntimeClasses,
      .listRuntimeClasses, .watchPods, .getLease, .getCSINode, .approverRead, .getServiceAccount,
      .foreignRead, .getClusterInfo, .getKubeadmConfig, .getKubeletConfig, .getKubeProxyConfig,
      .getLeaderLease, .watchRequests:
      \.read
    }
  }
}
