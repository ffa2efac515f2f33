import Scenarios
import SimulationKernel
import TLSBootstrap

/// What all nodes of a run have in common, as a rule looks at it; made once for all of them.
final class RunCase {
  /// At the end of the run.
  let world: World
  /// The scenario as its files say it, before the run changed its objects.
  let given: Scenario
  /// Where `--set` finds what its lists have.
  let places: ListPlaces
  /// Of what concerns no node.
  let cluster: Sightings
  /// Who may do what at the end, and by the files.
  private(set) lazy var review = AccessReview(world.scenarioInForce)
  private(set) lazy var givenReview = AccessReview(given)
  /// By node, in the order in which they were signed.
  private(set) lazy var certificates = Dictionary(
    grouping: (0..<world.certificateCount).map { world.certificate(at: $0) }.filter {
      $0.node != nil
    }, by: { $0.node ?? NodeID(0) })
  /// By node, when it last created a CSR with a bootstrap token.
  private(set) lazy var bootstraps = Dictionary(
    (0..<world.requestCount).map { world.request(at: $0) }
      .filter { $0.requestor.kind == .bootstrapToken }
      .compactMap { request in request.node.map { ($0, request.created) } },
    uniquingKeysWith: { $1 })
  /// By node, the name of its latest CSR for a serving certificate that nobody has decided on (B.8).
  private(set) lazy var servingRequests = Dictionary(
    (0..<world.requestCount).filter { !world.isDeleted(request: $0) }
      .map { world.request(at: $0) }
      .filter { $0.condition == "Pending" && $0.signerName == SignerName.kubeletServing.text }
      .compactMap { request in request.node.map { ($0, request.name) } },
    uniquingKeysWith: { $1 })

  init(_ world: World, _ cluster: Sightings, given: LoadedScenario) {
    self.world = world
    self.cluster = cluster
    self.given = given.scenario
    places = given.places
  }
}
