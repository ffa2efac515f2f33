import CPrefetch
import SimulationKernel

extension World {
  /// Has the kubelet of the next event brought into the cache while this event happens: 5,000 of them do not
  /// fit into it, and a kubelet's first field is where most turns waited.
  @inline(__always)
  mutating func fetchAhead() {
    switch queue.upcoming?.event {
    case .kubeletTimer(let node, _, _), .kubeletStarts(let node): kubelets.fetch(node.index)
    case .requestCompletes(let number), .answerArrives(let number):
      if turn.calls[number].client.isOnNode { kubelets.fetch(turn.calls[number].owner) }
    case .nodeSeesRequest(let request, _, _):
      kubelets.fetch(server.requests[Int(request.index)].node.index)
    default: break
    }
  }
}

extension [Kubelet] {
  /// Asks for all of a kubelet's memory, and goes on without waiting for it.
  @inline(__always)
  fileprivate func fetch(_ index: UInt32) {
    guard index < count else { return }
    withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      let size = MemoryLayout<Kubelet>.stride
      for offset in stride(from: 0, to: size, by: 64) {
        fetchLine(first + Int(index) * size + offset)
      }
    }
  }
}
