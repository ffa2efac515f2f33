import Scenarios
import SimulationKernel
import TLSBootstrap
import TraceStore

/// A trace as text: time, who, step, what, one line an event. What golden traces are made of.
package struct TextTrace {
  private let directory: any TraceDirectory
  /// Leaves out events that reach no step.
  private let onlySteps: Bool

  package init(_ directory: some TraceDirectory, onlySteps: Bool = false) {
    self.directory = directory
    self.onlySteps = onlySteps
  }

  /// `00:00:00.045  node-1  11 fetchesCertificate  csr-x7p4q`; nil: left out.
  package func line(_ event: TraceEvent) -> String? {
    if onlySteps && event.step == 0 { return nil }
    let node = event.node == TraceEvent.none ? "-" : directory.node(at: Int(event.node)).name
    let step = BootstrapStep(rawValue: event.step).map { "\($0.rawValue) \($0)" } ?? ""
    var words = ["\(event.kind)"]
    if event.call != .none { words.append("\(event.call)") }
    if event.kind == .requestAnswered {
      words.append("\(event.answer)")
      words.append(directory.username(of: event.actor))
    }
    if event.request != TraceEvent.none {
      words.append(directory.request(at: Int(event.request)).name)
    }
    if event.value != 0 { words.append("(\(Self.value(event)))") }
    if let message = directory.message(of: event) { words.append("“\(message)”") }
    return [
      Text.clock(event.time), Text.left(node, 14), Text.left(event.component.text, 18),
      Text.left(step, 30), words.joined(separator: " "),
    ].joined(separator: " ")
  }

  /// What the event counts, in the words of its kind.
  private static func value(_ event: TraceEvent) -> String {
    let value = event.value
    let byte = UInt8(truncatingIfNeeded: value)
    switch event.kind.unit {
    case "ns": return Quantity.text(Duration(nanoseconds: value))
    case "unix ns": return "until \(Timestamp.text(value))"
    case "settlement": return Settlement(rawValue: byte).map { "\($0)" } ?? "\(value)"
    case "check": return KubeconfigVerdict(rawValue: byte).map { "\($0)" } ?? "\(value)"
    case "count": return "\(value)"
    case let unit: return "\(unit) \(value)"
    }
  }
}
