/// Objects of several types, as `kubectl get TYPE/NAME TYPE/NAME` and `kubectl get TYPE,TYPE` print them.
package struct ResourceViews: Sendable {
  private let views: [ResourceView]
  private let selections: [ResourceSelection]
  private let namespace: String?

  package init(
    _ snapshot: ClusterSnapshot, _ selections: [ResourceSelection], namespace: String? = nil
  ) {
    self.selections = selections
    self.namespace = namespace
    views = selections.map {
      ResourceView(snapshot, $0.resource, names: $0.names, namespace: namespace)
    }
  }

  package var missing: [ResourceView.NotFound] { views.flatMap(\.missing) }
  package var isEmpty: Bool { views.allSatisfy(\.objects.isEmpty) }

  /// What kubectl says where there is nothing to print.
  package var nothingFound: String {
    let told = Set(selections.map { ResourceView.nothingFound($0.resource, namespace: namespace) })
    return told.count == 1 ? told.first ?? "" : "No resources found"
  }

  /// What `kubectl describe` says there, with a namespace also of what is in none.
  package var nothingDescribed: String {
    if namespace == "" { return "No resources found" }
    let own = Set(selections.map { namespace ?? $0.resource.namespace ?? "default" })
    return "No resources found" + (own.count == 1 ? " in \(own.first ?? "") namespace." : "")
  }

  package func text(_ format: ResourceView.Format, showsHeaders: Bool = true) -> String {
    guard views.count > 1 else {
      return views.map { $0.text(format, showsHeaders: showsHeaders) }.joined()
    }
    let filled = views.filter { !$0.objects.isEmpty }
    switch format {
    case .table, .wide:
      let showsTypes = Set(selections.map(\.resource)).count > 1
      return filled.map { $0.text(format, showsType: showsTypes, showsHeaders: showsHeaders) }
        .joined(separator: showsHeaders ? "\n\n" : "\n")
    case .name: return filled.map { $0.text(format) }.joined(separator: "\n")
    case .json: return document.json
    case .yaml: return document.yaml
    }
  }

  private var document: KubernetesDocument {
    .several(views.flatMap(\.objects).map(\.document))
  }

  /// - Parameter showsEvents: also where several objects are described, as always of a single one.
  ///
  /// Source: k8s.io/kubectl `pkg/cmd/describe/describe.go`, since v1.36 (kubernetes#137145).
  package func descriptions(showsEvents: Bool) -> String {
    let isOne = views.map(\.objects.count).reduce(0, +) == 1 && missing.isEmpty
    return views.filter { !$0.objects.isEmpty }
      .map { $0.descriptions(showsEvents: showsEvents || isOne) }.joined(separator: "\n\n\n")
  }
}

/// Objects of one type by their names; without names all of them.
package struct ResourceSelection: Hashable, Sendable {
  package let resource: Resource
  package var names: [String]

  package init(_ resource: Resource, names: [String] = []) {
    self.resource = resource
    self.names = names
  }
}
