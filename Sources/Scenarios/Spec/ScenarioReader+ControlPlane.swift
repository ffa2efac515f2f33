import SimulationKernel
import TLSBootstrap

/// kube-apiserver and kube-controller-manager: keys of the scenario and kubeadm's extraArgs.
extension ScenarioReader {
  func readControlPlane(
    _ spec: Section, _ manifests: Manifests, _ clocks: ClockReader, _ scenario: inout Scenario
  ) {
    var flags = manifests.cluster
    readAPIServer(spec.section("apiServer"), &flags, clocks, &scenario.apiServer)
    readControllerManager(
      spec.section("controllerManager"), &flags.controllerManager, clocks,
      &scenario.controllerManager)
    let start = scenario.start
    if let validity = flags.certificateValidity,
      scenario.apiServer.servingCertificateNotAfter == nil
    {
      scenario.apiServer.servingCertificateNotAfter = later(start, validity.value)
    }
    if let validity = flags.authorityValidity, scenario.controllerManager.signingCANotAfter == nil {
      scenario.controllerManager.signingCANotAfter = later(start, validity.value)
    }
    readAuthority(spec.section("apiServer"), manifests)
    manifests.settleURL(&scenario.apiServer, key: spec.section("apiServer")?.string("url"))
    flags.apiServer.noteTheRest(reading)
    flags.controllerManager.noteTheRest(reading)
  }

  private func later(_ start: Int64, _ duration: Duration) -> Int64 {
    let (sum, overflow) = start.addingReportingOverflow(duration.nanoseconds)
    return overflow ? .max : sum
  }

  private func readAPIServer(
    _ section: Section?, _ flags: inout ClusterSettings, _ clocks: ClockReader,
    _ settings: inout APIServerSettings
  ) {
    reading.set(
      &settings.enableBootstrapTokenAuth, "enableBootstrapTokenAuth",
      section?.bool("enableBootstrapTokenAuth"),
      flags.apiServer.bool("enable-bootstrap-token-auth", reading))
    reading.set(
      &settings.anonymousAuth, "anonymousAuth", section?.bool("anonymousAuth"),
      flags.apiServer.bool("anonymous-auth", reading))
    readAdmission(section, &flags.apiServer, &settings)
    reading.set(
      &settings.authorizationModes, "authorizationMode", authorizationModes(section),
      authorizationModes(&flags.apiServer))
    readLimits(section, &flags.apiServer, &settings)
    guard let section else { return }
    settings.servingCertificateNotBefore = section.time("servingCertificateNotBefore")?.value
    settings.servingCertificateNotAfter = section.time("servingCertificateNotAfter")?.value
    settings.trustsSigningCA = section.bool("trustsSigningCA")?.value ?? settings.trustsSigningCA
    settings.clock = clocks.clock(section, "apiServer")
    if let replicas = section.integer("replicas") {
      settings.replicas = Int(replicas.value)
    }
    let balancings = APIServerSettings.Balancing.allCases.map { ($0.rawValue, $0) }
    settings.balancing = section.choice("balancing", balancings)?.value ?? settings.balancing
    if let before = settings.servingCertificateNotBefore,
      let after = settings.servingCertificateNotAfter, after < before
    {
      reading.fail(
        section.place(of: "servingCertificateNotAfter"),
        "`servingCertificateNotAfter` is before `servingCertificateNotBefore`",
        cure: "exchange the two")
    }
  }

  /// K.1 to K.3: what the server executes at once.
  private func readLimits(
    _ section: Section?, _ flags: inout ExtraArguments, _ settings: inout APIServerSettings
  ) {
    reading.set(
      &settings.enablePriorityAndFairness, "enablePriorityAndFairness",
      section?.bool("enablePriorityAndFairness"),
      flags.bool("enable-priority-and-fairness", reading))
    let reads = inFlight("maxRequestsInFlight", "max-requests-inflight", section, &flags)
    let writes = inFlight(
      "maxMutatingRequestsInFlight", "max-mutating-requests-inflight", section, &flags)
    settings.maxRequestsInFlight = reads.map { Int($0.value) } ?? settings.maxRequestsInFlight
    settings.maxMutatingRequestsInFlight =
      writes.map { Int($0.value) } ?? settings.maxMutatingRequestsInFlight
    guard settings.enablePriorityAndFairness, let place = (reads ?? writes)?.place,
      settings.maxRequestsInFlight + settings.maxMutatingRequestsInFlight == 0
    else { return }
    reading.fail(
      place,
      "maxRequestsInFlight and maxMutatingRequestsInFlight are both 0, so kube-apiserver would "
        + "not start",
      cure: "with priority and fairness their sum must be positive")
  }

  /// Up to far more than an API server can execute.
  static let requestsInFlight: ClosedRange<Int64> = 0...60_000

  private func inFlight(
    _ key: String, _ flag: String, _ section: Section?, _ flags: inout ExtraArguments
  ) -> Located<Int64>? {
    reading.settled(
      key, section?.integer(key),
      flags.take(flag).flatMap { reading.integer($0, "--\(flag)", in: Self.requestsInFlight) })
  }

