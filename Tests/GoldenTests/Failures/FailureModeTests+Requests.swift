import SimulationKernel
import TLSBootstrap
import Testing

/// O19 to O23, O29, O30, O32 and O36: a CSR that waits, is refused, or is signed for nobody.
extension FailureModeTests {
  private static let denied =
    "cannot watch on the certificate signing request: certificate signing request is denied, "
    + "reason: KubectlDeny, message: This CSR was denied by kubectl certificate deny."

  @Test func `O19 a denied CSR is followed by a new one at the pace of the retries`() throws {
    let played = try FailureStory.o(19).play()
    #expect(played.messages(.waitEnded) == [Self.denied])
    #expect(played.answers(.createRequest) == [.created])
    let ends = played.seconds(.waitEnded)
    let creates = played.seconds(.requestAnswered, .createRequest).dropFirst()
    // Recorded: the second 2.1 s after the denial.
    expectTimes(
      zip(creates, ends).map { $0 - $1 }, [2...2.3, 4...4.5, 8...8.9, 16...17.7, 31.9...32.1])
    // Each is a CSR of its own with a key of its own, and the process goes on.
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(
      (0..<played.world.requestCount).allSatisfy { number in
        played.world.request(at: number).condition != "Approved"
      })
    #expect(played.outcome.nodes[0].state == .failed)
  }

