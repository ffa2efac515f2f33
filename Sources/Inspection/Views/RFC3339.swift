import Scenarios
import TLSBootstrap

/// Times as Kubernetes writes them.
enum RFC3339 {
  /// Since 1970; nil: no time.
  static func nanoseconds(_ text: String) -> Int64? {
    guard case .at(let time) = Timestamp.parse(text) else { return nil }
    return time
  }
}
