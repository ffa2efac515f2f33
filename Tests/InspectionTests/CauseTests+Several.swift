/// Corners of several servers, approvers, faults and clocks, each of which was explained by another cause.
extension CauseTests {
  private static let byAddress = "apiServer: {replicas: 3, balancing: source}"
  private static let off = "controllerManager: {controllers: {csrapproving: false}}"
  private static let short = "controllerManager: {clusterSigningDuration: 4h}"
  private static let otherSide = "the right time is on the other side"
  private static let absent = "{action: binding-absent, at: 0s, binding: \"kubeadm:"

  private static func approves(_ policy: String) -> String {
    off + "\n  approval: [{name: e, external: {}, \(policy)}]"
  }

  private static func managers(_ fault: String, says: String) -> Corner {
    Corner(
      number: "O23", title: "no kube-controller-manager runs that approves",
      faults: ["{\(fault), at: 1s}"], says: says)
  }

  static let severalCorners = [
    // The load balancer takes the node to one server alone, whose clock is ahead.
    Corner(
      number: "O10", title: "its token has expired", settings: byAddress,
      faults: ["{action: time-offset, on: kube-apiserver, replica: 0, timeOffset: 2h}"], ttl: "1h",
      duration: "20m", says: otherSide),
    Corner(
      number: "O8", title: "there is no Secret of its token",
      faults: ["{action: token-delete, for: 2h}"], duration: "20m", says: "spec.faults[0]="),
    Corner(
      number: "E.5", title: "no approver is for its CSR",
      settings: approves("matching: {signerName: kubernetes.io/kubelet-serving}"),
      says: "signerName=kubernetes.io/kube-apiserver-client-kubelet"),
    Corner(
      number: "E.5", title: "no approver is for its CSR",
      settings: approves("decision: Deny, matching: {nodeName: b-1}"),
      says: "controllers.csrapproving=true"),
    Corner(
      number: "O17", title: "no binding lets its CSR be approved, and nobody else approves",
      faults: ["\(absent)kubelet-bootstrap\", for: 3m}", "\(absent)node-autoapprove-bootstrap\"}"],
      says: "spec.faults[1]="),
    Corner(
      number: "O10", title: "nobody can read when its token expires",
      faults: ["{action: token-patch, at: 1s, data: {expiration: tomorrow}}"],
      says: "spec.faults[0]="),
    Corner(
      number: "O45", title: "cluster-info is not signed with its token",
      settings: "controllerManager: {startsAt: 15m}", node: ", join: Kubeadm", duration: "2h",
      says: "controllerManager.startsAt=0s"),
    managers(
      "action: pod-pause, on: kube-controller-manager", says: "pkill -CONT kube-controller-manager"
    ),
    managers("action: partition, on: kube-controller-manager", says: "curl -k https://localhost"),
    managers("action: pod-failure, on: kube-controller-manager", says: "restart kubelet"),
    // M.2: a certificate that by its own clock has life left when it asks for the next one.
    Corner(
      number: "M.2", title: "its clock is behind: by it the renewal came too late",
      settings: short, faults: ["{action: time-offset, timeOffset: -5h, at: 30m, on: {node: a-1}}"],
      ttl: "30m", duration: "12h", says: "a-1's decided"),
    Corner(
      number: "M.2", title: "its clock is behind: by it the renewal came too late",
      settings: "apiServer: {servingCertificateNotBefore: 2025-12-01T00:00:00Z}\n  "
        + "controllerManager: {clusterSigningDuration: 1h}",
      node: ", clock: {offset: -20m}", ttl: "30m", duration: "5h",
      says: "spec.nodes.a.clock.offset=0s"),
  ]
}
