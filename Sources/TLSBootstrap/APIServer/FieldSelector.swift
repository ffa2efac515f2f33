/// The field selector of a list, a watch or the deletion of a collection.
///
/// Source: apimachinery pkg/fields/selector.go, `ParseSelector`.
struct FieldSelector: Hashable, Sendable {
  /// In the order of their texts.
  private(set) var requirements: [Requirement] = []
  /// Why it cannot be read; nil: it can.
  private(set) var problem: String?

  struct Requirement: Hashable, Sendable {
    var field: String
    var value: String
    var isEqual: Bool
  }

  init(_ text: String) {
    let parts = Self.terms(of: text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for part in parts where !part.isEmpty && problem == nil {
      guard let (field, operation, written) = Self.split(part) else {
        problem = "invalid selector: '\(text)'; can't understand '\(part)'"
        break
      }
      switch Self.unescaped(written) {
      case .value(let value):
        requirements.append(
          Requirement(field: field, value: value, isEqual: operation != "!="))
      case .problem(let words): problem = words
      }
    }
    if problem != nil { requirements = [] }
  }

  /// Whether it lets only this value of the field pass.
  func requires(_ field: String, _ value: String) -> Bool {
    requirements.contains(Requirement(field: field, value: value, isEqual: true))
  }

  /// The name of the only object that it lets pass, where it says one that can be in a path.
  ///
  /// Source: apiserver pkg/endpoints/request/requestinfo.go, `NewRequestInfo`.
  var name: String? {
    guard
      let name = requirements.first(where: { $0.field == "metadata.name" && $0.isEqual })?.value,
      ![".", ".."].contains(name), !name.contains(where: { "/%".contains($0) })
    else { return nil }
    return name
  }

  /// What stands between commas that no backslash precedes.
  private static func terms(of text: String) -> [Substring] {
    var terms: [Substring] = []
    var (start, isEscaped) = (text.startIndex, false)
    for place in text.indices {
      switch text[place] {
      case _ where isEscaped: isEscaped = false
      case "\\": isEscaped = true
      case ",":
        terms.append(text[start..<place])
        start = text.index(after: place)
      default: break
      }
    }
    return terms + [text[start...]]
  }

  /// At the first of the operators.
  private static func split(_ term: Substring) -> (String, String, Substring)? {
    for place in term.indices {
      let rest = term[place...]
      if let found = ["!=", "==", "="].first(where: { rest.hasPrefix($0) }) {
        return (String(term[..<place]), found, rest.dropFirst(found.count))
      }
    }
    return nil
  }

  private enum Unescaped {
    case value(String)
    case problem(String)
  }

  private static func unescaped(_ written: Substring) -> Unescaped {
    var value = ""
    var isEscaped = false
    for character in written.unicodeScalars {
      if isEscaped {
        guard "\\,=".unicodeScalars.contains(character) else {
          return .problem("invalid field selector: invalid escape sequence: \\\(character)")
        }
        value.unicodeScalars.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "," || character == "=" {
        return .problem(
          "invalid field selector: unescaped character in value: \(character.value)")
      } else {
        value.unicodeScalars.append(character)
      }
    }
    return isEscaped
      ? .problem("invalid field selector: invalid escape sequence: \\") : .value(value)
  }
}

extension FieldSelector {
  /// What the server says of the first field by which these objects cannot be chosen; nil: there is none, or
  /// nothing is known of the resource.
  ///
  /// Source: pkg/apis/{core,certificates,resource,batch}/v1/conversion.go, `AddFieldLabelConversionFunc`, and
  /// apimachinery pkg/runtime/conversion.go, `DefaultMetaV1FieldSelectorConversion`.
  func unsupported(of group: String, _ resource: String) -> String? {
    let name = "metadata.name"
    let namespace = "metadata.namespace"
    guard let own = Self.fields["\(resource).\(group)"] else {
      guard Self.plainGroups.contains(group) else { return nil }
      return requirements.first { ![name, namespace].contains($0.field) }.map {
        "\"\($0.field)\" is not a known field selector: only \"\(name)\", \"\(namespace)\""
      }
    }
    let isNamespaced = !Self.clusterScoped.contains(resource)
    let unknown = requirements.first { requirement in
      requirement.field != name && !(isNamespaced && requirement.field == namespace)
        && !own.contains(requirement.field)
    }
    let kind = resource == "resourceslices" ? " for resource.k8s.io/v1, Kind=ResourceSlice" : ""
    return unknown.map { "field label not supported\(kind): \($0.field)" }
  }

  /// Groups of which everything else is chosen by name and namespace only.
  private static let plainGroups = [
    "", "coordination.k8s.io", "storage.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io",
  ]

  private static let clusterScoped = [
    "nodes", "namespaces", "certificatesigningrequests", "resourceslices",
  ]

  /// By resource and group, without those of metadata.
  private static let fields: [String: [String]] = [
    "pods.": [
      "spec.nodeName", "spec.host", "spec.restartPolicy", "spec.schedulerName",
      "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
      "status.podIPs", "status.nominatedNodeName",
    ],
    "nodes.": ["spec.unschedulable"],
    "replicationcontrollers.": ["status.replicas"],
    "events.": [
      "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
      "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
      "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ],
    "namespaces.": ["status.phase"],
    "secrets.": ["type"],
    "services.": ["spec.clusterIP", "spec.type"],
    "certificatesigningrequests.certificates.k8s.io": ["spec.signerName"],
    "resourceslices.resource.k8s.io": ["spec.nodeName", "spec.driver"],
    "jobs.batch": ["status.successful"],
  ]
}