  @Test func `O19 in the foreground the same denied CSR is met at each start`() throws {
    let played = try FailureStory.o(19).play()
    #expect(played.messages(.waitEnded, node: 1) == [Self.denied])
    let answers = played.answers(.createRequest, node: 1)
    #expect(answers.map(\.code) == [201, 409])
    #expect(answers[1].reason == "AlreadyExists")
    #expect(
      answers[1].message?.hasPrefix("certificatesigningrequests.certificates.k8s.io \"node-csr-")
        == true)
    #expect(answers[1].message?.hasSuffix("\" already exists") == true)
    #expect(played.answers(.getRequest, node: 1) == [.ok])
    // Recorded: it dies again 15 ms after its first request.
    let starts = played.seconds(.kubeletStarted, node: 1)
    let exits = played.seconds(.kubeletExited, node: 1)
    #expect(zip(exits, starts).dropFirst().allSatisfy { (0.225...0.26).contains($0 - $1) })
    #expect(starts.count > 50 && exits.count >= starts.count - 1)
  }

  @Test func `O21 without a signer a CSR stays approved, and the node waits`() throws {
    let played = try FailureStory.o(21).play()
    let conditions = (0..<played.world.requestCount).map {
      played.world.request(at: $0).condition
    }
    #expect(conditions == ["Approved", "Approved"])
    #expect(Set(played.events(.approvalSeen).map(\.request)) == [0, 1])
    expectTimes(played.seconds(.requestAnswered, .createRequest), [0.22...0.24, 902.2...902.6])
    #expect(played.events([.signingFailed, .certificateSigned]).isEmpty)
    #expect(played.settlement() == .nobodySigns)
  }

  @Test func `O22 an expired CA signs nothing, and the signer tries ever more rarely`() throws {
    let played = try FailureStory.o(22).play()
    #expect(
      played.messages(.signingFailed) == [
        "error auto signing csr: the signer has expired: NotAfter=2025-12-31 00:00:00 +0000 UTC"
      ])
    let delays = played.events(.retryScheduled).filter { $0.request == 0 }.map(\.value)
    #expect(Array(delays.prefix(5)) == [200, 400, 800, 1_600, 3_200].map { $0 * 1_000_000 })
    #expect(played.world.request(at: 0).condition == "Approved")
    #expect(played.settlement() == .nobodySigns)
  }

  @Test func `O23 without a controller-manager the CSR is pending, without an error`() throws {
    let played = try FailureStory.o(23).play()
    #expect(played.answers(.createRequest) == [.created])
    let conditions = (0..<played.world.requestCount).map {
      played.world.request(at: $0).condition
    }
    #expect(conditions == ["Pending", "Pending"])
    #expect(played.events([.keyTaken, .reviewAllowed, .reviewRefused]).isEmpty)
    #expect(played.messages(.waitEnded) == ["timed out waiting for the condition"])
    #expect(played.settlement() == .nobodyApproves)
  }

  @Test func `O29 a CSR that was made again is another one to who waits for it`() throws {
    let played = try FailureStory.o(29).play()
    let name = played.world.request(at: 0).name
    #expect(
      played.messages(.waitEnded) == [
        "cannot watch on the certificate signing request: csr \"\(name)\" changed UIDs"
      ])
    // Deleted, and there again with another requester.
    let all = (0..<played.world.requestCount).map { played.world.request(at: $0) }
    let namesakes = all.filter { $0.name == name }
    #expect(namesakes.map(\.condition) == ["Pending (deleted)", "Approved,Issued"])
    #expect(
      namesakes.map { played.world.username(of: $0.requestor) }
        == ["system:bootstrap:abcdef", "kubernetes-admin"])
    // The network is back at 150 s; the watch comes about within its back-offs and dials, and then as
    // O28: the next attempt after 2 s.
    expectTimes(played.seconds(.waitEnded), [150...180])
    let creates = played.events(.requestAnswered, .createRequest)
      .filter { played.world.username(of: $0.actor) == "system:bootstrap:abcdef" }
      .map(PlayedScenario.seconds)
    expectTimes(zip(creates.dropFirst(), played.seconds(.waitEnded)).map { $0 - $1 }, [2...2.3])
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.settlement() == .ready)
  }

  @Test func `O29 in the foreground the next start goes on with the CSR that has its name`() throws
  {
    let played = try FailureStory.o(29).play()
    let ends = played.messages(.waitEnded, node: 1)
    #expect(ends.count == 1)
    #expect(ends.first?.hasSuffix("\" changed UIDs") == true)
    #expect(played.seconds(.kubeletExited, node: 1) == played.seconds(.waitEnded, node: 1))
    // Its own, that of who replaced it, and the one after its next start.
    #expect(
      played.events(.requestAnswered, .createRequest, node: 1).map(\.answer.code)
        == [201, 201, 409])
    #expect(played.answers(.getRequest, node: 1).contains(.ok))
    #expect(played.restarts(node: 1) == 1)
    #expect(played.settlement(node: 1) == .ready)
  }

  @Test func `O30 a CSR of the same key whose certificate has expired ends each start`() throws {
    let played = try FailureStory.o(30).play()
    let answers = played.answers(.createRequest)
    #expect(answers.map(\.code) == [201, 409])
    #expect(played.answers(.getRequest) == [.ok])
    #expect(
      played.messages(.attemptFailed) == [
        "retrieved csr is not compatible: one of the certificates for the CSR has expired: "
          + "2026-01-01 00:30:00 +0000 UTC"
      ])
    let exits = played.seconds(.kubeletExited)
    #expect(exits.count > 50)
    #expect(zip(exits.dropFirst(), exits).allSatisfy { (10.22...10.26).contains($0 - $1) })
    #expect(played.settlement() == .requestOutdated)
  }

  @Test func `O32 a saturated approver's CSRs are abandoned, and signed for nobody`() throws {
    let played = try FailureStory.o(32).play()
    #expect(played.messages(.waitEnded, node: nil) == ["timed out waiting for the condition"])
    let abandoned = Set(played.events(.waitEnded, node: nil).map(\.request))
    let issued = (0..<played.world.requestCount).filter {
      played.world.request(at: $0).condition == "Approved,Issued"
    }
    let forNobody = issued.filter { abandoned.contains(UInt32($0)) }
    #expect(forNobody.count >= 2)
    #expect(issued.count - forNobody.count == played.world.readyCount)
    // 0.5: two calls for each CSR, here 250 s apart.
    let waits = played.events(.limiterWaited, node: nil).map(\.value)
    #expect(waits.contains { $0 >= 250_000_000_000 })
    #expect(played.events(.kubeletExited, node: nil).isEmpty)
  }

  @Test func `O36 a killed kubelet makes a new CSR, and the old one's certificate is nobody's`()
    throws
  {
    let played = try FailureStory.o(36).play()
    #expect(played.answers(.createRequest) == [.created])
    expectTimes(played.seconds(.requestAnswered, .createRequest), [0.22...0.24, 130.22...130.24])
    let own = (0..<played.world.requestCount).map { played.world.request(at: $0) }
      .filter { !$0.name.hasPrefix("node-csr-") }
    #expect(own.map(\.condition) == ["Approved,Issued", "Approved,Issued"])
    #expect(played.events(.certificateFetched).count == 1)
    #expect(played.settlement() == .ready)
  }

  @Test func `O36 in the foreground a killed kubelet meets its own CSR and goes on with it`() throws
  {
    let played = try FailureStory.o(36).play()
    #expect(played.answers(.createRequest, node: 1).map(\.code) == [201, 409])
    #expect(played.answers(.getRequest, node: 1) == [.ok])
    let names = (0..<played.world.requestCount).map { played.world.request(at: $0).name }
    #expect(names.count { $0.hasPrefix("node-csr-") } == 1)
    #expect(played.settlement(node: 1) == .ready)
  }
}
