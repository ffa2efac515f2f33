import GRDB
import SimulationKernel
import TLSBootstrap

/// What is written when a run is over: dictionaries, objects, and the messages of what failed.
struct ClosingTables<Directory: TraceDirectory> {
  private let database: Database
  private let directory: Directory

  init(_ database: Database, directory: Directory) {
    self.database = database
    self.directory = directory
  }

  func write(after events: EventWriter) throws {
    let texts = try TextTable(database, "message")
    let messages = MessageTable(texts, directory)
    var users = events.users
    try DictionaryTables.write(to: database)
    try writeNodes()
    try writeRequests(texts, &users)
    try writeCertificates()
    try writeUsers(users)
    try write(events.failures, messages)
    try writeMessages(after: events, messages)
    try events.write(waitingWith: messages)
  }

  private func writeNodes() throws {
    let insert = try RawInsert(database, into: "node", columns: 10)
    for index in 0..<directory.nodeCount {
      let node = directory.node(at: index)
      insert.set(0, Int64(index))
      insert.set(1, node.name)
      insert.set(2, node.group)
      insert.set(3, node.rotateCertificates ? 1 : 0)
      insert.set(4, node.started == .never ? nil : node.started)
      insert.set(5, node.ready)
      insert.set(6, Int64(node.settlement.rawValue))
      insert.set(7, node.attempts)
      insert.set(8, node.restarts)
      insert.set(9, node.kind.rawValue)
      try insert.step()
    }
  }

  private func writeRequests(_ messages: TextTable, _ users: inout UserCalls) throws {
    let insert = try RawInsert(database, into: "csr", columns: 13)
    var signers = SignerTable(database)
    for index in 0..<directory.requestCount {
      let request = directory.request(at: index)
      users.note(request.requestor.packed, .none)
      insert.set(0, Int64(index))
      insert.set(1, request.name)
      if let node = request.node { insert.set(2, Int64(node.index)) }
      insert.set(3, try signers.id(of: request.signerName))
      insert.set(4, request.requestor.rowID)
      insert.set(5, request.created.nanoseconds)
      insert.set(6, request.approved)
      insert.set(7, request.denied)
      insert.set(8, request.failed)
      insert.set(9, request.issued)
      insert.set(10, try messages.id(of: request.condition))
      insert.set(11, try messages.id(of: request.reason))
      insert.set(12, try messages.id(of: request.message))
      try insert.step()
    }
  }

  private func writeCertificates() throws {
    let insert = try RawInsert(database, into: "certificate", columns: 7)
    for index in 0..<directory.certificateCount {
      let certificate = directory.certificate(at: index)
      insert.set(0, Int64(index))
      insert.set(1, certificate.serial)
      insert.set(2, Int64(certificate.request.index))
      if let node = certificate.node { insert.set(3, Int64(node.index)) }
      insert.set(4, certificate.signed.nanoseconds)
      insert.set(5, certificate.notBefore)
      insert.set(6, certificate.notAfter)
      try insert.step()
    }
  }

  /// Most users have one User-Agent for all they do; the calls with another are in `user_call`.
  private func writeUsers(_ users: UserCalls) throws {
    let texts = try TextTable(database, "user_agent")
    let user = try RawInsert(database, into: "user", columns: 4)
    let exception = try RawInsert(database, into: "user_call", columns: 3)
    let asked = try RawInsert(database, into: "asked", columns: 8)
    // One text for thousands of nodes, spelled once.
    var known: [AgentKey: Int?] = [:]
    try users.forEach { identity, calls in
      let agents = try calls.map { call in
        let key = AgentKey(client: identity.client, call: call)
        if let agent = known[key] { return agent }
        let agent = try texts.id(of: directory.userAgent(of: call, by: identity))
        known[key] = .some(agent)
        return agent
      }
      let usual = agents.lazy.compactMap(\.self).first
      user.set(0, identity.rowID)
      user.set(1, directory.username(of: identity))
      user.set(2, identity.client.rowID)
      user.set(3, usual)
      try user.step()
      if let request = directory.asked(by: identity) { try asked.step(identity, request) }
      for (call, agent) in zip(calls, agents) {
        guard let agent, agent != usual else { continue }
        exception.set(0, identity.rowID)
        exception.set(1, Int64(call.rawValue))
        exception.set(2, agent)
        try exception.step()
      }
    }
  }

  private struct AgentKey: Hashable {
    let client: Identity
    let call: Call
  }

  private func write(_ failures: FailureSorts, _ messages: MessageTable<Directory>) throws {
    let insert = try RawInsert(database, into: "failure", columns: 5)
    for (key, example) in failures.examples {
      guard let message = try messages.id(of: example) else { continue }
      insert.set(0, Int64(key.kind.rawValue))
      insert.set(1, Int64(key.call.rawValue))
      insert.set(2, Int64(key.answer.rawValue))
      insert.set(3, key.client.rowID)
      insert.set(4, message)
      try insert.step()
    }
  }

  private func writeMessages(
    after events: EventWriter, _ messages: MessageTable<Directory>
  ) throws {
    let insert = try RawInsert(database, into: "event_message", columns: 2)
    try events.visitWithMessage { event in
      guard let message = try messages.id(of: event) else { return }
      insert.set(0, Int64(event.id))
      insert.set(1, message)
      try insert.step()
    }
  }
}

extension RawInsert {
  fileprivate func set(_ column: Int32, _ instant: Instant?) {
    if let instant { set(column, instant.nanoseconds) }
  }

  fileprivate func step(_ identity: Identity, _ request: ForeignRequest) throws {
    set(0, identity.rowID)
    let texts = [
      request.verb, request.group, request.resource, request.subresource, request.namespace,
      request.name, request.path,
    ]
    for (column, text) in texts.enumerated() { set(Int32(column + 1), text) }
    try step()
  }
}
