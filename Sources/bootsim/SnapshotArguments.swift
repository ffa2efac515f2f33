import ArgumentParser
import Inspection

/// Objects of a recorded run at one instant, as kubectl names them.
struct SnapshotArguments: ParsableArguments {
  @OptionGroup var arguments: InspectedArguments

  @Option(
    parsing: .unconditional,
    help: "When, since the start of the run, as 90s or 1h30m; without it the end.",
    transform: RunInstant.parsed)
  var at: RunInstant?

  @Option(name: .shortAndLong, help: "Namespace.")
  var namespace: String?

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  func validate() throws { _ = try arguments.typed() }

  /// - Throws: whatever a command that cannot read the run, or finds no such type, ends with.
  func views() throws -> ResourceViews {
    let (path, objects) = try arguments.typed()
    let selections = try InspectedArguments.TypedObjects.selections(objects)
    let recorded = try InspectedArguments.opened(path, at: at?.instant)
    let snapshot = try ClusterSnapshot(recorded, at: at?.instant)
    // kubectl takes an empty one for none, too.
    let given = namespace.flatMap { $0.isEmpty ? nil : $0 }
    return ResourceViews(snapshot, selections, namespace: allNamespaces ? "" : given)
  }
}
