import SimulationKernel
import TLSBootstrap

let networkActions: [FaultAction] = [
  FaultAction(
    "delay", "Each way between nodes and the API server takes `latency` longer.",
    keys: ["on", "latency"], end: "until it is over"
  ) { fault in
    guard fault.section["latency"] != nil else {
      fault.reading.fail(
        fault.section.place, "`delay` lacks `latency`", cure: "give how long, such as `100ms`")
      return nil
    }
    guard let latency = fault.section.distribution("latency", most: Latencies.longest),
      let nodes = fault.nodes()
    else { return nil }
    return .network(nodes, .delay(latency))
  },
  FaultAction(
    "loss", "Packets between nodes and the API server are lost, and sent again by TCP.",
    keys: ["on", "loss"], end: "until it is over"
  ) { fault in
    guard fault.section["loss"] != nil else {
      fault.reading.fail(
        fault.section.place, "`loss` lacks `loss`", cure: "give how many of 100 are lost")
      return nil
    }
    guard let loss = fault.section.integer("loss"), let nodes = fault.nodes() else {
      return nil
    }
    return .network(nodes, loss.value == 100 ? .partition : .loss(perMille: loss.value * 10))
  },
  FaultAction(
    "partition", "Nothing gets through between nodes, or a controller-manager, and the API server.",
    keys: ["on", "replica"], hits: .nodesOrComponent, end: "until it is over"
  ) { $0.partition() },
]

extension FaultSection {
  /// `on:`, who is cut off.
  fileprivate func partition() -> Fault? {
    guard section["on"]?.text != nil else {
      if section["replica"] != nil {
        reading.fail(
          section.place(of: "replica"), "nodes have no replicas",
          cure: "remove it, or add `on: kube-controller-manager`")
      }
      return nodes().map { .network($0, .partition) }
    }
    guard section.choice("on", [("kube-controller-manager", true)]) != nil else { return nil }
    return replica(of: scenario.controllerManager.replicas).map { .managerPartition(replica: $0) }
  }
}
