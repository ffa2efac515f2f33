import SimulationKernel
import TLSBootstrap

/// What the rules look at: the scenario as it will be played, where its parts are written, and who may do
/// what. Faults are not applied: they have rules of their own.
struct LintInput {
  let scenario: Scenario
  let expectations: [Expectation]
  let objects: Objects
  let comments: LintComments
  /// What the rules before found.
  var found: [LintFinding] = []
  let review: AccessReview
  /// When the run ends at the latest.
  let end: Duration
  /// Of each group of nodes, in the scenario's order.
  let groups: [GroupOutlook]

  /// Kubernetes objects of the files, and the document itself.
  struct Objects {
    let document: YAMLValue
    let secrets: [Located<BootstrapTokenSecret>]
    let roles: [Located<RBAC.Role>]
    let bindings: [Located<RBAC.Binding>]
    /// Files of which nothing is used, each with the place that names it.
    let unusedFiles: [Located<String>]
  }

  init(
    _ scenario: Scenario, _ expectations: [Expectation], _ objects: Objects,
    _ comments: LintComments
  ) {
    self.scenario = scenario
    self.expectations = expectations
    self.objects = objects
    self.comments = comments
    let review = AccessReview(scenario)
    self.review = review
    let end = scenario.duration ?? .days(1)
    self.end = end
    groups = GroupOutlook.all(of: scenario, review, end: end)
  }

  /// The place of `spec.nodes[workers].start`; where the file does not say so, of the nearest key above it.
  func place(_ path: String) -> Place { find(path).value.place }

  /// The place of a key that the file has.
  func written(_ path: String) -> Place? {
    let found = find(path)
    return found.isThere ? found.value.place : nil
  }

  private func find(_ path: String) -> (value: YAMLValue, isThere: Bool) {
    var found = objects.document
    for step in path.split(separator: ".") {
      let name = step.prefix { $0 != "[" }
      guard let value = found[String(name)] else { return (found, false) }
      found = value
      guard name.count < step.count else { continue }
      let index = step.dropFirst(name.count + 1).dropLast()
      let elements = value.elements ?? []
      let element =
        elements.first { $0["name"]?.text == String(index) }
        ?? Int(index).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
      guard let element else { return (found, false) }
      found = element
    }
    return (found, true)
  }

  var nodeCount: Int { scenario.groups.reduce(0) { $0 + $1.nodeNames.count } }

  /// What a clock of the control plane shows at this time of the run.
  func reading(_ clock: ClockSkew, at time: Duration) -> Int64 {
    let (sum, isOver) = scenario.start.addingReportingOverflow(
      time.nanoseconds + clock.offset.nanoseconds)
    return isOver ? .max : sum
  }
}

/// Words of findings.
extension LintInput {
  /// Whole seconds, which is as exact as an estimate is.
  static func about(_ seconds: Double) -> String {
    Quantity.text(.seconds(Int64(min(seconds, 3e9).rounded(.up))))
  }

  static func nodes(_ count: Int) -> String { Quantity.count(count, "node") }
}
