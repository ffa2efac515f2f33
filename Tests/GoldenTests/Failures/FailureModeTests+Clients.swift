import SimulationKernel
import TLSBootstrap
import Testing

/// O18, O20, O27, O28 and O41: what others do with CSRs, by `spec.requests`.
extension FailureModeTests {
  @Test func `O18 a CSR that is not recognised stays pending, without an error`() throws {
    let story = try FailureStory.o(18)
    let played = try story.play()
    #expect(played.answers(.createRequest, node: nil) == [.created])
    let handmade = try #require(played.handmade.first)
    #expect(handmade.condition == "Pending")
    // Nobody is asked for it: it costs no review and no retry.
    #expect(played.events(.notRecognized, node: nil).count >= 1)
    #expect(played.events(.retryScheduled, node: nil).isEmpty)
    #expect(played.settlement() == .ready)
    // With `system:node:` before its name it is one like any other.
    let cured = try story.playCured()
    #expect(cured.handmade.map(\.condition) == ["Approved,Issued"])
  }

  @Test func `O20 a CSR of the wrong shape fails at the signer when it is approved`() throws {
    let played = try FailureStory.o(20).play()
    let handmade = try #require(played.handmade.first)
    #expect(handmade.condition == "Approved,Failed")
    #expect(handmade.reason == "SignerValidationFailure")
    #expect(handmade.message == "subject common name does not begin with system:node:")
  }

  @Test func `O20 a kubelet whose CSR has failed makes a new one`() throws {
    let played = try FailureStory.o(20).play()
    #expect(
      played.messages(.waitEnded) == [
        "cannot watch on the certificate signing request: certificate signing request failed, "
          + "reason: SignerValidationFailure, message: not mine"
      ])
    expectTimes(played.seconds(.requestAnswered, .createRequest), [0.22...0.24, 12...12.3])
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.settlement() == .ready)
  }

  @Test func `O27 a token gets a certificate for another node's name, and nobody notices`() throws {
    let played = try FailureStory.o(27).play()
    let stolen = try #require(played.handmade.first)
    #expect(played.world.username(of: stolen.requestor) == "system:bootstrap:abcdef")
    #expect(stolen.condition == "Approved,Issued")
    #expect(stolen.reason == "AutoApproved")
    // With it the thief is the node.
    let asked = try #require(
      played.events(.requestAnswered, node: nil).last { $0.component == .apiserver })
    #expect(played.seconds(.nodeLost).isEmpty)
    #expect(asked.answer.isSuccess)
    #expect(played.settlement() == .ready)
  }

  @Test func `O28 a kubelet whose CSR is deleted makes a new one, or exits in the foreground`()
    throws
  {
    let played = try FailureStory.o(28).play()
    for node in 0...1 {
      let deleted = try #require(
        (0..<played.world.requestCount).map { played.world.request(at: $0) }
          .first { $0.node?.index == UInt32(node) && $0.condition.hasSuffix("(deleted)") })
      #expect(
        played.messages(.waitEnded, node: node) == [
          "cannot watch on the certificate signing request: csr \"\(deleted.name)\" was deleted"
        ])
      #expect(played.answers(.createRequest, node: node) == [.created])
      #expect(played.settlement(node: node) == .ready)
    }
    expectTimes(played.seconds(.requestAnswered, .createRequest), [0.22...0.24, 32...32.3])
    #expect(played.restarts(node: 0) == 0)
    // A.10: the one in the foreground starts again, and its key still names the same CSR.
    expectTimes(played.seconds(.kubeletExited, node: 1), [30...30.1])
    expectTimes(
      played.seconds(.requestAnswered, .createRequest, node: 1), [0.22...0.24, 40.2...40.3])
  }

  @Test func `O41 NodeRestriction lets a certificate renew its own name only`() throws {
    let story = try FailureStory.o(41)
    let played = try story.play()
    #expect(
      played.answers(.createRequest, node: nil).filter { $0.code != 201 } == [
        .forbidden(
          "certificatesigningrequests.certificates.k8s.io \"csr-\" is forbidden: "
            + "can only create a node CSR with CN=system:node:worker-1")
      ])
    #expect(played.handmade.isEmpty)
    #expect(played.settlement() == .ready)
    // With its own name it renews: `selfnodeclient`.
    let cured = try story.playCured()
    #expect(
      cured.handmade.map(\.condition) == ["Approved,Issued", "Approved,Issued", "Approved,Issued"])
    #expect(
      Set(cured.handmade.map(\.message)) == [
        "Auto approving self kubelet client certificate after SubjectAccessReview."
      ])
  }
}

extension PlayedScenario {
  /// The CSRs that no kubelet made.
  fileprivate var handmade: [RequestRecord] {
    (0..<world.requestCount).map { world.request(at: $0) }.filter { $0.node == nil }
  }
}
