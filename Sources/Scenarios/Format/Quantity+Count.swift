extension Quantity {
  /// `800,123`.
  package static func count(_ value: Int) -> String {
    var digits = Array(String(value))
    var place = digits.count - 3
    while place > (value < 0 ? 1 : 0) {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits)
  }

  /// `1 node`, `5,000 nodes`.
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
  }
}
