/// Whose sources and recordings the model follows (docs/FIDELITY.md).
package enum ModelledKubernetes {
  package static let version = "v1.36.2"
}
