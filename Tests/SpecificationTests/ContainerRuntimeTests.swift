import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Recorded, kubelet-logs/nocrir.full.log and nocrin.full.log: kubelets without a container runtime.
struct ContainerRuntimeTests {
  private func play(rotates: Bool, _ change: (inout Scenario) -> Void = { _ in }) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = rotates
      scenario.groups[0].hasContainerRuntime = false
      scenario.latency.updateApproval = .constant(.milliseconds(10))
      scenario.stop = .duration
      scenario.duration = .seconds(35)
      change(&scenario)
    }.play()
  }

  @Test func `in the background each start makes a CSR that is issued to nobody`() {
    let played = play(rotates: true)
    #expect(played.seconds(.kubeletExited) == [0.005, 10.01, 20.015, 30.02])
    #expect(played.seconds(.containerRuntimeMissing) == played.seconds(.kubeletExited))
    #expect(played.world.requestCount == 4)
    #expect(played.all(.certificateStored).isEmpty)
    #expect(
      (0..<3).allSatisfy { played.world.request(at: $0).condition == "Approved,Issued" })
    #expect(played.world.node(at: 0).settlement == .containerRuntimeMissing)
  }

  @Test func `in the foreground the certificate comes first, and stays`() {
    let played = play(rotates: false)
    #expect(played.seconds(.kubeletExited) == [0.015, 10.02, 20.025, 30.03])
    #expect(played.world.requestCount == 1)
    #expect(played.all(.certificateFetched).count == 1)
    #expect(played.all(.kubeconfigValid).count == 3)
  }

  @Test func `the error is the recorded one`() {
    let played = play(rotates: true)
    #expect(
      played.all(.containerRuntimeMissing).map { played.world.message(of: $0) }.first
        == """
        validate service connection: validate CRI v1 runtime API for endpoint \
        "unix:///run/containerd/containerd.sock": rpc error: code = Unavailable desc = connection error: \
        desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such \
        file or directory"
        """)
  }

  @Test(arguments: [true, false]) func `with a container runtime it joins`(rotates: Bool) {
    let played = play(rotates: rotates) { $0.groups[0].hasContainerRuntime = true }
    #expect(played.world.readyCount == 1)
  }
}
