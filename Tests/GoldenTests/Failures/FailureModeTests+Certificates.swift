import SimulationKernel
import TLSBootstrap
import Testing

/// O25, O26, O33 and O47: the certificate is there, and of no use.
extension FailureModeTests {
  @Test func `O25 a certificate of another CA is refused for ever, and the kubelet stays`() throws {
    let played = try FailureStory.o(25).play()
    #expect(played.answers(.createNode) == [.unauthorized])
    #expect(
      played.messages(.authenticationFailed) == ["x509: certificate signed by unknown authority"])
    // The only exit is the one that the scenario forces; after it the kubeconfig counts as valid.
    #expect(played.messages(.kubeletExited).isEmpty)
    #expect(played.restarts() == 1)
    #expect(played.events(.kubeconfigValid).count == 1)
    #expect(played.answers(.createRequest) == [.created])
    #expect(played.world.requestCount == 1)
    let last = try #require(played.seconds(.requestAnswered, .createNode).last)
    #expect(last > 1_190)
    #expect(played.settlement() == .certificateRefused)
  }

  @Test func `O26 two kubelets of one name share a Node and a Lease, each with its certificate`()
    throws
  {
    let played = try FailureStory.o(26).play()
    #expect((0...1).map { played.answers(.createRequest, node: $0) } == [[.created], [.created]])
    #expect(played.answers(.createNode, node: 0) == [.created])
    let exists = "nodes \"worker-1\" already exists"
    #expect(
      played.answers(.createNode, node: 1) == [
        Told(code: 409, reason: "AlreadyExists", message: exists)
      ])
    #expect(played.events(.nodeAdopted, node: 1).count == 1)
    // Who renews finds that the other one has written since, reads the Lease and renews again.
    let conflict = Told(
      code: 409, reason: "Conflict",
      message: "Operation cannot be fulfilled on leases.coordination.k8s.io \"worker-1\": the "
        + "object has been modified; please apply your changes to the latest version and try again"
    )
    for node in 0...1 {
      #expect(Set(played.answers(.updateLease, node: node)) == [.ok, conflict])
      let renewals = played.events(.requestAnswered, .updateLease, node: node)
      #expect(renewals.count { $0.answer == .conflict } > 20)
      #expect(renewals.count { $0.answer == .ok } > 20)
    }
    #expect((0...1).allSatisfy { played.settlement(node: $0) == .ready })
  }

  @Test func `O33 what cannot be stored is asked for again, with a new CSR each time`() throws {
    let played = try FailureStory.o(33).play()
    #expect(played.messages(.storeFailed) == ["Unable to store the new cert/key pair"])
    #expect(played.answers(.createRequest) == [.created])
    expectLadder(played.seconds(.requestAnswered, .createRequest))
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.events(.certificateFetched).count == played.events(.storeFailed).count)
    #expect(played.outcome.nodes[0].state != .ready)
  }

  @Test func `O33 in the foreground the kubelet exits, and fetches the same certificate again`()
    throws
  {
    let played = try FailureStory.o(33).play()
    #expect(played.answers(.createRequest, node: 1).map(\.code) == [201, 409])
    #expect(
      played.events(.storeFailed, node: 1).count == played.events(.kubeletExited, node: 1).count)
    #expect(played.restarts(node: 1) > 20)
    #expect(played.outcome.nodes[1].state != .ready)
  }

  @Test func `O47 certificates that are expired at birth are asked for in a loop, until the exit`()
    throws
  {
    let played = try FailureStory.o(47).play()
    let creates = played.seconds(.requestAnswered, .createRequest)
    // M.2: one a second, each as the bootstrap identity.
    #expect((280...300).contains(creates.count))
    #expect(
      Set(played.events(.requestAnswered, .createRequest).map(\.actor).map(played.world.username))
        == ["system:bootstrap:abcdef"])
    #expect(played.events(.connectionsClosed).isEmpty, "nobody ever shows them to a server")
    expectExitAfterFiveMinutes(played)
    // O1: the bootstrap kubeconfig is gone.
    #expect(played.messages(.kubeconfigExpired).count >= 1)
    #expect(
      played.messages(.bootstrapKubeconfigUnusable) == [
        "unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: "
          + "no such file or directory"
      ])
    #expect(played.settlement() == .certificateExpired)
  }
}
