import SimulationKernel
import TLSBootstrap

/// The log of one node's kubelet, as far as the model has what it tells of.
///
/// Texts, files and lines are those of v1.36.2 at verbosity 4, from recordings (groundtruth/kubelet-logs);
/// those of a few errors that no recording has are placed by the source's order.
package struct KubeletLog: Sendable {
  package let lines: [KlogLine]

  package init(_ history: NodeHistory) {
    guard history.record.kind == .kubelet else {
      lines = []
      return
    }
    var writer = LogWriter(history)
    var lines: [KlogLine] = []
    var process = 0
    var waiting = history.waitingRequests[...]
    let append = { (messages: [KlogMessage], instant: Instant, clock: Clock, process: Int) in
      lines += messages.map {
        KlogLine(
          severity: $0.severity, instant: instant, reading: clock.reading(at: instant),
          process: process, source: $0.source, message: $0.text)
      }
    }
    for event in history.events {
      while let request = waiting.first, request.time < event.time {
        waiting.removeFirst()
        append(writer.messages(of: request), request.time, history.clock(at: event), process)
      }
      if event.kind == .kubeletStarted { process = Self.firstProcess + Int(event.value) }
      append(writer.messages(of: event), event.time, history.clock(at: event), process)
    }
    for request in waiting {
      append(writer.messages(of: request), request.time, history.clock(at: request.time), process)
    }
    self.lines = lines
  }

  private static let firstProcess = 1_001
}
