import SimulationKernel
import TLSBootstrap

/// Reads `spec.nodes`.
struct NodeGroupReader {
  /// The most nodes of a scenario. Assumption: twice what the largest benchmark plays.
  static let mostNodes = 2_000_000
  /// They are numbered in 16 bits.
  private static let mostGroups = 10_000

  let reading: Reading
  let manifests: Manifests
  let folder: String
  /// Whether kubeadm set the nodes up, which forces `rotateCertificates` on.
  let isKubeadm: Bool
  let mayRepeatNames: Bool

  func groups(_ spec: Section) -> [NodeGroup] {
    let sections = spec.sections(
      "nodes", most: Self.mostGroups, instead: "; `count` makes many nodes of one group")
    if spec["nodes"] == nil || spec.list("nodes").isEmpty {
      spec.lacks("nodes", cure: "add a list with at least one group of nodes")
    }
    var groups: [NodeGroup] = []
    var total = 0
    var places: [String: Place] = [:]
    for section in sections {
      guard let group = group(section, room: Self.mostNodes - total) else { continue }
      reading.checkName(group.name, of: "group", at: section.place(of: "name"), &places)
      total += group.nodeNames.count
      groups.append(group)
    }
    if !mayRepeatNames { checkNodeNames(groups, places) }
    // The numbers of clients come after those of the nodes with kubelets.
    return groups.filter { $0.csrClient == nil } + groups.filter { $0.csrClient != nil }
  }

  private func group(_ section: Section, room: Int) -> NodeGroup? {
    var group = NodeGroup()
    if let name = section.string("name") {
      KubernetesName.check(name, "name of a group", reading)
      group.name = name.value
    } else if section["name"] == nil {
      section.lacks("name", cure: "name the group")
    }
    group.bootstrapKubeconfig = BootstrapKubeconfigReader(
      reading: reading, manifests: manifests, folder: folder
    ).kubeconfig(section)
    group.csrClient = CSRClientReader(reading: reading).client(section)
    if group.csrClient == nil {
      group.kubelet = kubelet(section)
      let runtime = section.choice("containerRuntime", [("Present", true), ("Absent", false)])
      group.hasContainerRuntime = runtime?.value ?? group.hasContainerRuntime
      let join = section.choice("join", [("None", false), ("Kubeadm", true)])
      group.joinsByKubeadm = join?.value ?? group.joinsByKubeadm
    }
    readClock(section, &group)
    let arrivals = ArrivalsReader(reading: reading, folder: folder).arrivals(section)
    group.arrivals = arrivals.arrivals
    guard
      let names = NodeNamesReader(reading: reading, room: room).names(
        section, group: group.name, times: arrivals.count)
    else { return nil }
    group.nodeNames = names
    if group.csrClient != nil { return group }
    group.disk = NodeDiskReader(
      reading: reading, manifests: manifests, folder: folder, nodeNames: names
    ).disk(section)
    return group
  }

  private func checkNodeNames(_ groups: [NodeGroup], _ places: [String: Place]) {
    var known = Set<String>(minimumCapacity: groups.reduce(0) { $0 + $1.nodeNames.count })
    for group in groups {
      for name in group.nodeNames where !known.insert(name).inserted {
        reading.fail(
          places[group.name] ?? Place(file: ""), "two nodes are called “\(name)”",
          cure: "rename one, or set `spec.allowDuplicateNodeNames: true`")
        // One mistake, not one for each node of the group.
        break
      }
    }
  }

  private func readClock(_ section: Section, _ group: inout NodeGroup) {
    guard let clock = section.section("clock", as: "Clock") else { return }
    let offset = ClockReader.offset(clock)
    let shift = Duration(nanoseconds: offset.lowerBound)
    let width = Duration(nanoseconds: offset.upperBound) - shift
    group.clockOffset = SignedDistribution(
      width == .zero ? .constant(.zero) : .uniform(from: .zero, to: width), shift: shift)
    group.clockDriftPPB = ClockReader.drift(clock)
  }

  private func kubelet(_ section: Section) -> KubeletSettings {
    let kubelet = section.section("kubelet")
    let file = configuration(kubelet?.string("configuration"))
    var settings = KubeletSettings()
    settings.rotateCertificates = rotatesCertificates(kubelet, file)
    reading.set(
      &settings.serverTLSBootstrap, "serverTLSBootstrap", kubelet?.bool("serverTLSBootstrap"),
      file?.serverTLSBootstrap)
    reading.set(
      &settings.registersNode, "registerNode", kubelet?.bool("registerNode"), file?.registerNode)
    readStatusFrequencies(kubelet, file, &settings)
    let heartbeats = kubelet?.choice("heartbeats", [("Derived", false), ("Played", true)])
    settings.playsHeartbeats = heartbeats?.value ?? settings.playsHeartbeats
    reading.set(
      &settings.restartSeconds, "restartSec",
      kubelet?.duration("restartSec", least: .milliseconds(1)), nil)
    return settings
  }

  private func readStatusFrequencies(
    _ kubelet: Section?, _ file: KubeletConfiguration?, _ settings: inout KubeletSettings
  ) {
    let update = reading.settled(
      "nodeStatusUpdateFrequency",
      kubelet?.duration("nodeStatusUpdateFrequency", least: .milliseconds(1)),
      file?.nodeStatusUpdateFrequency, text: Quantity.text)
    let report = reading.settled(
      "nodeStatusReportFrequency",
      kubelet?.duration("nodeStatusReportFrequency", least: .milliseconds(1)),
      file?.nodeStatusReportFrequency, text: Quantity.text)
    if let update {
      settings.nodeStatusUpdateFrequency = update.value
      settings.nodeStatusReportFrequency = update.value
    }
    if let report { settings.nodeStatusReportFrequency = report.value }
  }

  private func rotatesCertificates(_ kubelet: Section?, _ file: KubeletConfiguration?) -> Bool {
    let rotation = reading.settled(
      "rotateCertificates", kubelet?.bool("rotateCertificates"), file?.rotateCertificates)
    if let rotation { return rotation.value }
    guard let file else { return KubeletSettings().rotateCertificates }
    reading.note(
      file.place,
      "KubeletConfiguration without rotateCertificates: "
        + (isKubeadm ? "true, as kubeadm sets it" : "false, the kubelet's default"))
    return isKubeadm
  }

  /// The configuration of the file that the group names, else the only one of the input.
  private func configuration(_ file: Located<String>?) -> KubeletConfiguration? {
    let all = manifests.kubeletConfigurations
    if let file {
      let path = FilePath.resolve(file.value, in: folder)
      let found = all.filter { $0.place.file == path }
      return reading.only(
        found, "KubeletConfiguration", in: path, namedAt: file.place, cure: "name a file with one")
    }
    return all.count == 1 ? all[0] : nil
  }
}
