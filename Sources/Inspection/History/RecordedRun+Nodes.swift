import Reporting
import Scenarios

extension RecordedRun {
  /// The place of a node among all.
  ///
  /// - Throws: `ScenarioErrors` with the nearest name where there is none.
  package func node(named name: String) throws -> Int {
    let wanted = name.hasPrefix("node/") ? String(name.dropFirst(5)) : name
    var found = places { $0 == wanted }
    if found.isEmpty {
      found = allPlaces.filter { "\($0.group)/\($0.name)" == wanted }
    }
    if found.isEmpty, let slash = wanted.lastIndex(of: "/") {
      // One of several of a name in a group: `GROUP/NAME/NUMBER`, from 1.
      let alike = allPlaces.filter { "\($0.group)/\($0.name)" == wanted[..<slash] }
      let number = Int(wanted[wanted.index(after: slash)...]) ?? 0
      found = alike.indices.contains(number - 1) ? [alike[number - 1]] : []
    }
    if found.count > 1 { throw ambiguous(wanted, found) }
    if let only = found.first { return only.index }
    let names = loaded.scenario.groups.flatMap(\.nodeNames)
    let nearest = NearestKey.nearest(to: wanted, among: names)
    throw ScenarioErrors([
      ScenarioError(
        at: Place(file: path), "no node “\(wanted.prefix(100))” in \(run.scenario)",
        cure: nearest.map { "did you mean `\($0)`?" }
          ?? "bootsim export \(ShellWord.quoted(path)) --format csv --view nodes lists them")
    ])
  }

  /// A node's place among all.
  private typealias NodePlace = (index: Int, group: String, name: String)

  private var allPlaces: [NodePlace] { places { _ in true } }

  private func places(_ isWanted: (String) -> Bool) -> [NodePlace] {
    var places: [NodePlace] = []
    var index = 0
    for group in loaded.scenario.groups {
      for name in group.nodeNames {
        if isWanted(name) { places.append((index, group.name, name)) }
        index += 1
      }
    }
    return places
  }

  /// The most nodes of a name that a message tells apart.
  private static let mostAlike = 3

  private func ambiguous(_ name: String, _ found: [NodePlace]) -> ScenarioErrors {
    let references = found.prefix(Self.mostAlike).map { "`node/\(reference(toNode: $0.index))`" }
    let dots = found.count > Self.mostAlike ? ", …" : ""
    return ScenarioErrors([
      ScenarioError(
        at: Place(file: path), "\(found.count) nodes are called \(name)",
        cure: "name one of them: " + references.joined(separator: ", ") + dots)
    ])
  }

  /// How commands find the node: by its name, after its group's where others have the name too, and before its
  /// number where others of the group have it.
  func reference(toNode index: Int) -> String {
    guard loaded.scenario.allowsDuplicateNodeNames else { return allPlaces[index].name }
    let (_, group, name) = allPlaces[index]
    let alike = places { $0 == name }
    if alike.count == 1 { return name }
    let inGroup = alike.filter { $0.group == group }
    guard inGroup.count > 1, let number = inGroup.firstIndex(where: { $0.index == index }) else {
      return "\(group)/\(name)"
    }
    return "\(group)/\(name)/\(number + 1)"
  }
}
