import SimulationKernel

/// Reads `spec.expect`.
struct ExpectationReader {
  let reading: Reading
  /// The nodes of the scenario; nil: an override may have renamed them, so none is looked up.
  let nodeNames: Set<String>?

  private static let kinds = [
    "ready", "failed", "waiting", "approved", "issued", "timeToReady", "node",
  ]

  func expectations(_ spec: Section) -> [Expectation] {
    spec.sections("expect").compactMap { section in
      guard let key = section.one(of: Self.kinds, needed: true) else { return nil }
      refuseStray(section, key)
      guard let kind = kind(section, key) else { return nil }
      return Expectation(place: section.place, text: Self.text(section.value), kind: kind)
    }
  }

  /// `by`, `state` and `reason` belong to one kind each.
  private func refuseStray(_ section: Section, _ key: String) {
    for (stray, owner) in [("by", "ready"), ("state", "node"), ("reason", "node")]
    where key != owner && section[stray] != nil {
      reading.fail(
        section.place(of: stray), "`\(stray)` does not belong to `\(key)`",
        cure: "use it with `\(owner)`, or remove it")
    }
  }

  private func kind(_ section: Section, _ key: String) -> Expectation.Kind? {
    switch key {
    case "ready":
      let limit = section.duration("by")
      guard section["by"] == nil || limit != nil else { return nil }
      return count(section, key).map { count in
        if limit != nil, case .exactly(let number) = count {
          return .ready(.atLeast(number), by: limit?.value)
        }
        return .ready(count, by: limit?.value)
      }
    case "failed": return count(section, key).map { .failed($0) }
    case "waiting": return count(section, key).map { .waiting($0) }
    case "approved": return count(section, key, ofNodes: false).map { .approved($0) }
    case "issued": return count(section, key, ofNodes: false).map { .issued($0) }
    case "timeToReady": return section.section(key).flatMap(bounds).map { .timeToReady($0) }
    default: return node(section)
    }
  }

  private func count(
    _ section: Section, _ key: String, ofNodes: Bool = true
  ) -> Expectation.Count? {
    guard let value = section[key] else { return nil }
    let text = value.text ?? ""
    if text == "all", ofNodes { return .all }
    let digits = text.drop { "<>= ".contains($0) }
    let sign = text.prefix(text.count - digits.count).filter { $0 != " " }
    let isNumber = !digits.isEmpty && digits.allSatisfy(Quantity.isDigit)
    if isNumber, let number = Int(digits) {
      switch sign {
      case "": return .exactly(number)
      case ">=": return .atLeast(number)
      case "<=": return .atMost(number)
      default: break
      }
    }
    reading.fail(
      value.place, "`\(key)` is \(value.kindName)",
      cure: "write a whole number, `>= N`\(ofNodes ? ", `<= N` or `all`" : " or `<= N`")")
    return nil
  }

  private func bounds(_ section: Section) -> Expectation.Bounds? {
    var bounds = Expectation.Bounds()
    bounds.p50 = section.duration("p50")?.value
    bounds.p90 = section.duration("p90")?.value
    bounds.p99 = section.duration("p99")?.value
    bounds.max = section.duration("max")?.value
    if section.value.entries?.isEmpty ?? true {
      reading.fail(
        section.place, "`timeToReady` without a bound", cure: "give p50, p90, p99 or max")
    }
    return bounds
  }

  private func node(_ section: Section) -> Expectation.Kind? {
    guard let name = section.string("node") else { return nil }
    if let nodeNames, !nodeNames.contains(name.value) {
      reading.fail(
        name.place, "no node is called “\(name.value.prefix(60))”",
        cure: nearest(name.value, nodeNames).map { "did you mean `\($0)`?" }
          ?? "name a node of `spec.nodes`")
    }
    guard
      let state = section.choice(
        "state",
        [
          ("Ready", Expectation.NodeState.ready), ("Failed", .failed), ("Waiting", .waiting),
        ])
    else {
      if section["state"] == nil { section.lacks("state", cure: "give Ready, Failed or Waiting") }
      return nil
    }
    return .node(name.value, state.value, reason: section.string("reason")?.value)
  }

  /// Looks at a thousand names at most, for a large cluster has many that are near.
  private func nearest(_ name: String, _ names: Set<String>) -> String? {
    NearestKey.nearest(to: name, among: Array(names.sorted().prefix(1_000)))
  }

  private static func text(_ value: YAMLValue) -> String {
    switch value.content {
    case .scalar(let text, _): text
    case .sequence(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
    case .mapping(let entries):
      entries.map { entry in
        entry.value.entries == nil
          ? "\(entry.key): \(text(entry.value))" : "\(entry.key): {\(text(entry.value))}"
      }.joined(separator: ", ")
    }
  }
}
