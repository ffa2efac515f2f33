import Testing

/// The queries of requests that every cluster has.
struct RequestURITests {
  /// Source: client-go tools/leaderelection: half of `renewDeadline`, 10 s; the kubelet's Lease has 10 s.
  @Test func `Leases are asked for with the timeouts of their clients`() throws {
    let leases = try Exported("controller-manager-failover", overrides: ["spec.expect=[]"])
      .objects(.audit).compactMap { $0["requestURI"] as? String }
      .filter { $0.contains("/leases") }
    let group = "/apis/coordination.k8s.io/v1/namespaces"
    let ofLeaders = leases.filter { $0.contains("/kube-system/") }
    #expect(
      Set(ofLeaders) == ["\(group)/kube-system/leases/kube-controller-manager?timeout=5s"])
    let ofNodes = leases.filter { $0.contains("/kube-node-lease/") }
    #expect(!ofNodes.isEmpty && ofNodes.allSatisfy { $0.hasSuffix("?timeout=10s") })
    #expect(ofLeaders.count + ofNodes.count == leases.count)
  }
}
