extension ForeignRequest {
  /// Why no Node, Lease or CSINode of this name can be created, in the server's words; nil: one can, or the model
  /// does not validate such objects. Without a name the body may ask for one to be generated.
  ///
  /// Source: kubernetes pkg/apis/{core,coordination,storage}/validation, all by `NameIsDNSSubdomain`; apimachinery
  /// pkg/api/errors `NewInvalid`, pkg/util/validation/field/errors.go `ToAggregate`.
  var nameProblem: String? {
    let kind: String
    switch (group, resource, subresource) {
    case ("", "nodes", ""): kind = "Node"
    case ("coordination.k8s.io", "leases", ""): kind = "Lease.coordination.k8s.io"
    case ("storage.k8s.io", "csinodes", ""): kind = "CSINode.storage.k8s.io"
    default: return nil
    }
    let quoted = GoString.quoted(name)
    let problems = name.isEmpty ? [] : SignerNameRule.subdomainProblems(of: name)
    guard !problems.isEmpty else { return nil }
    let errors = problems.map { "metadata.name: Invalid value: \(quoted): \($0)" }
    let list = errors.count == 1 ? errors[0] : "[\(errors.joined(separator: ", "))]"
    return "\(kind) \(quoted) is invalid: \(list)"
  }
}
