import SimulationKernel
import TLSBootstrap

/// Reads the scenario's own document and, by way of `Manifests`, the Kubernetes objects beside it.
struct ScenarioReader {
  let reading: Reading
  let path: String
  let seed: UInt64?
  var isOverridden = false

  func read(_ text: String, overrides: [String]) -> (Scenario?, [Expectation]) {
    let documents = reading.documents(of: text, file: path)
    guard var document = scenarioDocument(among: documents) else { return (nil, []) }
    if !overrides.isEmpty {
      reading.addInput(ScenarioFile.overridesPath, overrides.joined(separator: "\n"))
    }
    for override in overrides { Override(override).apply(to: &document, reading) }
    reading.places = ListPlaces(document)
    document = Override.withoutEmptied(document)
    reading.document = document
    let objects = documents.filter { $0["kind"]?.text != "Scenario" }
    guard let top = Section(document, "", reading), let spec = readHead(top) else {
      return (nil, [])
    }
    var scenario = Scenario()
    scenario.name = name(top)
    readRun(spec, &scenario)
    readCluster(spec, objects, &scenario)
    readLatency(spec, &scenario.latency)
    checkHorizon(scenario, spec)
    let namesNodes = spec.value["expect"]?.elements?.contains { $0["node"] != nil } ?? false
    let expectations = ExpectationReader(
      reading: reading, nodeNames: nodeNames(of: scenario, if: namesNodes))
    return (scenario, expectations.expectations(spec))
  }

  /// What names of nodes are compared with, if any are; nil where an override may have renamed them.
  private func nodeNames(of scenario: Scenario, if areNamed: Bool) -> Set<String>? {
    areNamed && !isOverridden ? Set(scenario.groups.flatMap(\.nodeNames)) : nil
  }

  /// Objects, control plane, nodes and approvers.
  private func readCluster(
    _ spec: Section, _ objects: [YAMLValue], _ scenario: inout Scenario
  ) {
    let clocks = ClockReader(reading: reading, seed: scenario.seed)
    let administratorClock =
      spec.section("administrator").map { clocks.clock($0, "administrator") } ?? .none
    scenario.administratorClock = administratorClock
    let tokenClock = TokenClock(start: scenario.start, skew: administratorClock)
    let manifests = readManifests(objects, spec, tokenClock: tokenClock)
    readTokens(spec, manifests, tokenClock)
    let isPreset = spec.choice("preset", [("kubeadm", true)])?.value ?? false
    // J.5: kubeadm starts it with `--controllers=*,bootstrapsigner,tokencleaner`.
    scenario.controllerManager.tokencleaner = isPreset || manifests.hasKubeadm
    scenario.controllerManager.bootstrapsigner = isPreset || manifests.hasKubeadm
    readControlPlane(spec, manifests, clocks, &scenario)
    scenario.secrets = manifests.secrets.map(\.value)
    scenario.roles = manifests.roles.map(\.value)
    scenario.bindings = manifests.bindings.map(\.value)
    scenario.existingNodes = manifests.nodes
    scenario.existingReadyNodes = manifests.readyNodes
    scenario.existingLeases = manifests.leases
    if isPreset { KubeadmPreset.add(to: &scenario) }
    scenario.allowsDuplicateNodeNames = spec.bool("allowDuplicateNodeNames")?.value ?? false
    scenario.groups = NodeGroupReader(
      reading: reading, manifests: manifests, folder: folder,
      isKubeadm: isPreset || manifests.hasKubeadm,
      mayRepeatNames: scenario.allowsDuplicateNodeNames
    ).groups(spec)
    scenario.approvers = ApprovalReader(
      reading: reading, clocks: clocks, administratorClock: administratorClock
    ).policies(spec)
    scenario.requests = RequestReader(
      reading: reading, manifests: manifests,
      nodeNames: nodeNames(of: scenario, if: spec.value["requests"] != nil)
    ).requests(spec)
    scenario.faults = FaultReader(reading: reading, scenario: scenario).faults(spec)
  }

  /// The one document of kind Scenario.
  private func scenarioDocument(among documents: [YAMLValue]) -> YAMLValue? {
    let scenarios = documents.filter { $0["kind"]?.text == "Scenario" }
    for other in scenarios.dropFirst() {
      reading.fail(
        other.place,
        "a second document of kind Scenario; the first is on line "
          + "\(scenarios[0].place.line)", cure: "put it into a file of its own")
    }
    if let scenario = scenarios.first { return scenario }
    // A mistake of syntax may have hidden it.
    if reading.errors.isEmpty { failWithoutScenario(documents) }
    return nil
  }

  private func failWithoutScenario(_ documents: [YAMLValue]) {
    let meant = documents.compactMap { $0["kind"] }.first { kind in
      kind.text.map(Self.isNearlyScenario) ?? false
    }
    if let meant {
      return reading.fail(
        meant.place, "kind “\((meant.text ?? "").prefix(60))” is not known",
        cure: "write `kind: Scenario`")
    }
    reading.fail(
      documents.first?.place ?? Place(file: path, line: 1, column: 1),
      "no document of kind Scenario",
      cure: "begin with `apiVersion: \(ScenarioFile.apiVersion)` and `kind: Scenario`")
  }

