import SimulationKernel
import TLSBootstrap

private typealias Key = KeyDocumentation

private let none = "none"

extension Latencies {
  package typealias Field = WritableKeyPath<Latencies, Distribution> & Sendable

  /// The most that a latency may be.
  ///
  /// 24 h. Assumption: nobody waits longer for one request, and sums of thousands stay within 64 bits.
  static let longest = Duration.hours(24)

  /// Each latency: its key in a scenario, what it is, and where it is kept.
  package static let keys: [(key: String, text: String, field: Field)] = [
    ("network", "One way between a node and the API server.", \.network),
    ("kubeletStart", "From process start to the kubelet's first request.", \.kubeletStart),
    (
      "kubeletInitialization", "From there to the start of the kubelet's other loops.",
      \.kubeletInitialization
    ),
    ("keyGeneration", "Making a key pair.", \.keyGeneration),
    ("signing", "Signing a certificate.", \.signing),
    ("createRequest", "Creating a CSR.", \.createRequest),
    ("createSubjectAccessReview", "Creating a SubjectAccessReview.", \.createSubjectAccessReview),
    ("updateApproval", "Updating a CSR's approval.", \.updateApproval),
    ("updateStatus", "Updating a CSR's status.", \.updateStatus),
    ("listRequest", "Listing CSRs.", \.listRequest),
    ("read", "Every other read, and opening a watch.", \.read),
    ("write", "Every other write.", \.write),
    ("refusal", "A 401 or 403.", \.refusal),
    ("watchDelivery", "From commit to delivery at a watcher.", \.watchDelivery),
    ("tokenDeletion", "From a token's expiration to tokencleaner's request.", \.tokenDeletion),
    (
      "controllerManagerStart",
      "From the start of a kube-controller-manager to its first request.",
      \.controllerManagerStart
    ),
    ("networkReady", "From registration to a ready container network.", \.networkReady),
  ]
}

let latencyKeys: [KeyDocumentation] =
  [
    Key(
      "spec.latency", "mapping", default: "measured on an idle cluster",
      "How long things take that the protocol does not fix, each at most 24h; a mean is at most that."
    ),
    Key(
      "spec.latency.profile", "path", default: none,
      "A LatencyProfile, relative to the scenario's folder; the keys beside it win."),
  ]
  + Latencies.keys.map { latency in
    Key(
      "spec.latency.\(latency.key)", "Distribution",
      default: Quantity.text(Latencies()[keyPath: latency.field]), latency.text)
  }

/// A document of its own, in a file that `spec.latency.profile` names.
let profileKeys: [KeyDocumentation] =
  [
    Key(
      "LatencyProfile", "mapping", default: none,
      "What `bootsim calibrate` makes of audit logs: the file of `spec.latency.profile`."),
    Key(
      "LatencyProfile.apiVersion", ScenarioFile.apiVersion, default: "", "Version of the format."),
    Key("LatencyProfile.kind", "LatencyProfile", default: "", "Kind of the document."),
    Key(
      "LatencyProfile.from", "time", unit: "RFC 3339", default: none,
      "The first request that was used."),
    Key("LatencyProfile.to", "time", unit: "RFC 3339", default: none, "The last one's end."),
    Key(
      "LatencyProfile.latency", "mapping", default: none,
      "What the scenario takes, as keys of `spec.latency`."),
  ]
  + Latencies.keys.map { latency in
    Key(
      "LatencyProfile.latency.\(latency.key)", "Distribution", default: "as without a profile",
      latency.text)
  } + [
    Key(
      "LatencyProfile.requests", "list of mappings", default: none,
      "All that was measured, for people; a scenario takes nothing from it.")
  ]

extension Quantity {
  /// A distribution, as the documentation has it.
  static func text(_ distribution: Distribution) -> String {
    switch distribution {
    case .constant(let duration): text(duration)
    case .uniform(let from, let to): "uniform from \(text(from)) to \(text(to))"
    case .exponential(let mean): "exponential with mean \(text(mean))"
    case .quantiles(let points):
      "p50 \(text(points.p50)), p90 \(text(points.p90)), p99 \(text(points.p99))"
    }
  }
}
