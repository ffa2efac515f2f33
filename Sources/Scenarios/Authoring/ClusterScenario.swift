import TLSBootstrap

/// A scenario made of a dump of real objects, which stay as they are.
public struct ClusterScenario: Sendable {
  public let text: String
  /// What was chosen, and what could not be used; the text has them as comments, too.
  public let remarks: [String]

  /// - Parameters:
  ///   - folder: where the dump is, seen from the new file; empty or with a slash at its end.
  ///   - files: YAML and JSON files of the dump; their paths begin at its folder.
  /// - Throws: `ScenarioErrors` for what is no YAML.
  public init(name: String, folder: String, files: [(path: String, text: String)]) throws {
    let dump = try ClusterDump(files)
    let flags = ClusterFlags(dump)
    var remarks = Self.remarks(on: dump) + flags.remarks
    let start = dump.latest.map { "  start: \($0 == 0 ? "" : Timestamp.text($0))\n" } ?? ""
    let token = Self.token(of: dump, &remarks)
    let configurations = Self.configurations(of: dump, &remarks)
    self.remarks = remarks
    text =
      Self.head(name, remarks, folder) + start
      + (dump.hasRoles ? "" : "  preset: kubeadm\n")
      + Self.files(dump, folder) + Self.nodes(dump, token.kubeconfig) + token.definition
      + Self.section(
        "apiServer", dump.serverURL.map { [("url", $0)] } ?? [], flags.apiServer, [])
      + Self.section("controllerManager", [], flags.controllerManager, flags.controllers)
      + "  expect:\n  - {ready: all}\n" + configurations
  }

  private static func head(_ name: String, _ remarks: [String], _ folder: String) -> String {
    let comments = remarks.map { "# - \($0)\n" }.joined()
    return """
      # The cluster of \(folder.isEmpty ? "this folder" : folder), as `bootsim new --from-cluster` found it. Its \
      objects are used unchanged.
      \(comments)# yaml-language-server: $schema=scenario.schema.json
      apiVersion: \(ScenarioFile.apiVersion)
      kind: Scenario
      metadata:
        name: \(name)
      spec:

      """
  }

  private static func files(_ dump: ClusterDump, _ folder: String) -> String {
    guard !dump.usedFiles.isEmpty else { return "" }
    return "  files:\n" + dump.usedFiles.map { "  - \(quoted(folder + $0))\n" }.joined()
  }

  private static func nodes(_ dump: ClusterDump, _ kubeconfig: String) -> String {
    let names =
      dump.nodes.isEmpty ? "" : "    names:\n" + dump.nodes.map { "    - \(quoted($0))\n" }.joined()
    let start = dump.nodes.count > 1 ? "    start: {uniform: {from: 0s, to: 1m}}\n" : ""
    return "  nodes:\n  - name: workers\n" + names + start + kubeconfig
  }

  private static func section(
    _ name: String, _ first: [(key: String, value: String)],
    _ keys: [(key: String, value: String)], _ controllers: [(key: String, value: String)]
  ) -> String {
    guard !(first + keys + controllers).isEmpty else { return "" }
    let lines = (first + keys).map { "    \($0.key): \($0.value)\n" }.joined()
    let switches = controllers.map { "      \($0.key): \($0.value)\n" }.joined()
    return "  \(name):\n" + lines + (switches.isEmpty ? "" : "    controllers:\n" + switches)
  }

  /// Double quotes of JSON are those of YAML.
  private static func quoted(_ text: String) -> String { JSON.string(text).text() }
}

// MARK: What was chosen

extension ClusterScenario {
  /// The token with which the nodes come, and the definition of one where the dump has none.
  private static func token(
    of dump: ClusterDump, _ remarks: inout [String]
  ) -> (kubeconfig: String, definition: String) {
    guard !dump.tokens.isEmpty else {
      remarks.append("the dump has no bootstrap token: one was made up")
      return ("", "  tokens:\n  - token: abcdef.0123456789abcdef\n")
    }
    let now = dump.latest ?? Scenario().start
    let living = dump.tokens.filter { token in
      guard token.authenticates else { return false }
      return switch token.expiration {
      case .never: true
      case .at(let time): time > now
      case .unparsable: false
      }
    }
    let chosen = living.first ?? dump.tokens[0]
    if living.isEmpty {
      remarks.append("no token of the dump is good at spec.start: nodes come with \(chosen.id)")
    }
    guard dump.tokens.count > 1 else { return ("", "") }
    remarks.append("of \(dump.tokens.count) tokens nodes come with \(chosen.id)")
    return ("    bootstrapKubeconfig: {tokenID: \(quoted(chosen.id))}\n", "")
  }

  /// Objects inside ConfigMaps, as further documents.
  private static func configurations(
    of dump: ClusterDump, _ remarks: inout [String]
  ) -> String {
    var text = ""
    for (source, document) in dump.configurations {
      if source == "ConfigMap kubelet-config", dump.hasKubeletConfiguration {
        remarks.append("\(source) is not used: the dump has a KubeletConfiguration of its own")
        continue
      }
      text += "---\n# From \(source).\n\(document)\(document.hasSuffix("\n") ? "" : "\n")"
    }
    return text
  }

  private static func remarks(on dump: ClusterDump) -> [String] {
    var remarks: [String] = []
    if dump.nodes.isEmpty { remarks.append("the dump has no worker's Node: there is one node") }
    if !dump.controlPlaneNodes.isEmpty {
      let names = dump.controlPlaneNodes.joined(separator: ", ")
      remarks.append("nodes of the control plane do not join: \(names)")
    }
    if !dump.hasRoles {
      remarks.append("the dump has no RBAC objects: those of `kubeadm init` are used")
    }
    if dump.controllerManagers.isEmpty {
      remarks.append("no kube-controller-manager Pod: its flags have their defaults")
    }
    if dump.apiServers.isEmpty {
      remarks.append("no kube-apiserver Pod: its flags have their defaults")
    }
    let requests = dump.decisions.values.reduce(0, +)
    if requests > 0 {
      let list = dump.decisions.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      remarks.append(
        "\(requests) CSRs (\(list.joined(separator: ", "))) are not played; whoever "
          + "approves besides csrapproving goes into spec.approval")
    }
    for (kind, count) in dump.unused.sorted(by: { $0.key < $1.key }) {
      remarks.append("not used: \(count) × \(kind)")
    }
    return remarks
  }
}
