import Scenarios

extension RecordedRun {
  /// The place of a node among all.
  ///
  /// - Throws: `ScenarioErrors` with the nearest name where there is none.
  public func node(named name: String) throws -> Int {
    let wanted = name.hasPrefix("node/") ? String(name.dropFirst(5)) : name
    let names = loaded.scenario.groups.flatMap(\.nodeNames)
    if let index = names.firstIndex(of: wanted) { return index }
    let nearest = NearestKey.nearest(to: wanted, among: names)
    throw ScenarioErrors([
      ScenarioError(
        at: Place(file: path), "no node “\(wanted.prefix(100))” in \(run.scenario)",
        cure: nearest.map { "did you mean `\($0)`?" }
          ?? "bootsim get nodes \(path) lists them")
    ])
  }
}
