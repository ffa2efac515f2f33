import SimulationKernel
import TLSBootstrap

let networkActions: [FaultAction] = [
  FaultAction(
    "delay",
    "Each way between nodes, or a controller-manager, and the API server takes `latency` longer.",
    keys: ["on", "replica", "latency"], hits: .nodesOrComponent, end: "until it is over"
  ) { fault in
    guard fault.section["latency"] != nil else {
      fault.reading.fail(
        fault.section.place, "`delay` lacks `latency`", cure: "give how long, such as `100ms`")
      return nil
    }
    let most = fault.isOfComponent ? Network.longestManagerDelay : Latencies.longest
    guard let latency = fault.section.distribution("latency", most: most) else { return nil }
    return fault.network(.delay(latency))
  },
  FaultAction(
    "loss",
    "Packets between nodes, or a controller-manager, and the API server are lost, and sent again by TCP.",
    keys: ["on", "replica", "loss"], hits: .nodesOrComponent, end: "until it is over"
  ) { fault in
    guard fault.section["loss"] != nil else {
      fault.reading.fail(
        fault.section.place, "`loss` lacks `loss`", cure: "give how many of 100 are lost")
      return nil
    }
    guard let loss = fault.section.integer("loss") else { return nil }
    return fault.network(loss.value == 100 ? .partition : .loss(perMille: loss.value * 10))
  },
  FaultAction(
    "partition", "Nothing gets through between nodes, or a controller-manager, and the API server.",
    keys: ["on", "replica"], hits: .nodesOrComponent, end: "until it is over"
  ) { $0.network(.partition) },
]

extension FaultSection {
  /// Whether `on` names a component in place of nodes.
  fileprivate var isOfComponent: Bool { section["on"]?.text != nil }

  /// `on:`, whose way to the API server it is.
  fileprivate func network(_ fault: NetworkFault) -> Fault? {
    guard isOfComponent else {
      if section["replica"] != nil {
        reading.fail(
          section.place(of: "replica"), "nodes have no replicas",
          cure: "remove it, or add `on: kube-controller-manager`")
      }
      return nodes().map { .network($0, fault) }
    }
    guard section.choice("on", [("kube-controller-manager", true)]) != nil else { return nil }
    return replica(of: scenario.controllerManager.replicas).map {
      .managerNetwork(fault, replica: $0)
    }
  }
}
