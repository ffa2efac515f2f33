import Scenarios
import SimulationKernel
import TLSBootstrap

extension LatencyProfile {
  /// The file that a scenario names.
  ///
  /// - Parameter command: made the profile.
  package func yaml(command: String) -> String {
    let head = [
      "# How long requests took in a cluster, for `spec.latency.profile` of a scenario. Made by:",
      "#   \(command)",
      "apiVersion: \(ScenarioFile.apiVersion)",
      "kind: LatencyProfile",
      "from: \(Timestamp.text(first))",
      "to: \(Timestamp.text(last))",
      "# What a scenario takes; max is the 99.9th percentile, or p99 of fewer than 1000 requests.",
      latencies.contains { $0.distribution != nil } ? "latency:" : "latency: {}",
    ]
    let lines = requests.isEmpty ? [] : ["# All that was measured.", "requests:"]
    return (head + latencies.map(line) + lines + requests.flatMap(self.lines)).joined(
      separator: "\n") + "\n"
  }

  private func line(_ latency: Latency) -> String {
    guard let points = latency.distribution else {
      return "  # \(latency.key): \(latency.count) of at least \(Self.fewest) requests"
    }
    let texts = [
      ("min", points.least), ("p50", points.p50), ("p90", points.p90), ("p99", points.p99),
      ("max", points.greatest),
    ].map { "\($0): \(Quantity.text($1))" }
    return "  # \(latency.count) requests\n  \(latency.key): {quantiles: "
      + "{\(texts.joined(separator: ", "))}}"
  }

  private func lines(_ request: Request) -> [String] {
    let names = [
      ("verb", request.verb), ("group", request.group), ("resource", request.resource),
      ("subresource", request.subresource), ("path", request.path),
      ("response", request.response),
    ].filter { !$1.isEmpty }.map { "\($0): \(Self.quoted($1))" }
    let rate = request.milliRate.map { ["perSecond: \(Quantity.text(milli: $0))"] } ?? []
    let quantiles = request.quantiles
    let times = [
      ("min", quantiles.least), ("p50", quantiles.p50), ("p90", quantiles.p90),
      ("p99", quantiles.p99), ("p999", quantiles.p999), ("max", quantiles.greatest),
    ].map { "\($0): \(Quantity.text(Duration(nanoseconds: $1 * 1_000)))" }
    return [
      "- {\(names.joined(separator: ", ")),",
      "  \((["count: \(request.count)"] + rate + times).joined(separator: ", "))}",
    ]
  }

  /// A name as it is where YAML takes it for a text, else in quotes.
  private static func quoted(_ text: String) -> String {
    let isPlain =
      text.first.map { $0.isASCII && $0.isLetter } ?? false
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
      && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    if isPlain { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case " "..."~": quoted.unicodeScalars.append(scalar)
      default: quoted += "\\U" + scalar.value.hexadecimal
      }
    }
    return quoted + "\""
  }
}