  private func readAdmission(
    _ section: Section?, _ flags: inout ExtraArguments, _ settings: inout APIServerSettings
  ) {
    let plugins: [(String, WritableKeyPath<APIServerSettings, Bool>)] = [
      ("NodeRestriction", \.nodeRestriction), ("CertificateApproval", \.certificateApproval),
      ("CertificateSigning", \.certificateSigning),
      ("CertificateSubjectRestriction", \.certificateSubjectRestriction),
    ]
    let names = { (flag: Located<String>) in
      flag.map { $0.split(separator: ",").map(String.init) }
    }
    let enabled = flags.text("enable-admission-plugins").map(names)
    let disabled = flags.text("disable-admission-plugins").map(names)
    for (name, path) in plugins {
      var flag = disabled.flatMap { $0.value.contains(name) ? Located(false, at: $0.place) : nil }
      // On by kubeadm's `--enable-admission-plugins`, which an extraArg replaces; the others are by default.
      if name == "NodeRestriction" { flag = flag ?? enabled?.map { $0.contains(name) } }
      let key = name.prefix(1).lowercased() + name.dropFirst()
      reading.set(&settings[keyPath: path], key, section?.bool(key), flag)
    }
    for list in [enabled, disabled].compactMap({ $0 }) {
      let others = list.value.filter { name in !plugins.contains { $0.0 == name } }
      if others.isEmpty { continue }
      reading.note(
        list.place, "admission plugins are not modelled: \(others.joined(separator: ", "))")
    }
  }

  private static let modes: [(String, APIServerSettings.AuthorizationMode)] = [
    ("Node", .node), ("RBAC", .rbac), ("AlwaysAllow", .alwaysAllow), ("AlwaysDeny", .alwaysDeny),
  ]

  /// Those that kube-apiserver knows beside them.
  private static let otherModes = ["ABAC", "Webhook"]

  private func authorizationModes(
    _ section: Section?
  ) -> Located<[APIServerSettings.AuthorizationMode]>? {
    guard let section, section["authorizationMode"] != nil else { return nil }
    let modes = section.list("authorizationMode").compactMap {
      reading.choice($0, "authorizationMode", Self.modes)?.value
    }
    let place = section.place(of: "authorizationMode")
    noteAnonymous(modes, at: place)
    return Located(modes, at: place)
  }

  private func authorizationModes(
    _ flags: inout ExtraArguments
  ) -> Located<[APIServerSettings.AuthorizationMode]>? {
    guard let flag = flags.text("authorization-mode") else { return nil }
    let modes = flag.value.split(separator: ",").compactMap {
      name -> APIServerSettings.AuthorizationMode? in
      if let mode = Self.modes.first(where: { $0.0 == name }) { return mode.1 }
      let known = Self.modes.map(\.0) + Self.otherModes
      if Self.otherModes.contains(String(name)) {
        reading.note(flag.place, "authorization mode \(name) is not modelled: it has no opinion")
      } else {
        reading.fail(
          flag.place,
          "--authorization-mode has “\(name.prefix(60))”, so kube-apiserver would not start",
          cure: NearestKey.nearest(to: String(name), among: known).map { "did you mean `\($0)`?" }
            ?? "use \(KeyTable.list(known))")
      }
      return nil
    }
    noteAnonymous(modes, at: flag.place)
    return Located(modes, at: flag.place)
  }

  private func noteAnonymous(_ modes: [APIServerSettings.AuthorizationMode], at place: Place) {
    guard modes.contains(.alwaysAllow) else { return }
    reading.note(
      place, "anonymous requests are refused: AlwaysAllow switches --anonymous-auth off")
  }

  /// The CA of the serving certificate, against which kubeconfigs are held.
  private func readAuthority(_ section: Section?, _ manifests: Manifests) {
    guard let section,
      let key = section.one(
        of: ["certificateAuthority", "certificateAuthorityData"], needed: false),
      let value = section.string(key)
    else { return }
    if key == "certificateAuthority" {
      let file = FilePath.resolve(value.value, in: folder)
      manifests.authority = reading.text(of: file, namedAt: value.place).map { Array($0.utf8) }
    } else if let bytes = Base64.decode(value.value) {
      manifests.authority = bytes
    } else {
      reading.fail(value.place, "`\(key)` is no base64", cure: "copy it from a kubeconfig")
    }
  }
}

extension Manifests {
  /// The API server's URL: from the key, from kubeadm's configuration, or, when nothing else says
  /// it, from the kubeconfigs.
  func settleURL(_ settings: inout APIServerSettings, key: Located<String>?) {
    if let key { ServerURL.check(key, reading) }
    let known = reading.settled("the API server's URL", key, cluster.url) ?? cluster.localURL
    if let known {
      settings.url = known.value
      return
    }
    let servers = kubeconfigs.compactMap(\.server)
    guard let first = servers.first else { return }
    settings.url = first.value
    if let other = servers.first(where: { $0.value != first.value }) {
      reading.fail(
        other.place,
        "this kubeconfig names \(other.value), that at \(first.place.fileAndLine) \(first.value)",
        cure: "say in `spec.apiServer.url` which is the API server's")
    }
  }
}

enum ServerURL {
  /// Reports what client-go would not take for a server's URL.
  static func check(_ url: Located<String>, _ reading: Reading) {
    let rest = ["https://", "http://"].first(where: url.value.hasPrefix)
      .map { url.value.dropFirst($0.count) }
    if let rest, !rest.contains(where: \.isWhitespace), hasHost(rest) { return }
    reading.fail(
      url.place, "“\(url.value.prefix(100))” is no URL of an API server",
      cure: "write it like `https://192.0.2.1:6443`")
  }

  /// Whether a host that can be called comes first, and after its colon, if it has one, a port.
  private static func hasHost(_ rest: Substring) -> Bool {
    let authority = rest.prefix { !"/?#".contains($0) }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    let afterAddress = host.lastIndex(of: "]") ?? host.startIndex
    guard let colon = host[afterAddress...].firstIndex(of: ":") else { return !host.isEmpty }
    let port = host[colon...].dropFirst()
    let number = port.allSatisfy(Quantity.isDigit) ? UInt16(port) ?? 0 : 0
    return colon != host.startIndex && (port.isEmpty || number > 0)
  }
}
