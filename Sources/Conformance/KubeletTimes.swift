import SimulationKernel
import TLSBootstrap

/// What one kubelet does when, in its log and in many simulated runs: the recorded times lie among the
/// simulated ones.
struct KubeletTimes: Sendable {
  /// The log.
  let name: String
  let quantity: String
  /// Part of each line whose times are compared.
  let line: String
  /// Part of the line from which they count; nil: the first of those lines.
  var origin: String?
  /// How many of them; nil: all.
  var count: Int?
  /// Of the scenario, after its name.
  let spec: String
  /// When the simulated kubelet does the same, after its own origin, in seconds from the run's start.
  let simulate: @Sendable (PlayedText) -> (origin: Double?, times: [Double])
  var tolerance = 0.1
  var reason = ""

  /// The draws of so many seeds span what can be: of 100 the largest is within 1 % of the range's end,
  /// 37 times out of 100 less.
  static let seeds: UInt64 = 100

  var file: String { "kubelet-logs/\(name)" }

  func checks(_ recordings: Recordings) throws -> [ConformanceCheck] {
    let recorded = try recordedTimes(recordings)
    let runs = try (1...Self.seeds).map { seed -> [Double] in
      let (origin, times) = simulate(try PlayedText(Self.head + spec, seed: seed))
      guard let start = origin ?? times.first else { return [] }
      return times.map { $0 - start }
    }
    return recorded.enumerated().filter { $0.offset > 0 || origin != nil }.map { place, time in
      let simulated = runs.compactMap { place < $0.count ? $0[place] : nil }
      return check(place, time, simulated)
    }
  }

  private func check(_ place: Int, _ time: Double, _ simulated: [Double]) -> ConformanceCheck {
    let what = origin == nil ? "\(quantity) \(place + 1)" : quantity
    guard let least = simulated.min(), let most = simulated.max() else {
      return ConformanceCheck(
        .kubelet, name, what, recorded: Figure.seconds(time), simulated: "none",
        bound: "within", holds: false)
    }
    return ConformanceCheck(
      .kubelet, name, what, recorded: Figure.seconds(time),
      simulated: "\(Figure.seconds(least)) … \(Figure.seconds(most))",
      bound: "within ± \(Figure.seconds(tolerance))",
      holds: least - tolerance <= time && time <= most + tolerance, reason: reason)
  }

  private func recordedTimes(_ recordings: Recordings) throws -> [Double] {
    let lines = try recordings.text(file).split(whereSeparator: \.isNewline)
    let times = lines.filter { $0.contains(line) }.compactMap(KlogTime.seconds)
      .prefix(count ?? .max)
    let first = origin.flatMap { origin in lines.first { $0.contains(origin) } }
      .flatMap(KlogTime.seconds)
    guard let start = first ?? times.first, !times.isEmpty else {
      throw RecordingError(path: "\(recordings.folder)/\(file)", problem: "has no “\(line)”")
    }
    return times.map { $0 - start }
  }

  /// What stands before the spec of a scenario of kubelets.
  static let head = """
    apiVersion: bootsim.dev/v1alpha1
    kind: Scenario
    metadata:
      name: kubelet
    spec:

    """
}

/// The time of a line in klog's format: `I1123 17:09:56.671893    7309 …`.
enum KlogTime {
  /// Since midnight; recordings do not cross it.
  static func seconds(_ line: Substring) -> Double? {
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count > 1 else { return nil }
    let parts = words[1].split(separator: ":").compactMap { Double($0) }
    guard parts.count == 3, parts.allSatisfy((0..<60).contains) else { return nil }
    return parts[0] * 3_600 + parts[1] * 60 + parts[2]
  }
}
