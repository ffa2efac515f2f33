/// Where `--set` finds what is in lists of `spec`: it counts also what an override before it has emptied.
package struct ListPlaces: Sendable {
  /// Of what is left of each list.
  private var kept: [String: [Int]] = [:]
  private var tokens: [String: Int] = [:]

  private static let lists = ["tokens", "faults", "requests"]

  init() {}

  /// - Parameter document: with all overrides, before what they emptied is left out.
  init(_ document: YAMLValue) {
    for list in Self.lists {
      let elements = document["spec"]?[list]?.elements ?? []
      kept[list] = elements.indices.filter { !Override.isEmptied(elements[$0]) }
    }
  }

  /// A token that is no Secret of a manifest, too.
  ///
  /// - Parameter element: its place in what is left of `spec.tokens`.
  mutating func add(token id: String, element: Int) { tokens[id] = place(element, in: "tokens") }

  package func token(id: String) -> Int? { tokens[id] }

  /// - Parameter number: in `Scenario.faults`.
  package func fault(_ number: Int) -> Int { place(number, in: "faults") }

  /// - Parameter number: in `Scenario.requests`.
  package func request(_ number: Int) -> Int { place(number, in: "requests") }

  private func place(_ number: Int, in list: String) -> Int {
    let places = kept[list] ?? []
    return places.indices.contains(number) ? places[number] : number
  }
}
