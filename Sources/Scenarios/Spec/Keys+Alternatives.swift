extension ScenarioFile {
  /// Keys that exclude each other: readers, `Section.one(of:needed:)`, and the JSON Schema follow this list.
  static let alternatives: [KeyAlternatives] =
    [
      KeyAlternatives(
        "spec.nodes[].start", ["at", "uniform", "poisson", "times", "csv"], isNeeded: true),
      KeyAlternatives("spec.nodes[].bootstrapKubeconfig", ["token", "tokenID"], isNeeded: false),
      KeyAlternatives("spec.tokens[]", ["ttl", "expires"], isNeeded: false),
      KeyAlternatives(
        "spec.apiServer", ["certificateAuthority", "certificateAuthorityData"], isNeeded: false),
      KeyAlternatives("spec.approval[]", ["manual", "external"], isNeeded: true),
      KeyAlternatives(
        "spec.requests[]", ["create", "approve", "deny", "update", "delete", "replace", "ask"],
        isNeeded: true),
      KeyAlternatives("spec.requests[].as", ["token", "tokenID"], isNeeded: false),
      KeyAlternatives("spec.requests[].as.certificate", ["node", "request"], isNeeded: false),
      KeyAlternatives(
        "spec.requests[].update", ["add", "remove", "conditions", "certificate"], isNeeded: true),
      KeyAlternatives("spec.requests[].ask", ["resource", "path"], isNeeded: true),
      KeyAlternatives("spec.faults[].on", ["fixed", "percent"], isNeeded: false),
      KeyAlternatives(
        "spec.expect[]",
        ["ready", "failed", "waiting", "approved", "issued", "timeToReady", "node"],
        isNeeded: true),
      KeyAlternatives(
        "Distribution", ["constant", "uniform", "exponential", "quantiles"], isNeeded: true),
    ]
    + ["approve", "deny", "delete", "update", "replace"].map {
      KeyAlternatives("spec.requests[].\($0)", ["name", "of"], isNeeded: true)
    }
}
