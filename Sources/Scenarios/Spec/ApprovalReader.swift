import SimulationKernel
import TLSBootstrap

/// Reads `spec.approval`.
struct ApprovalReader {
  /// They are numbered in 16 bits.
  private static let mostPolicies = 10_000

  let reading: Reading
  let clocks: ClockReader
  let administratorClock: ClockSkew

  func policies(_ spec: Section) -> [ApproverSettings] {
    var places: [String: Place] = [:]
    return spec.sections("approval", most: Self.mostPolicies).compactMap { section in
      guard let policy = policy(section) else { return nil }
      reading.checkName(policy.name, of: "policy", at: section.place(of: "name"), &places)
      return policy
    }
  }

  private func policy(_ section: Section) -> ApproverSettings? {
    let kind: ApproverSettings.Kind
    switch section.one(of: ["manual", "external"], needed: true) {
    case "manual": kind = .manual(section.section("manual").map(manual) ?? .init())
    case "external": kind = .external(section.section("external").map(external) ?? .init())
    default: return nil
    }
    var policy = ApproverSettings(kind: kind)
    if let name = section.string("name") {
      policy.name = name.value
    } else if section["name"] == nil {
      section.lacks("name", cure: "name the policy")
    }
    if let decision = section.choice(
      "decision", [("Approve", ApproverSettings.Decision.approve), ("Deny", .deny)]),
      decision.value == .deny
    {
      policy.decision = .deny
      policy.reason = "KubectlDeny"
      policy.message = "This CSR was denied by kubectl certificate deny."
    }
    policy.reason = section.string("reason")?.value ?? policy.reason
    policy.message = section.string("message")?.value ?? policy.message
    readIdentity(section, &policy)
    readClock(section, kind, &policy)
    if let matching = section.section("matching") { policy.matching = self.matching(matching) }
    return policy
  }

  private func readIdentity(_ section: Section, _ policy: inout ApproverSettings) {
    if let user = section.string("user") {
      policy.user = user.value
      policy.groups = User.groups(ofClient: user.value)
    }
    if let groups = section.strings("groups") {
      policy.groups = User.authenticated(policy.user, groups.map(\.value)).groups
    }
  }

  private func readClock(
    _ section: Section, _ kind: ApproverSettings.Kind, _ policy: inout ApproverSettings
  ) {
    if section["clock"] != nil {
      policy.clock = clocks.clock(section, "approval/\(policy.name)")
    } else if case .manual = kind {
      policy.clock = administratorClock
    }
  }

  private func matching(_ section: Section) -> ApproverSettings.Matching {
    var matching = ApproverSettings.Matching()
    matching.signerName =
      section.choice("signerName", SignerName.allCases.map { ($0.text, $0) })?.value
    matching.requestor = section.string("requestor")?.value
    matching.nodeName = section.string("nodeName")?.value
    return matching
  }

  private func manual(_ section: Section) -> ApproverSettings.Manual {
    var manual = ApproverSettings.Manual()
    manual.firstLook = section.duration("firstLook")?.value ?? manual.firstLook
    manual.every =
      section.duration("every", least: .milliseconds(1))?.value ?? manual.every
    manual.batch = section.integer("batch").map { Int($0.value) }
    manual.timePerRequest = section.distribution("timePerRequest") ?? manual.timePerRequest
    manual.workingHours = section.string("workingHours").flatMap(hours)
    if section["workingDays"] != nil { manual.workingDays = days(section) }
    return manual
  }

  private func hours(_ text: Located<String>) -> Range<Int64>? {
    let parts = text.value.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let from = Quantity.timeOfDay(parts[0]),
      let to = Quantity.timeOfDay(parts[1])
    else {
      reading.fail(
        text.place, "“\(text.value.prefix(60))” are no working hours",
        cure: "write them like `09:00-17:00`")
      return nil
    }
    guard from != to else {
      reading.fail(
        text.place, "working hours end when they begin", cure: "write `00:00-24:00` for all day")
      return nil
    }
    return from..<(from < to ? to : to + 86_400)
  }

  private func days(_ section: Section) -> UInt8 {
    let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let choices = names.enumerated().map { ($1, UInt8(1) << UInt8($0)) }
    var days: UInt8 = 0
    for value in section.list("workingDays") {
      days |= reading.choice(value, "workingDays", choices)?.value ?? 0
    }
    if days == 0 {
      reading.fail(
        section.place(of: "workingDays"), "no working day", cure: "give at least one")
    }
    return days
  }

  private func external(_ section: Section) -> ApproverSettings.External {
    var external = ApproverSettings.External()
    external.workers =
      section.integer("workers").map { Int($0.value) } ?? external.workers
    external.milliQPS = section.rate("qps")?.value ?? external.milliQPS
    external.burst = section.integer("burst")?.value ?? external.burst
    external.serviceTime = section.distribution("serviceTime") ?? external.serviceTime
    external.callsPerRequest =
      section.integer("callsPerRequest").map { Int($0.value) }
      ?? external.callsPerRequest
    return external
  }
}

extension User {
  /// The groups that the API server finds for a user: those of kubernetes-admin's certificate, or a service
  /// account's.
  static func groups(ofClient name: String) -> [String] {
    let administrator = ClientCredentials()
    if name == administrator.user { return administrator.groups }
    return authenticated(name, groups(ofServiceAccount: name) ?? []).groups
  }
}
