/// One series of a family, whose rows come in the order of time: what it is at each scrape.
struct MetricSeries {
  let labels: String
  private let family: MetricFamily
  private let bounds: [Int64]
  private var counts: [Int]
  /// What a gauge is; of a histogram the nanoseconds below its seconds, whose sum outgrows 64 bits.
  private var sum: Int64 = 0
  private var seconds: Int64 = 0
  /// The scrape that is being counted.
  private var scrape: Int64 = 0

  typealias Sample = (_ name: String, _ labels: String, _ value: String, _ scrape: Int64) -> String

  init(_ family: MetricFamily, labels: String) {
    self.family = family
    self.labels = labels
    if case .histogram(let texts) = family.type {
      bounds = texts.map { Int64(((Double($0) ?? 0) * 1e9).rounded()) }
    } else {
      bounds = []
    }
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// `name="value",…`, escaped.
  static func spelled(_ labels: [(String, String)]) -> String {
    labels.map { name, value in
      let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\n", with: "\\n")
      return "\(name)=\"\(escaped)\""
    }.joined(separator: ",")
  }

  mutating func add(
    _ value: Int64, at instant: Int64, _ sample: Sample, to output: ExportOutput
  ) throws {
    if instant > scrape { try finish(through: instant - 1, sample, to: output) }
    sum += value
    if !bounds.isEmpty {
      seconds += sum / 1_000_000_000
      sum %= 1_000_000_000
    }
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
  }

  /// Writes the scrapes up to this one.
  mutating func finish(
    through last: Int64, _ sample: Sample, to output: ExportOutput
  ) throws {
    while scrape <= last {
      for (suffix, labels, value) in values {
        try output.write(sample(family.familyName + suffix, labels, value, scrape))
      }
      scrape += 1
    }
  }

  private var values: [(suffix: String, labels: String, value: String)] {
    switch family.type {
    case .counter: [("_total", labels, "\(counts[0])")]
    case .unknown: [("", labels, "\(counts[0])")]
    case .gauge: [("", labels, "\(sum)")]
    case .histogram(let texts): buckets(texts)
    }
  }

  private func buckets(
    _ texts: [String]
  ) -> [(suffix: String, labels: String, value: String)] {
    var values: [(suffix: String, labels: String, value: String)] = []
    var total = 0
    for (bound, count) in zip(texts + ["+Inf"], counts) {
      total += count
      let bucket = (labels.isEmpty ? "" : "\(labels),") + "le=\"\(bound)\""
      values.append(("_bucket", bucket, "\(total)"))
    }
    values.append(("_count", labels, "\(total)"))
    values.append(("_sum", labels, "\(Double(seconds) + Double(sum) / 1e9)"))
    return values
  }
}
