import TLSBootstrap

let podActions: [FaultAction] = [
  pod(
    "pod-kill",
    "A controller-manager, or the API server, is killed; the kubelet of its node starts it again after its "
      + "back-off.",
    .kill),
  pod(
    "pod-failure", "A controller-manager, or the API server, does not run.", .failure,
    more: ["gracePeriod"], end: "until it is started"),
  pod(
    "pod-pause", "A controller-manager, or the API server, is paused (SIGSTOP).", .pause,
    end: "until it goes on"),
]

private func pod(
  _ name: String, _ text: String, _ action: ManagerFault.Action, more keys: [String] = [],
  end: String? = nil
) -> FaultAction {
  FaultAction(name, text, keys: ["on", "replica"] + keys, end: end) { $0.pod(action) }
}

extension FaultSection {
  /// `on:`, which component.
  fileprivate func pod(_ action: ManagerFault.Action) -> Fault? {
    let components = [("kube-controller-manager", false), ("kube-apiserver", true)]
    guard needed("on", cure: "add `on: kube-controller-manager`") != nil,
      let isServer = section.choice("on", components)?.value
    else { return nil }
    return isServer ? server(action) : manager(action)
  }

  private func server(_ action: ManagerFault.Action) -> Fault? {
    guard let replica = replica(of: scenario.apiServer.replicas) else { return nil }
    switch action {
    case .kill: return .apiServerKilled(replica: replica)
    case .pause: return .apiServerPaused(replica: replica)
    case .failure: break
    }
    let grace = section.duration("gracePeriod")
    if section["gracePeriod"] != nil, grace == nil { return nil }
    if let grace, let length = section.duration("for"), length.value < grace.value {
      reading.fail(
        grace.place, "the server is started again before its grace period is over",
        cure: "give a `for` that is not shorter")
      return nil
    }
    return .apiServerDown(replica: replica, grace: grace?.value ?? .zero)
  }

  /// `replica:` of so many; nil inside: every one.
  func replica(of count: Int) -> Int?? {
    guard section["replica"] != nil else { return .some(nil) }
    return section.integer("replica", in: 0...Int64(count - 1)).map { Int($0.value) }
  }

  private func manager(_ action: ManagerFault.Action) -> Fault? {
    guard let replica = replica(of: scenario.controllerManager.replicas) else { return nil }
    if section["gracePeriod"] != nil {
      reading.fail(
        section.place(of: "gracePeriod"), "a controller-manager has nothing to finish",
        cure: "remove `gracePeriod`")
      return nil
    }
    return .manager(ManagerFault(action, replica: replica))
  }
}
