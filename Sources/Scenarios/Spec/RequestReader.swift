import SimulationKernel
import TLSBootstrap

/// Reads `spec.requests`.
struct RequestReader {
  let reading: Reading
  let manifests: Manifests
  /// nil: the names are not sure, because `--set` may have changed them.
  let nodeNames: Set<String>?

  /// How many entries a scenario may have: they are numbered in 16 bits.
  private static let mostEntries = 10_000

  func requests(_ spec: Section) -> [ClientRequest] {
    let sections = spec.sections(
      "requests", most: Self.mostEntries, instead: "; `every` and `count` repeat one")
    let entries = sections.compactMap { section in request(section).map { (section, $0) } }
    var places: [String: Place] = [:]
    for (section, entry) in entries {
      reading.checkName(entry.name, of: "request", at: section.place(of: "name"), &places)
    }
    let creators = entries.compactMap { _, entry -> String? in
      if case .create = entry.act { entry.name } else { nil }
    }
    for (section, entry) in entries { check(entry, section, creators) }
    return entries.map(\.1)
  }

  private func request(_ section: Section) -> ClientRequest? {
    let name = section.string("name")
    if section["name"] == nil { section.lacks("name", cure: "name the request") }
    let at = section.duration("at")
    let every = section.duration("every", least: .milliseconds(1))
    let count = section.integer("count")
    let credentials = section.section("as").map(credentials)
    let dryRun = section.bool("dryRun")
    guard let act = act(section), let name else { return nil }
    var request = ClientRequest(name: name.value, act: act)
    request.at = at?.value ?? request.at
    request.every = every?.value ?? request.every
    request.count = count.map { Int($0.value) } ?? request.count
    request.credentials = credentials ?? request.credentials
    request.isDryRun = dryRun?.value ?? request.isDryRun
    if let dryRun, dryRun.value, !request.act.canBeDry {
      reading.fail(
        dryRun.place, "`dryRun` is for what is written by one request",
        cure: "remove it, or write by create, update, delete or ask")
    }
    return request
  }

  private func act(_ section: Section) -> ClientRequest.Act? {
    switch section.one(
      of: ["create", "approve", "deny", "update", "delete", "replace", "ask"], needed: true)
    {
    case "create": section.section("create").flatMap(shape).map { .create($0) }
    case "approve":
      section.section("approve").flatMap(reference).map { .decide($0, .approve) }
    case "deny": section.section("deny").flatMap(reference).map { .decide($0, .deny) }
    case "delete": section.section("delete").flatMap(reference).map { .delete($0) }
    case "replace": section.section("replace").flatMap(reference).map { .replace($0) }
    case "update":
      section.section("update").flatMap { update in
        guard let reference = reference(update), let change = change(update) else { return nil }
        return .update(reference, change)
      }
    case "ask": section.section("ask").flatMap(foreign).map(\.act)
    default: nil
    }
  }
}

// MARK: Who

extension RequestReader {
  private func credentials(_ section: Section) -> ClientCredentials {
    var credentials = ownCredentials(section)
    credentials.impersonated = section.section("impersonate").map(impersonated)
    return credentials
  }

  private func impersonated(_ section: Section) -> ImpersonatedUser {
    var wanted = ImpersonatedUser()
    wanted.name = section.string("user")?.value ?? ""
    wanted.groups = section.strings("groups")?.map(\.value) ?? []
    wanted.uid = section.string("uid")?.value ?? ""
    if wanted == ImpersonatedUser() { section.lacks("user", cure: "say as whom it asks") }
    return wanted
  }

  private func ownCredentials(_ section: Section) -> ClientCredentials {
    var credentials = ClientCredentials()
    let others = ["anonymous", "token", "tokenID", "certificate"].filter { section[$0] != nil }
    if section["user"] != nil, let other = others.first {
      reading.fail(
        section.place(of: other), "`user` and `\(other)` exclude each other",
        cure: "keep one of them")
    }
    if let anonymous = section.bool("anonymous"), anonymous.value {
      if let other = others.first(where: { $0 != "anonymous" }) {
        reading.fail(
          section.place(of: other), "`anonymous` and `\(other)` exclude each other",
          cure: "keep one of them")
      }
      return .anonymous
    }
    if let user = section.string("user") {
      credentials.user = user.value
      credentials.groups = User.groups(ofClient: user.value)
    } else if !others.filter({ $0 != "anonymous" }).isEmpty {
      credentials = .anonymous
    }
    if let groups = section.strings("groups") {
      credentials.groups =
        User.authenticated(credentials.user ?? "", groups.map(\.value)).groups
      if credentials.user == nil {
        reading.fail(
          section.place(of: "groups"), "`groups` belong to a `user`",
          cure: "remove them: a token's and a certificate's are its own")
      }
    }
    credentials.token = token(section)
    credentials.certificate = section.section("certificate").flatMap(certificate)
    return credentials
  }

