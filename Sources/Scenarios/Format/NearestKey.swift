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

  /// The known word from which `word` differs by hardly more than a slip; nil where it is one of them, or far
  /// from all.
  ///
  /// 1 edit from 4 letters on, 2 from 6, and a sixth of the letters of a longer word; the case alone in words
  /// of any length. Assumption: no other name of Kubernetes is as near, which a test holds.
  package static func nearMiss(_ word: String, of known: [String]) -> String? {
    guard !known.contains(word), let nearest = nearest(to: word, among: known) else { return nil }
    let edits = distance(
      Array(word.lowercased().unicodeScalars), Array(nearest.lowercased().unicodeScalars))
    let most = nearest.count < 4 ? 0 : nearest.count < 6 ? 1 : max(2, nearest.count / 6)
    return edits <= most ? nearest : nil
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
