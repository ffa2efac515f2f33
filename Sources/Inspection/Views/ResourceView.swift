import SimulationKernel

/// What `kubectl get` and `kubectl describe` print of a cluster at one instant.
package struct ResourceView: Sendable {
  private let snapshot: ClusterSnapshot
  private let resource: Resource
  /// As selected, in the order of their keys.
  package let objects: [ClusterObject]
  private let showsNamespace: Bool
  private let isNamed: Bool

  /// What was asked for and is not there.
  package let missing: [NotFound]

  /// - Parameters:
  ///   - names: in the order in which they are shown; none: all objects.
  ///   - namespace: nil: where the resource's objects are; empty: all namespaces.
  package init(
    _ snapshot: ClusterSnapshot, _ resource: Resource, names: [String] = [],
    namespace: String? = nil
  ) {
    self.snapshot = snapshot
    self.resource = resource
    let wanted = namespace ?? resource.namespace
    let isEverywhere = resource.namespace == nil || wanted == ""
    let all = snapshot.objects(resource).filter { isEverywhere || $0.namespace == wanted }
    let found = names.map { name in all.filter { $0.name == name } }
    objects = names.isEmpty ? all : found.flatMap { $0 }
    missing = zip(names, found).filter { $1.isEmpty }.map {
      NotFound(resource: resource, name: $0.0)
    }
    showsNamespace = resource.namespace != nil && wanted == ""
    isNamed = names.count == 1
  }

  /// In kubectl's words.
  package struct NotFound: Hashable, Sendable, CustomStringConvertible {
    let resource: Resource
    let name: String

    package var description: String {
      "Error from server (NotFound): \(resource.qualified) \"\(name)\" not found"
    }
  }

  package enum Format: String, CaseIterable, Sendable { case table, wide, json, yaml, name }

  /// What kubectl says where there is nothing to print.
  ///
  /// - Parameter namespace: as it was asked for.
  package static func nothingFound(_ resource: Resource, namespace: String?) -> String {
    guard let own = namespace ?? resource.namespace, resource.namespace != nil, own != "" else {
      return "No resources found"
    }
    return "No resources found in \(own) namespace."
  }

  /// - Parameter showsType: writes `node/NAME` in tables, as kubectl does beside objects of other types.
  package func text(
    _ format: Format, showsType: Bool = false, showsHeaders: Bool = true
  ) -> String {
    switch format {
    case .table: return table(resource.columns, showsType, showsHeaders, \.cells)
    case .wide: return table(resource.wideColumns, showsType, showsHeaders, \.wideCells)
    case .json: return document.json
    case .yaml: return document.yaml
    case .name:
      return objects.map { resource.path(of: $0.name) }.joined(separator: "\n")
    }
  }

  private var document: KubernetesDocument {
    isNamed && objects.count == 1
      ? objects[0].document : .several(objects.map(\.document))
  }

  private func table(
    _ columns: [String], _ showsType: Bool, _ showsHeaders: Bool,
    _ cells: (ClusterObject) -> [String]
  ) -> String {
    let head = (showsNamespace ? ["NAMESPACE"] : []) + columns
    let rows = objects.map { object in
      var cells = cells(object)
      if showsType, let place = columns.firstIndex(of: "NAME") {
        cells[place] = resource.path(of: object.name)
      }
      return (showsNamespace ? [object.namespace ?? ""] : []) + cells
    }
    let lines = (showsHeaders ? [head] : []) + rows
    return TextTable.list.text(lines.map { $0.joined(separator: "\t") })
  }

  /// As `kubectl describe` prints them, with two empty lines between.
  func descriptions(showsEvents: Bool) -> String {
    let relatives = Description.Relatives(snapshot)
    return objects.map {
      Description(snapshot, $0, relatives, showsEvents: showsEvents).text
    }.joined(separator: "\n\n\n")
  }
}