  private func token(_ section: Section) -> String? {
    _ = section.one(of: ["token", "tokenID"], needed: false)
    if let token = section.string("token") { return token.value }
    return section.string("tokenID").flatMap(manifests.token)?.value
  }

  private func certificate(_ section: Section) -> ClientCredentials.Certificate? {
    let handmade = [
      "commonName", "organizations", "notBefore", "notAfter", "issuer", "extendedKeyUsage",
    ].filter { section[$0] != nil }
    let source = section.one(of: ["node", "request"], needed: false)
    if let source, let other = handmade.first {
      reading.fail(
        section.place(of: other), "`\(source)` and `\(other)` exclude each other",
        cure: "keep one of them: a certificate made by hand is no node's")
    }
    if let node = section.string("node") { return .ofNode(node.value) }
    if let request = section.string("request") { return .ofRequest(request.value) }
    var made = HandmadeCertificate()
    made.commonName = section.string("commonName")?.value ?? ""
    made.organizations = section.strings("organizations")?.map(\.value) ?? []
    let least = Duration(nanoseconds: .min)
    made.notBefore = section.duration("notBefore", least: least)?.value ?? made.notBefore
    made.notAfter = section.duration("notAfter", least: least)?.value ?? made.notAfter
    made.isTrusted =
      section.choice("issuer", [("Cluster", true), ("Other", false)])?.value ?? true
    made.isForClients =
      section.choice("extendedKeyUsage", [("ClientAuth", true), ("ServerAuth", false)])?.value
      ?? true
    if made.notAfter < made.notBefore {
      reading.fail(
        section.place(of: "notAfter"), "`notAfter` is before `notBefore`", cure: "exchange the two")
      made.notAfter = made.notBefore
    }
    return .handmade(made)
  }
}

// MARK: What

extension RequestReader {
  private func reference(_ section: Section) -> RequestReference? {
    switch section.one(of: ["name", "of"], needed: true) {
    case "name": return section.string("name").map { .name($0.value) }
    case "of":
      guard let of = section.string("of") else { return nil }
      let parts = of.value.split(separator: "/", maxSplits: 1).map(String.init)
      if parts.count == 2, parts[0] == "node" { return .ofNode(parts[1]) }
      if parts.count == 2, parts[0] == "request" { return .ofRequest(parts[1]) }
      reading.fail(
        of.place, "“\(of.value.prefix(60))” names no CSR",
        cure: "write `node/NAME` or `request/NAME`, or give the CSR's `name`")
      return nil
    default: return nil
    }
  }

  private func change(_ section: Section) -> RequestChange? {
    let conditions: [(String, RequestChange.Condition)] = [
      ("Approved", .approved), ("Denied", .denied), ("Failed", .failed),
    ]
    let kind = section.one(of: ["add", "remove", "conditions", "certificate"], needed: true)
    let subresource =
      section.choice(
        "subresource", [("Approval", RequestChange.Subresource.approval), ("Status", .status)])?
      .value
    let change: RequestChange.Change?
    switch kind {
    case "add": change = section.choice("add", conditions).map { .add($0.value) }
    case "remove": change = section.choice("remove", conditions).map { .remove($0.value) }
    case "conditions": change = .conditions(section.sections("conditions").map(written))
    case "certificate":
      change = certificateToSet(section)
      if subresource == .approval {
        reading.fail(
          section.place(of: "subresource"), "an update of the approval keeps the certificate",
          cure: "write `subresource: Status`")
      }
    default: return nil
    }
    guard let change else { return nil }
    if kind == "conditions", let other = ["reason", "message"].first(where: { section[$0] != nil })
    {
      reading.fail(
        section.place(of: other), "`\(other)` is of one condition", cure: "move it to `conditions`")
    }
    var result = RequestChange(subresource ?? (kind == "certificate" ? .status : .approval), change)
    result.reason = section.string("reason")?.value ?? ""
    result.message = section.string("message")?.value ?? ""
    return result
  }

