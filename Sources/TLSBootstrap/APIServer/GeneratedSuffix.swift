/// The end of a name that the API server generates: five letters of an alphabet without vowels (A.5).
///
/// Source: k8s.io/apimachinery `util/rand/rand.go`, k8s.io/apiserver `storage/names/generate.go`.
enum GeneratedSuffix {
  private static let letters = Array("bcdfghjklmnpqrstvwxz2456789")
  /// How many there are: 27⁵.
  static let count: UInt64 = 14_348_907

  /// - Parameter number: from 0, less than `count`.
  static func text(of number: UInt64) -> String {
    var rest = Int(number)
    var suffix = ""
    for _ in 0..<5 {
      suffix.append(letters[rest % letters.count])
      rest /= letters.count
    }
    return suffix
  }

  /// The number of the suffix of `csr-` and five of these letters; nil: another name.
  static func number(ofName name: String) -> UInt32? {
    guard name.hasPrefix("csr-"), name.utf8.count == 9 else { return nil }
    var number = 0
    for letter in name.dropFirst(4).reversed() {
      guard let place = letters.firstIndex(of: letter) else { return nil }
      number = number * letters.count + place
    }
    return UInt32(number)
  }
}
