import SimulationKernel

/// The clients of `spec.requests` as far as they do not change during a run: who they are, once
/// authenticated, and what CSRs they write.
struct ClientTable: Sendable {
  /// Two for each entry: who it is by its certificate, and else; then those who entries act as. Numbers of
  /// `Identity(.client)`.
  private(set) var users: [User] = []
  /// By entry: the number of the first of the users that it acts as; nil: it acts as nobody else.
  private var impersonated: [Int?] = []
  /// The entries of these users.
  private var impersonators: [Int] = []
  /// The token of each entry, by its number in the table of tokens; nil: none that the server sees.
  private(set) var tokens: [Int?] = []
  private var shapes: [RequestShape] = []
  private var shapeOfEntry: [UInt16] = []

  private static let nobody = User(name: "", groups: [])

  init(_ scenario: Scenario, tokens table: inout TokenTable) {
    precondition(scenario.requests.count < Int(UInt16.max), "more than 65,534 requests")
    for entry in scenario.requests {
      let credentials = entry.credentials
      let token = credentials.token.flatMap { table.number(of: $0) }
      tokens.append(token)
      users.append(credentials.certificate.map { Self.subject(of: $0, scenario) } ?? Self.nobody)
      if let token {
        users.append(table.tokens[token].user)
      } else {
        users.append(credentials.user.map { .authenticated($0, credentials.groups) } ?? Self.nobody)
      }
      if case .create(let shape) = entry.act {
        shapes.append(shape)
        shapeOfEntry.append(UInt16(shapes.count))
      } else {
        shapeOfEntry.append(0)
      }
    }
    for (number, entry) in scenario.requests.enumerated() {
      guard let wanted = entry.credentials.impersonated else {
        impersonated.append(nil)
        continue
      }
      impersonated.append(users.count)
      for _ in Impersonator.allCases {
        users += [false, true].map { User.impersonated(wanted, isConstrained: $0) }
      }
      impersonators += Array(repeating: number, count: 2 * Impersonator.allCases.count)
    }
  }

  /// C.5: CN and O of the certificate.
  private static func subject(
    of certificate: ClientCredentials.Certificate, _ scenario: Scenario
  ) -> User {
    switch certificate {
    case .ofNode(let name):
      return User(name: "system:node:\(name)", groups: ["system:nodes", "system:authenticated"])
    case .ofRequest(let name):
      guard case .create(let shape) = scenario.requests.first(where: { $0.name == name })?.act,
        let request = shape.request
      else { return nobody }
      return User.authenticated(request.commonName, request.organizations)
    case .handmade(let certificate):
      return User.authenticated(certificate.commonName, certificate.organizations)
    }
  }

  static func byCertificate(_ entry: Int) -> Identity { Identity(.client, entry * 2) }
  static func byTokenOrName(_ entry: Int) -> Identity { Identity(.client, entry * 2 + 1) }

  func entry(of identity: Identity) -> Int {
    let own = impersonated.count * 2
    return identity.number < own ? identity.number / 2 : impersonators[identity.number - own]
  }

  /// Who a client is that acts as somebody else.
  private enum Impersonator: Int, CaseIterable { case byCertificate, byTokenOrName, anonymous }

  /// Who is taken for somebody else.
  ///
  /// - Parameter isConstrained: by another permission than `impersonate`.
  func impersonated(by requestor: Identity, entry: Int, isConstrained: Bool) -> Identity {
    let impersonator: Impersonator =
      requestor.kind == .anonymous
      ? .anonymous : requestor == Self.byCertificate(entry) ? .byCertificate : .byTokenOrName
    guard let first = impersonated[entry] else {
      preconditionFailure("entry \(entry) of spec.requests acts as nobody else")
    }
    return Identity(.client, first + impersonator.rawValue * 2 + (isConstrained ? 1 : 0))
  }

  /// Who it is that acts as this one, and whether by another permission than `impersonate`; nil: it is itself.
  func impersonator(of identity: Identity) -> (identity: Identity, isConstrained: Bool)? {
    let place = identity.number - impersonated.count * 2
    guard identity.kind == .client, place >= 0, let first = impersonated[entry(of: identity)] else {
      return nil
    }
    let (entry, number) = (entry(of: identity), identity.number - first)
    let requestor: Identity =
      switch Impersonator(rawValue: number / 2) {
      case .byCertificate: Self.byCertificate(entry)
      case .byTokenOrName: Self.byTokenOrName(entry)
      case .anonymous, nil: Identity(.anonymous, sentBy: .client, entry: UInt32(entry))
      }
    return (requestor, number % 2 == 1)
  }

  /// - Parameter number: of a stored CSR, from 1.
  func shape(_ number: UInt16) -> RequestShape { shapes[Int(number) - 1] }

  func shape(ofEntry entry: Int) -> UInt16 { shapeOfEntry[entry] }
}

/// What the clients of `spec.requests` did and were told so far.
struct ClientRecords: Sendable {
  /// The latest CSR that each entry created, or `TraceEvent.none`.
  var requests: [UInt32]
  /// Draws of latencies and names.
  var draws: UInt32 = 0
  /// What the client is told whose request is being done.
  var told: String?
  /// The requests, by call, that get no further than the door; asked, never walked.
  var refusals: [UInt32: Refusal] = [:]
  /// By user and start of the API server: how it could act as somebody else the last time.
  var impersonations: [String: Impersonation.Mode] = [:]
  /// What was told about events, in their order.
  private var words = NotedTexts()
  /// Which Secrets the requests of tokencleaner were about, by the events that tell of them.
  private var secrets = NotedTexts()

  /// Who asked, as far as that is known, and what it is told.
  struct Refusal: Sendable {
    let requestor: Identity
    let answer: Answer
    let words: String
  }

  init(entries: Int) {
    requests = Array(repeating: TraceEvent.none, count: entries)
  }

  mutating func note(_ text: String, of event: UInt32) { words.note(text, of: event) }

  /// - Parameter event: the answer.
  mutating func noteTold(by event: UInt32) {
    if let told { note(told, of: event) }
  }

  func words(of event: UInt32) -> String? { words.text(of: event) }

  mutating func noteSecret(_ name: String, of event: UInt32) { secrets.note(name, of: event) }

  func secret(of event: UInt32) -> String? { secrets.text(of: event) }
}

/// Texts that belong to events, of which few have one.
struct NotedTexts: Sendable {
  private var texts: [(event: UInt32, text: String)] = []

  /// - Parameter event: later than all before; 0: nothing is recorded.
  mutating func note(_ text: String, of event: UInt32) {
    if event != 0 { texts.append((event, text)) }
  }

  func text(of event: UInt32) -> String? {
    var (low, high) = (0, texts.count)
    while low < high {
      let middle = (low + high) / 2
      if texts[middle].event < event { low = middle + 1 } else { high = middle }
    }
    return low < texts.count && texts[low].event == event ? texts[low].text : nil
  }
}