  /// Bytes that are a certificate would need its key to be played.
  private func certificateToSet(_ section: Section) -> RequestChange.Change? {
    guard let given = section.string("certificate") else { return nil }
    switch given.value {
    case "Cluster": return .certificate(isTrusted: true)
    case "Other": return .certificate(isTrusted: false)
    default:
      if case .success(let bytes) = Base64Text.decode(given.value),
        let problem = CertificatesPEM.problem(of: bytes)
      {
        return .badCertificate(problem)
      }
      reading.fail(
        given.place, "`certificate` is “\(given.value.prefix(60))”",
        cure: "write `Cluster`, `Other`, or the base64 of what is no certificate")
      return nil
    }
  }

  private func written(_ section: Section) -> WrittenCondition {
    var condition = WrittenCondition()
    condition.type = section.string("type")?.value ?? ""
    condition.status = section.string("status")?.value ?? ""
    condition.reason = section.string("reason")?.value ?? ""
    condition.message = section.string("message")?.value ?? ""
    section.ignore("lastUpdateTime", "lastTransitionTime")
    return condition
  }

  private func foreign(_ section: Section) -> ForeignRequest? {
    var request = ForeignRequest()
    guard let kind = section.one(of: ["resource", "path"], needed: true) else { return nil }
    let verbs = [
      "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection",
    ]
    request.verb = section.choice("verb", verbs.map { ($0, $0) })?.value ?? request.verb
    request.group = section.string("group")?.value ?? ""
    request.resource = section.string("resource")?.value ?? ""
    request.subresource = section.string("subresource")?.value ?? ""
    request.name = section.string("name")?.value ?? ""
    request.namespace = section.string("namespace")?.value ?? ""
    request.fieldSelector = section.string("fieldSelector")?.value ?? ""
    request.path = section.string("path")?.value ?? ""
    if kind == "path", !request.path.hasPrefix("/") {
      reading.fail(section.place(of: "path"), "`path` does not begin with /", cure: "add it")
    }
    if request.path.contains(where: { "?#".contains($0) }) {
      reading.fail(
        section.place(of: "path"), "`path` holds a query", cure: "end it before `?`")
    }
    request = request.resolved
    if kind == "resource", !request.isOfCollection, request.verb != "create",
      request.name.isEmpty
    {
      section.lacks("name", cure: "name the object that is meant")
    }
    if request.resource == "certificatesigningrequests", request.isWrite,
      !request.isPlayedOfCSR
    {
      reading.fail(
        section.place(of: kind), "this \(request.verb) of CSRs is not played by `ask`",
        cure: "use `create`, `approve`, `deny`, `update`, `delete` or `replace` of the request")
    }
    return request
  }

  /// Whether the nodes and requests that an entry names are there.
  private func check(_ entry: ClientRequest, _ section: Section, _ creators: [String]) {
    switch entry.credentials.certificate {
    case .ofNode(let name): checkNode(name, section.place(of: "as"))
    case .ofRequest(let name): checkCreator(name, creators, section.place(of: "as"))
    case .handmade, nil: break
    }
    let kinds = ["approve", "deny", "update", "delete", "replace"]
    guard let kind = kinds.first(where: { section[$0] != nil }) else { return }
    switch entry.act.reference {
    case .ofNode(let name): checkNode(name, section.place(of: kind))
    case .ofRequest(let name): checkCreator(name, creators, section.place(of: kind))
    case .name, nil: break
    }
  }

  private func checkNode(_ name: String, _ place: Place) {
    guard let nodeNames, !nodeNames.contains(name) else { return }
    reading.fail(
      place, "no node is called “\(name.prefix(60))”",
      cure: "use a name that `spec.nodes[].names` gives")
  }

  private func checkCreator(_ name: String, _ creators: [String], _ place: Place) {
    guard !creators.contains(name) else { return }
    let nearest = NearestKey.nearest(to: name, among: creators)
    reading.fail(
      place, "no request “\(name.prefix(60))” creates a CSR",
      cure: nearest.map { "did you mean `\($0)`?" } ?? "add one to `spec.requests`")
  }
}

extension ForeignRequest {
  private var isOfCSR: Bool {
    group == "certificates.k8s.io" && resource == "certificatesigningrequests"
      && subresource.isEmpty
  }

  /// A PUT or PATCH of the resource itself keeps spec and status (E.2); a deletion is as any other.
  fileprivate var isPlayedOfCSR: Bool { isOfCSR && ["update", "patch", "delete"].contains(verb) }

  fileprivate var act: ClientRequest.Act {
    isOfCSR && verb == "delete" && version == "v1" ? .delete(.name(name)) : .ask(self)
  }
}

extension ClientRequest.Act {
  /// Whether it is one request that writes.
  fileprivate var canBeDry: Bool {
    switch self {
    case .create, .update, .delete: true
    case .decide, .replace: false
    case .ask(let request): request.isWrite
    }
  }
}
