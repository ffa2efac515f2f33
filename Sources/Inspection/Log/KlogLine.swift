import Reporting
import SimulationKernel
import TLSBootstrap

/// One line of a kubelet's log.
package struct KlogLine: Hashable, Sendable {
  package var severity: Severity
  /// When, on the clock that never errs.
  package var instant: Instant
  /// What the node's clock shows then, in nanoseconds since 1970.
  package var reading: Int64
  /// Of the model, which has no process numbers: 1000 and the number of the start.
  package var process: Int
  /// `bootstrap.go:101`, as in v1.36.2.
  package var source: String
  /// Everything after the header, as klog prints it.
  package var message: String

  package enum Severity: Character, Sendable {
    case info = "I"
    case warning = "W"
    case error = "E"
  }

  /// `E1123 17:45:04.886569   18599 transport.go:120] "No valid client certificate is found …"`
  ///
  /// Source: klog `formatHeader`: `Lmmdd hh:mm:ss.uuuuuu threadid file:line]`, seven places for the thread.
  package var text: String { "\(header)\(message)" }

  private var header: String {
    let time = Timestamp.text(reading)
    let date = time.dropFirst(5).prefix(5).filter { $0 != "-" }
    let fraction = Text.pad((reading - Timestamp.wholeSeconds(reading)) / 1_000, 6)
    let thread = Text.right("\(process)", 7)
    return "\(severity.rawValue)\(date) \(time.dropFirst(11).dropLast()).\(fraction) \(thread) "
      + "\(source)] "
  }
}

/// What a line says, without when and who.
struct KlogMessage: Hashable, Sendable {
  var severity: KlogLine.Severity
  var source: String
  var text: String

  /// A structured message with its values: `"Rotating certificates" logger="…"`.
  init(
    _ source: String, _ message: String, _ values: KeyValuePairs<String, String> = [:],
    severity: KlogLine.Severity = .info
  ) {
    self.severity = severity
    self.source = source
    text =
      GoString.quoted(message)
      + values.map { " \($0.key)=\(GoString.quoted($0.value))" }.joined()
  }

  /// Unstructured, as `klog.Infof` prints it.
  init(plain text: String, _ source: String) {
    severity = .info
    self.source = source
    self.text = text
  }
}