  /// Whether a kind is Scenario, or hardly more than a slip from it.
  static func isNearlyScenario(_ kind: String) -> Bool {
    kind == "Scenario" || NearestKey.nearMiss(kind, of: ["Scenario"]) != nil
  }

  private func readHead(_ top: Section) -> Section? {
    _ = top["kind"]
    let version = top.string("apiVersion")
    if version?.value != ScenarioFile.apiVersion {
      reading.fail(
        top.place(of: "apiVersion"),
        version.map { "apiVersion “\($0.value.prefix(60))” is not known" } ?? "no apiVersion",
        cure: "write `apiVersion: \(ScenarioFile.apiVersion)`")
    }
    if top["spec"] == nil { top.lacks("spec", cure: "add `spec:` with at least `nodes`") }
    return top.section("spec")
  }

  private func name(_ top: Section) -> String {
    guard let metadata = top.section("metadata") else {
      if top["metadata"] == nil { top.lacks("metadata", cure: "add `metadata:` with a `name`") }
      return ""
    }
    guard let name = metadata.string("name") else {
      if metadata["name"] == nil { metadata.lacks("name", cure: "name the scenario") }
      return ""
    }
    KubernetesName.check(name, "name of the scenario", reading)
    return name.value
  }

  private func readRun(_ spec: Section, _ scenario: inout Scenario) {
    if let given = spec["seed"] {
      if let text = given.text, let number = UInt64(text) {
        scenario.seed = number
      } else {
        reading.fail(
          given.place, "`seed` is \(given.kindName)",
          cure: "give a whole number from 0 to \(UInt64.max)")
      }
    }
    if let seed { scenario.seed = seed }
    if let start = spec.time("start") {
      // 2200-01-01T00:00:00Z.
      if start.value < 7_258_118_400_000_000_000 {
        scenario.start = start.value
      } else {
        reading.fail(start.place, "`start` is after 2199", cure: "give an earlier time")
      }
    }
    scenario.duration = spec.duration("duration", least: Duration(nanoseconds: 1))?.value
    let stop = spec.choice(
      "stopWhen",
      [("Settled", Scenario.StopCondition.settled), ("AllReady", .ready), ("Never", .duration)])
    scenario.stop = stop?.value ?? (scenario.duration == nil ? .settled : .duration)
    if stop?.value == .duration, spec["duration"] == nil {
      reading.fail(
        spec.place(of: "stopWhen"), "nothing ends the run", cure: "add `spec.duration`")
    }
  }

  /// The folder of the scenario, with a slash at its end, or empty.
  var folder: String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  private func readManifests(
    _ objects: [YAMLValue], _ spec: Section, tokenClock: TokenClock
  ) -> Manifests {
    let manifests = Manifests(reading: reading, tokenClock: tokenClock)
    for object in objects { manifests.add(object) }
    let named = spec.strings("files") ?? []
    for file in named where FilePath.resolve(file.value, in: folder) == path {
      reading.fail(
        file.place, "“\(file.value)” is this scenario itself",
        cure: "leave it out: its other documents are read anyway")
    }
    let files =
      named
      + spec.sections("nodes").flatMap { group in
        [
          group.section("bootstrapKubeconfig")?.string("file"),
          group.section("kubeconfig")?.string("file"),
          group.section("kubelet")?.string("configuration"),
        ].compactMap { $0 }
      }
    var known: Set<String> = [path]
    for file in files {
      let full = FilePath.resolve(file.value, in: folder)
      guard known.insert(full).inserted, let text = reading.text(of: full, namedAt: file.place)
      else { continue }
      for object in reading.documents(of: text, file: full) { manifests.add(object) }
    }
    manifests.finish()
    reading.manifests = manifests
    return manifests
  }

  private func readLatency(_ spec: Section, _ settings: inout Latencies) {
    guard let section = spec.section("latency") else { return }
    if let profile = section.string("profile") {
      LatencyProfileReader(reading: reading, folder: folder).read(profile, &settings)
    }
    settings.take(section)
  }

  /// Whether every time that the run can reach fits 64 bits of nanoseconds.
  private func checkHorizon(_ scenario: Scenario, _ spec: Section) {
    let parts = [
      scenario.duration ?? .days(1), ClockReader.greatestOffset,
      scenario.controllerManager.clusterSigningDuration, .days(3_660),
    ]
    var latest = scenario.start
    for part in parts {
      let (sum, overflow) = latest.addingReportingOverflow(part.nanoseconds)
      guard !overflow else {
        reading.fail(
          spec["start"] == nil ? spec.place(of: "duration") : spec.place(of: "start"),
          "start, duration and clusterSigningDuration reach beyond the year 2262",
          cure: "start earlier, or shorten them")
        return
      }
      latest = sum
    }
  }
}
