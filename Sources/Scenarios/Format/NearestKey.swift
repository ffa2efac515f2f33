/// Which of the known words somebody meant.
package enum NearestKey {
  /// The known word with the fewest edits from `word`; nil when none is near.
  package static func nearest(to word: String, among known: [String]) -> String? {
    let wanted = Array(word.prefix(100).lowercased().unicodeScalars)
    var best: (word: String, edits: Int)?
    for candidate in known {
      let edits = distance(wanted, Array(candidate.lowercased().unicodeScalars))
      if edits < best?.edits ?? .max { best = (candidate, edits) }
    }
    guard let best, best.edits <= max(2, wanted.count / 2) else { return nil }
    return best.word
  }

  /// Levenshtein distance.
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var row = Array(0...right.count)
    for (index, scalar) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let substitution = diagonal + (scalar == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substitution, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[right.count]
  }
}
