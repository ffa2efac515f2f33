import TLSBootstrap

/// How long after its expiration a token's Secret is deleted (protocol.md I.2).
enum TokenCleanerDelay {
  static let file = "tokencleaner-delay.csv"
  private static let seeds: UInt64 = 100
  /// When the token expires.
  private static let life = 5

  /// Every simulated delay lies within the recorded spread. The first recorded deletion had to fetch
  /// credentials first, and is left out.
  static func checks(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let table = try recordings.table(file)
    let recorded = try table.numbers("delete_request_ms_after_expiration").dropFirst()
    guard !recorded.isEmpty else {
      throw RecordingError(path: table.path, problem: "has no second row")
    }
    let simulated = try (1...seeds).map(delay)
    let least = recorded.min() ?? 0
    let most = recorded.max() ?? 0
    return [
      ConformanceCheck(
        .kubelet, file, "least and greatest", recorded: range(recorded),
        simulated: range(simulated), bound: "within",
        holds: simulated.allSatisfy { (least...most).contains($0) }),
      ConformanceCheck(
        .kubelet, file, "p50", recorded: text(Figure.percentile(50, of: Array(recorded))),
        simulated: text(Figure.percentile(50, of: simulated))),
    ]
  }

  /// From the expiration to the request, in milliseconds.
  private static func delay(seed: UInt64) throws -> Double {
    let played = try PlayedText(
      """
      apiVersion: bootsim.dev/v1alpha1
      kind: Scenario
      metadata:
        name: tokencleaner
      spec:
        preset: kubeadm
        duration: 10s
        stopWhen: Never
        nodes:
        - {name: idle, start: {at: 1h}}
        tokens:
        - {token: abcdef.0123456789abcdef, ttl: \(life)s}
      """, seed: seed)
    let deletion = played.events.first {
      $0.kind == .requestAnswered && $0.call == .deleteSecret
    }
    // The value is how long the server took, from the arrival of the request.
    guard let deletion else { return .infinity }
    let arrival = deletion.time.nanoseconds - deletion.value
    return Double(arrival - Int64(life) * 1_000_000_000) / 1e6
  }

  private static func range(_ values: some Collection<Double>) -> String {
    "\(text(values.min() ?? 0)) … \(text(values.max() ?? 0))"
  }

  private static func text(_ milliseconds: Double) -> String {
    "\(Figure.fixed(milliseconds, decimals: 3)) ms"
  }
}
