import Scenarios

extension RecordedRun {
  /// The place of a node among all.
  ///
  /// - Throws: `ScenarioErrors` with the nearest name where there is none.
  public func node(named name: String) throws -> Int {
    let wanted = name.hasPrefix("node/") ? String(name.dropFirst(5)) : name
    let names = loaded.scenario.groups.flatMap(\.nodeNames)
    if let index = names.firstIndex(of: wanted) {
      if names[(index + 1)...].contains(wanted) { throw ambiguous(wanted) }
      return index
    }
    if let index = index(ofNode: wanted) { return index }
    let nearest = NearestKey.nearest(to: wanted, among: names)
    throw ScenarioErrors([
      ScenarioError(
        at: Place(file: path), "no node “\(wanted.prefix(100))” in \(run.scenario)",
        cure: nearest.map { "did you mean `\($0)`?" }
          ?? "bootsim get nodes \(path) lists them")
    ])
  }

  /// The node of a name that others have too: `GROUP/NAME`.
  private func index(ofNode qualified: String) -> Int? {
    guard let slash = qualified.firstIndex(of: "/") else { return nil }
    let (group, name) = (qualified[..<slash], qualified[qualified.index(after: slash)...])
    var before = 0
    for candidate in loaded.scenario.groups {
      if candidate.name == group, let place = candidate.nodeNames.firstIndex(of: String(name)) {
        return before + place
      }
      before += candidate.nodeNames.count
    }
    return nil
  }

  private func ambiguous(_ name: String) -> ScenarioErrors {
    let groups = loaded.scenario.groups.filter { $0.nodeNames.contains(name) }.map(\.name)
    return ScenarioErrors([
      ScenarioError(
        at: Place(file: path), "\(groups.count) nodes are called \(name)",
        cure: "name its group: " + groups.map { "`node/\($0)/\(name)`" }.joined(separator: " or "))
    ])
  }

  /// How commands find the node: by its name, after its group's where others have the name too.
  func reference(toNode index: Int) -> String {
    let places = loaded.scenario.groups.flatMap { group in
      group.nodeNames.map { (group: group.name, name: $0) }
    }
    let (group, name) = places[index]
    let isAlone = !loaded.scenario.allowsDuplicateNodeNames || places.count { $0.name == name } == 1
    return isAlone ? name : "\(group)/\(name)"
  }
}
