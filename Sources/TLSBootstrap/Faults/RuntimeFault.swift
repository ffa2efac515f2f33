import SimulationKernel

/// The container runtime of a node does not answer its kubelet, as after `systemctl stop containerd`.
struct RuntimeOutage: Hashable, Sendable {
  /// How many faults hold; 0: it answers again, and the kubelet has not asked it since.
  var faults: UInt16 = 1
  let began: Instant
  var ended = Instant.never
  /// The process of the kubelet that runs; what an earlier one saw is void.
  let generation: UInt32
  /// The container network would have been ready meanwhile.
  var isNetworkDue = false
}

extension Turn {
  /// Whether the container runtime of a node does not answer now.
  @inline(__always)
  func lacksRuntime(_ node: NodeID) -> Bool {
    !runtimeOutages.isEmpty && (runtimeOutages[node.index]?.faults ?? 0) > 0
  }
}

extension World {
  mutating func stopRuntimes(of nodes: [NodeID]) {
    forEach(of: nodes) { kubelet, turn in
      if var outage = turn.runtimeOutages[kubelet.node.index],
        outage.faults > 0 || outage.generation == kubelet.generation
      {
        outage.faults += 1
        outage.ended = .never
        turn.runtimeOutages[kubelet.node.index] = outage
      } else {
        turn.runtimeOutages[kubelet.node.index] = RuntimeOutage(
          began: turn.now, generation: kubelet.generation)
        kubelet.planRuntimeLoss(&turn)
      }
    }
  }

  mutating func startRuntimes(of nodes: [NodeID]) {
    forEach(of: nodes) { kubelet, turn in
      guard var outage = turn.runtimeOutages[kubelet.node.index] else { return }
      outage.faults -= 1
      outage.ended = outage.faults == 0 ? turn.now : .never
      let isSeen = outage.faults > 0 || kubelet.asksRuntime
      turn.runtimeOutages[kubelet.node.index] = isSeen ? outage : nil
      if outage.faults == 0 { kubelet.planRuntimeReturn(&turn) }
    }
  }
}
