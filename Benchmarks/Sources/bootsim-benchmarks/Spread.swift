/// What several runs gave.
struct Spread: Encodable {
  let median: Double
  let least: Double
  let greatest: Double

  init(_ values: [Double]) {
    let sorted = values.sorted()
    (least, median, greatest) = (sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1])
  }

  var text: String {
    "\(median.rounded(to: 2)) (\(least.rounded(to: 2))…\(greatest.rounded(to: 2)))"
  }
}
