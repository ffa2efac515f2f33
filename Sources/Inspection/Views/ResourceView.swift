import SimulationKernel

/// What `kubectl get` and `kubectl describe` print of a cluster at one instant.
public struct ResourceView: Sendable {
  private let snapshot: ClusterSnapshot
  private let resource: Resource
  /// As selected, in the order of their keys.
  public let objects: [ClusterObject]
  private let showsNamespace: Bool
  private let isNamed: Bool

  /// - Parameters:
  ///   - name: nil: all of them.
  ///   - namespace: nil: where the resource's objects are; empty: all namespaces.
  /// - Throws: `NotFound`.
  public init(
    _ snapshot: ClusterSnapshot, _ resource: Resource, name: String? = nil,
    namespace: String? = nil
  ) throws {
    self.snapshot = snapshot
    self.resource = resource
    let wanted = namespace ?? resource.namespace
    let isEverywhere = resource.namespace == nil || wanted == ""
    let all = snapshot.objects(resource).filter { isEverywhere || $0.namespace == wanted }
    objects = name.map { name in all.filter { $0.name == name } } ?? all
    showsNamespace = resource.namespace != nil && wanted == ""
    isNamed = name != nil
    if let name, objects.isEmpty { throw NotFound(resource: resource, name: name) }
  }

  /// In kubectl's words.
  public struct NotFound: Error, CustomStringConvertible {
    let resource: Resource
    let name: String

    public var description: String {
      "Error from server (NotFound): \(resource.qualified) \"\(name)\" not found"
    }
  }

  public enum Format: String, CaseIterable, Sendable { case table, wide, json, yaml, name }

  /// What kubectl says where there is nothing to print.
  ///
  /// - Parameter namespace: as it was asked for.
  public static func nothingFound(_ resource: Resource, namespace: String?) -> String {
    guard let own = namespace ?? resource.namespace, resource.namespace != nil, own != "" else {
      return "No resources found"
    }
    return "No resources found in \(own) namespace."
  }

  public func text(_ format: Format) -> String {
    switch format {
    case .table: return table(resource.columns, \.cells)
    case .wide: return table(resource.wideColumns, \.wideCells)
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

  private func table(_ columns: [String], _ cells: (ClusterObject) -> [String]) -> String {
    let head = (showsNamespace ? ["NAMESPACE"] : []) + columns
    let rows = objects.map { (showsNamespace ? [$0.namespace ?? ""] : []) + cells($0) }
    return TextTable.list.text(([head] + rows).map { $0.joined(separator: "\t") })
  }

  /// As `kubectl describe` prints them, with two empty lines between.
  public var descriptions: String {
    let relatives = Description.Relatives(snapshot)
    return objects.map { Description(snapshot, $0, relatives).text }.joined(separator: "\n\n\n")
  }
}
