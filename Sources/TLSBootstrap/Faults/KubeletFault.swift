import SimulationKernel

/// The kubelet of a node is killed, stopped or paused, or its machine is off.
public enum KubeletFault: UInt8, Hashable, Sendable {
  /// SIGKILL: systemd starts it again after RestartSec.
  case kill
  /// It does not run while the fault holds: `systemctl stop`, or the machine is off. What is on the disk
  /// stays.
  case stop
  /// SIGSTOP: everything that happens to the process waits for SIGCONT. The next process is another one.
  case pause

  func begin(_ world: inout World, _ nodes: [NodeID]) {
    if self == .pause { world.endWaits(of: nodes) }
    world.forEach(of: nodes) { kubelet, turn in
      switch self {
      case .kill: if kubelet.phase != .stopped { kubelet.exit(&turn) }
      case .stop: kubelet.hold(&turn)
      case .pause: kubelet.pause()
      }
    }
  }

  func end(_ world: inout World, _ nodes: [NodeID]) {
    world.forEach(of: nodes) { kubelet, turn in
      switch self {
      case .kill: break
      case .stop: kubelet.release(&turn)
      case .pause: kubelet.faults.resume()
      }
    }
    guard self == .pause else { return }
    world.goOn()
    // Their timers are overdue, so that they send a heartbeat at once.
    for node in nodes where world.hasKubelet(node) { world.seeHeartbeat(of: node) }
  }
}

extension Kubelet {
  struct Faults: Hashable, Sendable {
    /// How many faults keep the process from running, and how many have it paused.
    fileprivate var holds: UInt8 = 0
    fileprivate var pauses: UInt8 = 0
    /// It would have been started while it was held.
    fileprivate var isStartDue = false

    var isPaused: Bool { pauses > 0 }
    var isHeld: Bool { holds > 0 }

    /// The process is over, paused or not.
    mutating func endProcess() { pauses = 0 }

    fileprivate mutating func resume() {
      if pauses > 0 { pauses -= 1 }
    }
  }

  /// A signal needs a process.
  fileprivate mutating func pause() {
    if phase != .stopped { faults.pauses += 1 }
  }

  /// Whether systemd can start it now.
  mutating func mayStart() -> Bool {
    if faults.holds == 0 { return true }
    faults.isStartDue = true
    return false
  }

  fileprivate mutating func hold(_ turn: inout Turn) {
    faults.holds += 1
    guard phase != .stopped else { return }
    stop(&turn)
    faults.isStartDue = true
  }

  fileprivate mutating func release(_ turn: inout Turn) {
    faults.holds -= 1
    guard faults.holds == 0, faults.isStartDue else { return }
    faults.isStartDue = false
    turn.schedule(.kubeletStarts(node), after: .zero)
  }
}

extension World {
  /// Each node's part of an act follows from the act.
  mutating func forEach(of nodes: [NodeID], _ act: (inout Kubelet, inout Turn) -> Void) {
    let cause = turn.cause
    for node in nodes where hasKubelet(node) {
      turn.cause = cause
      act(&kubelets[Int(node.index)], &turn)
    }
    turn.cause = cause
  }

  /// Keeps what happens to a paused kubelet for later.
  mutating func postpone(_ event: Event, for node: NodeID) {
    acts.postponed.append(Acts.Postponed(node: node, event: event, cause: turn.cause))
  }

  fileprivate mutating func goOn() {
    let waiting = acts.postponed
    acts.postponed.removeAll()
    for postponed in waiting {
      if kubelets[Int(postponed.node.index)].faults.isPaused {
        acts.postponed.append(postponed)
      } else {
        queue.push(Scheduled(event: postponed.event, cause: postponed.cause), at: turn.now)
      }
    }
  }
}
