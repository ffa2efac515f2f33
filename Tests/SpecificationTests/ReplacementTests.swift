import SimulationKernel
import Testing

@testable import TLSBootstrap

/// A CSR that is deleted and made again under its name, and what those see of it who wait (protocol.md A.7, O28, O29).
struct ReplacementTests {
  @Test func `O29 whose watch is open reads that its CSR was deleted, whatever comes after`() {
    let played = replacing { _ in }
    let name = played.world.request(at: 0).name
    #expect(
      played.all(.waitEnded).map { played.world.message(of: $0) }
        == ["cannot watch on the certificate signing request: csr \"\(name)\" was deleted"])
    #expect(played.world.request(at: 1).name == name)
    #expect(played.world.request(at: 1).node == played.world.request(at: 0).node)
  }

  @Test func `O29 kubectl gets, deletes, looks whether it is gone, and creates`() {
    let answers = Clients.answers(replacing { _ in })
    #expect(answers.map(\.code) == [200, 200, 404, 201])
  }

  @Test func `O29 a watch that goes on from its version is told of the deletion only`() {
    // A.7: the API server has the versions of before, and sends all that happened since.
    let played = replacing {
      $0.faults = [
        fault(.milliseconds(500), for: .seconds(46), .network(NodeSelector(), .partition))
      ]
    }
    // Broken after 45 s, opened 1 s after that by a SYN sent again.
    #expect(played.seconds(.deletionSeen) == [46.5])
    #expect(played.all(.replacementSeen).isEmpty)
  }

  @Test func `O29 after a restart of the API server the watch begins anew and finds another UID`() {
    let played = replacing {
      $0.faults = [
        fault(.milliseconds(500), for: .seconds(46), .network(NodeSelector(), .partition)),
        fault(.milliseconds(700), for: .milliseconds(200), .apiServerDown()),
      ]
    }
    // 410, and after a back-off of 0.8 s the watch with its initial events.
    #expect(
      played.all(.requestAnswered, .watchRequest).map(\.answer).prefix(3) == [.ok, .gone, .ok])
    #expect(played.seconds(.replacementSeen) == [47.3])
    #expect(played.all(.deletionSeen).isEmpty)
    #expect(played.all(.requestAnswered, .createRequest).count == 3)
  }

  @Test func `O28 after a restart of the API server who has seen its CSR misses it`() {
    let played = replacing(by: .delete(.ofNode("node-1"))) {
      $0.faults = [
        fault(.milliseconds(500), for: .seconds(46), .network(NodeSelector(), .partition)),
        fault(.milliseconds(700), for: .milliseconds(200), .apiServerDown()),
      ]
    }
    #expect(played.seconds(.deletionSeen) == [47.3])
  }

  @Test func `O29 who watches a name that is gone sees the CSR that takes it`() {
    let slow = { (scenario: inout Scenario) in
      scenario.latency.network = .constant(.seconds(1))
    }
    let name = replacing(slow).world.request(at: 0).name
    var shape = RequestShapeTests.shape()
    shape.name = name
    let played = replacing(by: .delete(.ofNode("node-1"))) { scenario in
      slow(&scenario)
      // Created at 1 s; the watch arrives at 5 s, after the list, and finds nothing that it could miss.
      scenario.requests[0].at = .seconds(2)
      scenario.requests.append(Clients.entry(.create(shape), at: 30, name: "namesake"))
    }
    #expect(played.all(.deletionSeen).isEmpty)
    #expect(played.seconds(.replacementSeen) == [31])
  }

  /// A node on whose CSR nobody decides, which is replaced at 1 s.
  private func replacing(
    by act: ClientRequest.Act = .replace(.ofNode("node-1")), _ change: (inout Scenario) -> Void
  ) -> Played {
    Clients.play([Clients.entry(act, at: 1)], nodes: 1) { scenario in
      scenario.controllerManager.csrapproving = false
      scenario.stop = .duration
      scenario.duration = .seconds(60)
      change(&scenario)
    }
  }
}
