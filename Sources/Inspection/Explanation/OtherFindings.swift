import Scenarios
import SimulationKernel
import TLSBootstrap

/// What other clients did or met that no node suffered from: strange CSRs, and stolen names.
package struct OtherFinding: Hashable, Sendable {
  /// Row of the protocol reference.
  package let number: String
  package let text: String
  package let first: Instant
  package let count: Int

  static func all(_ history: RunHistory) -> [OtherFinding] {
    let sightings: [(String, String, Sighting?)] = [
      (
        "O18", "csrapproving does not recognise it, so that it stays Pending",
        history.cluster.last(.notRecognized)
      ),
      (
        "O20", "the signer refuses it for good, whoever approved it: Failed",
        history.cluster.last(.shapeRefused)
      ),
      (
        "O41", "NodeRestriction refuses a CSR for another name than the certificate's",
        otherName(history)
      ),
    ]
    return sightings.compactMap { number, text, sighting in
      sighting.map { finding(number, text, $0, history.world) }
    } + stolenNames(history.world)
  }

  private static func otherName(_ history: RunHistory) -> Sighting? {
    let answers: [Answer] = [.forbiddenCommonName, .forbiddenByAdmission]
    return answers.compactMap { history.cluster.last(.requestAnswered, .createRequest, $0) }
      .first {
        history.world.message(of: $0.last)?.contains("can only create a node CSR") ?? false
      }
  }

  private static func finding(
    _ number: String, _ text: String, _ sighting: Sighting, _ world: World
  ) -> OtherFinding {
    let isNamed = sighting.last.request != TraceEvent.none
    let name = isNamed ? world.request(at: Int(sighting.last.request)).name + ": " : ""
    let message = world.message(of: sighting.last).map { " (“\($0)”)" } ?? ""
    return OtherFinding(
      number: number, text: name + text + message, first: sighting.first.time,
      count: sighting.count)
  }

  /// O27: a certificate for the name of a node, whose CSR its kubelet did not create.
  private static func stolenNames(_ world: World) -> [OtherFinding] {
    let nodes = Set((0..<world.nodeCount).map { "system:node:\(world.node(at: $0).name)" })
    let stolen = (0..<world.requestCount).filter { index in
      let request = world.request(at: index)
      guard request.node == nil, request.issued != nil else { return false }
      let name = world.shape(ofRequest: index).request?.commonName ?? ""
      return nodes.contains(name) && world.username(of: request.requestor) != name
    }
    return stolen.map { index in
      let request = world.request(at: index)
      let name = world.shape(ofRequest: index).request?.commonName ?? ""
      return OtherFinding(
        number: "O27",
        text:
          "\(request.name): \(world.username(of: request.requestor)), who is not that node, got "
          + "a certificate for \(name)",
        first: request.created, count: 1)
    }
  }
}
