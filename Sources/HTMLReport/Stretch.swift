/// The parts of a run on the axis of a longer one, where it ends earlier and its parts are shorter.
struct Stretch {
  /// How long each lasts, in nanoseconds.
  let own: Int64
  let longest: Int64

  /// What the values of several parts are together.
  enum Way { case last, most, sum }

  /// - Parameter afterwards: what is there after the end of the run; nil: what was there last.
  func values(_ values: [Int], _ way: Way, afterwards: Int? = nil) -> [Int] {
    guard own < longest, let last = values.last else { return values }
    let width = max(1, longest / Int64(values.count))
    let ownWidth = max(1, own / Int64(values.count))
    var result: [Int?] = Array(repeating: nil, count: values.count)
    for (part, value) in values.enumerated() {
      let middle = ownWidth * Int64(part) + ownWidth / 2
      let place = min(values.count - 1, Int(middle / width))
      switch way {
      case .last: result[place] = value
      case .most: result[place] = max(result[place] ?? value, value)
      case .sum: result[place] = (result[place] ?? 0) + value
      }
    }
    return result.map { $0 ?? afterwards ?? last }
  }
}
