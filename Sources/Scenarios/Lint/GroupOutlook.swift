import SimulationKernel
import TLSBootstrap

/// What can be said of a group of nodes without playing: when they come, who approves, how long that takes.
struct GroupOutlook: Sendable {
  let group: NodeGroup
  /// Seconds from the start of the run, sorted; a Poisson process is taken for its mean.
  let arrivals: [Double]
  /// nil: the token is refused, or there is none.
  let user: User?
  let tokenExpiration: BootstrapTokenSecret.Expiration
  /// Whether the nodes must get a certificate before they are Ready.
  let needsCertificate: Bool
  /// nil: nobody approves.
  var approver: Approver?
  /// Seconds from each node's CSR to its approval, in the order of `arrivals`; empty where none is known.
  var waits: [Double] = []

  enum Approver: Hashable, Sendable {
    case csrapproving
    /// By number in `spec.approval`.
    case policy(Int)
    /// `spec.requests`.
    case request
  }

  /// How long one CSR's creator waits.
  var patience: Duration { group.csrClient?.patience ?? CSRClientSettings().patience }

  /// The kubeconfig by which its kubelets first ask: its key in the group, and where it leads.
  var firstKubeconfig: (key: String, server: String?, trustsServer: Bool) {
    let (bootstrap, own) = (group.bootstrapKubeconfig, group.disk.kubeconfig)
    let bootstraps = group.csrClient != nil || needsCertificate && bootstrap.state != .unset
    return bootstraps
      ? ("bootstrapKubeconfig", bootstrap.server, bootstrap.trustsServer)
      : ("kubeconfig", own.server, own.trustsServer)
  }

  /// Seconds from start to the creation of the CSR, as good as it can be known.
  static func boot(_ scenario: Scenario) -> Double {
    (scenario.latency.kubeletStart.median + scenario.latency.createRequest.median).seconds
  }

  /// The same for all but one in a hundred.
  private static func slowBoot(_ scenario: Scenario) -> Double {
    (scenario.latency.kubeletStart.slow + scenario.latency.createRequest.slow).seconds
  }

  /// When the last node, booting slowly, has its approval.
  func lastApproval(_ scenario: Scenario) -> Double {
    let approved = zip(arrivals, waits).map { $0 + $1 }.max()
    return (approved ?? arrivals.last ?? 0) + Self.slowBoot(scenario)
  }
}

extension GroupOutlook {
  static func all(
    of scenario: Scenario, _ review: AccessReview, end: Duration
  ) -> [GroupOutlook] {
    var groups = scenario.groups.map { GroupOutlook($0, scenario, review) }
    for index in groups.indices where groups[index].needsCertificate {
      groups[index].approver = approver(of: groups[index], scenario, review, end)
    }
    for approver in Set(groups.compactMap(\.approver)) {
      guard let queue = ApprovalQueue(approver, scenario, end: end) else { continue }
      // All groups of one approver wait in one line.
      let line = groups.indices.filter { groups[$0].approver == approver }
        .flatMap { group in groups[group].arrivals.map { (group: group, time: $0) } }
        .sorted { ($0.time, $0.group) < ($1.time, $1.group) }
      let boot = boot(scenario)
      for (arrival, wait) in zip(line, queue.waits(line.map { $0.time + boot })) {
        groups[arrival.group].waits.append(wait)
      }
    }
    return groups
  }

  private init(_ group: NodeGroup, _ scenario: Scenario, _ review: AccessReview) {
    self.group = group
    arrivals = Self.arrivals(of: group)
    let hasFile = group.joinsByKubeadm || group.bootstrapKubeconfig.state == .present
    let token = hasFile ? group.bootstrapKubeconfig.token : nil
    if case .known(let user, let expiration)? = token.map(review.verdict) {
      self.user = user
      tokenExpiration = expiration
    } else {
      user = nil
      tokenExpiration = .never
    }
    let disk = group.disk
    let certificate =
      disk.kubeconfig.source == .inline ? disk.kubeconfig.certificate : disk.certificate
    needsCertificate =
      group.csrClient != nil || disk.kubeconfig.state != .present || certificate.state != .present
      || (certificate.notAfter ?? .max) <= scenario.start
  }

  private static func arrivals(of group: NodeGroup) -> [Double] {
    let count = group.nodeNames.count
    switch group.arrivals {
    case .atOnce(let time): return Array(repeating: time.seconds, count: count)
    case .uniform(let from, let to):
      let step = (to - from).seconds / Double(count)
      return (0..<count).map { from.seconds + step * Double($0) }
    case .poisson(let from, let milliRate):
      return (0..<count).map { from.seconds + Double($0) * 1_000 / Double(milliRate) }
    case .times(let times): return times.map(\.seconds).sorted()
    }
  }

  private static func approver(
    of group: GroupOutlook, _ scenario: Scenario, _ review: AccessReview, _ end: Duration
  ) -> Approver? {
    guard let user = group.user else { return nil }
    if review.csrapprovingApproves(user, isRenewal: false) { return .csrapproving }
    let policies = scenario.approvers.indices.filter { number in
      let policy = scenario.approvers[number]
      return policy.approves(
        .kubeAPIServerClientKubelet, of: user.name, nodes: group.group.nodeNames, review)
        && ApprovalQueue(.policy(number), scenario, end: end) != nil
    }
    if let number = policies.first { return .policy(number) }
    let isApprovedByHand = scenario.requests.contains { request in
      guard case .decide(.ofNode(let name), .approve) = request.act else { return false }
      return group.group.nodeNames.contains(name)
    }
    return isApprovedByHand ? .request : nil
  }
}

extension Distribution {
  /// About the 99th percentile.
  fileprivate var slow: Duration {
    switch self {
    case .constant(let length): length
    case .uniform(_, let to): to
    // ln 100 means.
    case .exponential(let mean): mean.scaled(by: 4_605, over: 1_000)
    case .quantiles(let points): points.p99
    }
  }
}

extension ApproverSettings {
  /// Whether it is meant for, and allowed to approve, CSRs of some of these nodes.
  func approves(
    _ signer: SignerName, of requestor: String, nodes: [String], _ review: AccessReview
  ) -> Bool {
    decision == .approve && matches(signer, of: requestor, nodes: nodes)
      && review.mayApprove(User(name: user, groups: groups), signer)
  }

  func matches(_ signer: SignerName, of requestor: String, nodes: [String]) -> Bool {
    [nil, signer].contains(matching.signerName)
      && matching.requestor.map { Pattern($0).matches(requestor) } ?? true
      && matching.nodeName.map { name in nodes.contains { Pattern(name).matches($0) } } ?? true
  }
}
