import SimulationKernel
import TLSBootstrap
import Testing

/// O45 and O46: what `kubeadm join` waits for, and what it leaves behind.
extension FailureModeTests {
  @Test func `O45 kubeadm asks for the signature of its token every five seconds`() throws {
    let played = try FailureStory.o(45).play()
    // N.2 rows 1 and 2: at 1, 6 and 11 s in vain; at 16 s it is there, and read again over TLS.
    expectTimes(
      played.seconds(.requestAnswered, .getClusterInfo),
      [1...1.1, 6...6.1, 11...11.1, 16...16.1, 16...16.1])
    #expect(played.answers(.getClusterInfo) == [.ok])
    #expect(played.events(.joinFailed).isEmpty)
    #expect(played.events(.nodeJoined).count == 1)
    #expect(played.settlement() == .ready)
  }

  @Test func `O46 kubeadm gives up after five minutes, and the kubelet may succeed later`() throws {
    let played = try FailureStory.o(46).play()
    let message = try #require(played.messages(.joinFailed).first)
    #expect(message.contains("failed while waiting for TLS bootstrap: "))
    expectTimes(played.seconds(.joinFailed), [300...301])
    #expect(played.seconds(.bootstrapKubeconfigDeleted) == played.seconds(.joinFailed))
    // It holds the token in memory.
    expectTimes(played.seconds(.certificateFetched), [360...360.1])
    #expect(played.restarts() == 0)
    #expect(played.settlement() == .ready)
  }

  @Test func `O46 a kubelet that is restarted before finds nothing to bootstrap with`() throws {
    let played = try FailureStory.o(46).play()
    #expect(
      played.messages(.bootstrapKubeconfigUnusable, node: 1) == [
        "unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: "
          + "no such file or directory"
      ])
    // O1: again and again, also after its CSR was approved at last.
    let exits = played.seconds(.kubeletExited, node: 1)
    #expect(exits.count > 20)
    #expect(zip(exits.dropFirst(), exits).allSatisfy { (9.9...10.3).contains($0 - $1) })
    #expect(played.events(.certificateFetched, node: 1).isEmpty)
    #expect(played.settlement(node: 1) == .bootstrapKubeconfigMissing)
  }
}
