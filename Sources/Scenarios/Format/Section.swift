import SimulationKernel

/// A mapping of the scenario's own document, whose keys are strict.
///
/// Every key that it is asked for must be in `ScenarioFile.keys`, and every key that the user wrote
/// too: so the table of keys is the format.
struct Section {
  let reading: Reading
  /// Its path in `ScenarioFile.keys`: `spec.nodes[]`, or the name of a type such as `Clock`.
  let path: String
  let value: YAMLValue

  /// Reports what is no mapping, and keys that do not exist.
  init?(_ value: YAMLValue, _ path: String, _ reading: Reading) {
    self.reading = reading
    self.path = path
    self.value = value
    guard let entries = value.entries else {
      reading.fail(
        value.place, "\(KeyTable.shown(path)) is \(value.kindName)",
        cure: "write a mapping with the keys \(KeyTable.list(KeyTable.children(of: path)))")
      return nil
    }
    let known = KeyTable.children(of: path)
    for entry in entries where !known.contains(entry.key) {
      let nearest = NearestKey.nearest(to: entry.key, among: known)
      reading.fail(
        entry.keyPlace, "unknown key “\(entry.key.prefix(100))” in \(KeyTable.shown(path))",
        cure: nearest.map { "did you mean `\($0)`?" } ?? "use one of \(KeyTable.list(known))")
    }
    for entry in entries
    where known.contains(entry.key) && entry.value.isNull && !Self.mayBeNull(entry.key, of: path) {
      reading.fail(
        entry.keyPlace, "`\(entry.key)` has no value", cure: "give it one, or leave the key out")
    }
  }

  /// `creationTimestamp: null`, as kubectl writes it.
  private static func mayBeNull(_ key: String, of path: String) -> Bool {
    KeyTable.keys[KeyTable.join(path, key)]?.type == "anything"
  }

  var place: Place { value.place }

  /// The value of a key; nil when absent or null.
  subscript(key: String) -> YAMLValue? {
    let full = KeyTable.join(path, key)
    precondition(KeyTable.paths.contains(full), "\(full) is not in the table of keys")
    reading.readKeys.insert(full)
    return value[key]
  }

  func place(of key: String) -> Place { value[key]?.place ?? value.place }

  func section(_ key: String) -> Section? {
    guard let value = self[key] else { return nil }
    return Section(value, KeyTable.join(path, key), reading)
  }

  /// The section of a type that many keys share, such as `Clock`.
  func section(_ key: String, as type: String) -> Section? {
    guard let value = self[key] else { return nil }
    return Section(value, type, reading)
  }

  func list(_ key: String) -> [YAMLValue] {
    guard let value = self[key] else { return [] }
    if let elements = value.elements { return elements }
    reading.fail(
      value.place, "\(KeyTable.shown(KeyTable.join(path, key))) is \(value.kindName)",
      cure: "write a list")
    return []
  }

  func sections(_ key: String) -> [Section] {
    list(key).compactMap { Section($0, KeyTable.join(path, key) + "[]", reading) }
  }

  /// None where there are more than may be.
  ///
  /// - Parameter instead: what else there is to do.
  func sections(_ key: String, most: Int, instead: String = "") -> [Section] {
    let count = self[key]?.elements?.count ?? 0
    guard count <= most else {
      reading.fail(
        place(of: key), "\(KeyTable.shown(KeyTable.join(path, key))) has \(count) entries",
        cure: "give at most \(most)\(instead)")
      return []
    }
    return sections(key)
  }

  func string(_ key: String) -> Located<String>? {
    self[key].flatMap { reading.string($0, key) }
  }

  func strings(_ key: String) -> [Located<String>]? {
    guard self[key] != nil else { return nil }
    return list(key).compactMap { reading.string($0, key) }
  }

  /// A mapping of any keys to texts, in the order of the keys' bytes.
  func texts(_ key: String) -> [(key: String, text: String)] {
    guard let value = self[key] else { return [] }
    guard let entries = value.entries else {
      reading.fail(
        value.place, "\(KeyTable.shown(KeyTable.join(path, key))) is \(value.kindName)",
        cure: "write a mapping of texts")
      return []
    }
    let texts = entries.compactMap { entry in
      reading.string(entry.value, entry.key).map { (key: entry.key, text: $0.value) }
    }
    return texts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  /// Keys that are taken and of which nothing is read.
  func ignore(_ keys: String...) {
    for key in keys { _ = self[key] }
  }

  func bool(_ key: String) -> Located<Bool>? {
    self[key].flatMap { reading.bool($0, key) }
  }

  /// - Parameter range: nil: that of the table of keys.
  func integer(_ key: String, in range: ClosedRange<Int64>? = nil) -> Located<Int64>? {
    let path = KeyTable.join(path, key)
    guard let range = range ?? KeyTable.keys[path]?.range else {
      preconditionFailure("\(path) has no range in the table of keys")
    }
    return self[key].flatMap { reading.integer($0, key, in: range) }
  }

  func duration(_ key: String, least: Duration = .zero) -> Located<Duration>? {
    self[key].flatMap { reading.duration($0, key, least: least) }
  }

  func rate(_ key: String) -> Located<Int64>? {
    self[key].flatMap { reading.rate($0, key) }
  }

  func clientRate(_ key: String) -> Located<Int64>? {
    self[key].flatMap { reading.clientRate($0, key) }
  }

  func time(_ key: String) -> Located<Int64>? {
    self[key].flatMap { reading.time($0, key) }
  }

  func choice<Value>(_ key: String, _ choices: [(String, Value)]) -> Located<Value>? {
    self[key].flatMap { reading.choice($0, key, choices) }
  }

  func distribution(_ key: String) -> Distribution? {
    self[key].flatMap { reading.distribution($0, key) }
  }

  /// - Parameter most: the longest that it may give; of an exponential one the longest mean.
  func distribution(_ key: String, most: Duration) -> Distribution? {
    guard let value = self[key], let distribution = reading.distribution(value, key) else {
      return nil
    }
    guard distribution.bound <= most else {
      let bound = Quantity.text(most)
      reading.fail(
        value.place, "`\(key)` is up to \(Quantity.text(distribution.bound))",
        cure: "give at most \(bound)")
      return nil
    }
    return distribution
  }

  /// Which one of several keys is given; reports several, and none when one is needed.
  func one(of keys: [String], needed: Bool) -> String? {
    let alternatives = KeyAlternatives(path, keys, isNeeded: needed)
    precondition(
      ScenarioFile.alternatives.contains(alternatives), "\(alternatives) is not in the table")
    let given = keys.filter { self[$0] != nil }
    if given.count > 1 {
      reading.fail(
        place(of: given[1]), "`\(given[0])` and `\(given[1])` exclude each other",
        cure: "keep one of them")
    }
    if given.isEmpty, needed {
      reading.fail(
        place, "\(KeyTable.shown(path)) lacks its kind", cure: "give one of \(KeyTable.list(keys))")
    }
    return given.first
  }

  /// Reports that a key must be given.
  func lacks(_ key: String, cure: String) {
    reading.fail(place, "\(KeyTable.shown(path)) lacks `\(key)`", cure: cure)
  }
}

extension Distribution {
  /// The longest that it gives; of an exponential one, which has no end, the mean.
  fileprivate var bound: Duration {
    switch self {
    case .constant(let length): length
    case .uniform(_, let to): to
    case .exponential(let mean): mean
    case .quantiles(let points): max(points.p99, points.greatest)
    }
  }
}
