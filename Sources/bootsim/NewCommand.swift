import ArgumentParser
import Foundation
import Reporting
import Scenarios

struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Writes a scenario to start from, new or made from a real cluster's objects.",
    discussion: """
      With --from-cluster the folder has what kubectl get -o yaml gives (Secrets of bootstrap tokens, \
      roles and bindings, Nodes, CSRs, the ConfigMaps kubeadm-config, kubelet-config and cluster-info) \
      and the static Pods of the control plane. The scenario names these files and leaves them as they \
      are; what it cannot use is told. Exit codes: 0 good, 64 usage, 65 a file that is no YAML, 74 \
      input or output failed.
      """)

  @Argument(help: "Name of the scenario; without it that of the file or folder.")
  var name: String?

  @Option(parsing: .unconditional, help: "How many nodes join.")
  var nodes: Int?

  @Option(
    help: ArgumentHelp("Makes it from the objects in this folder.", valueName: "folder"),
    completion: .directory)
  var fromCluster: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Where it goes; without it, it is printed.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var output: String?

  @Flag(help: "Lets --output replace a file.")
  var force = false

  func validate() throws {
    try OutputFile.checkIsNoFormat(output, instead: "-o my-scenario.yaml; it is YAML")
    if let nodes, !(1...NewScenario.mostNodes).contains(nodes) {
      throw ValidationError("--nodes is \(nodes); give 1 to \(NewScenario.mostNodes)")
    }
    if nodes != nil, fromCluster != nil {
      throw ValidationError("--nodes and --from-cluster exclude each other; keep one of them")
    }
    if name != nil || output != nil, !NewScenario.isName(title) {
      throw ValidationError(
        "“\(title)” cannot be the name of a scenario; use \(NewScenario.namesHave)")
    }
  }

  func run() throws {
    try withExitCodes {
      let text = try fromCluster.map(cluster) ?? NewScenario(name: title, nodes: nodes ?? 20).text
      guard let output else { return print(text, terminator: "") }
      try OutputFile.write(text, to: output, force: force)
      Console.tell("wrote \(output); play it: bootsim run \(ShellWord.quoted(output))")
    }
  }

  private var title: String {
    name ?? output.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
      ?? "my-scenario"
  }

  private func cluster(_ folder: String) throws -> String {
    let files = try Self.files(in: folder)
    guard !files.isEmpty else {
      throw OutputFailure(
        description: "\(folder) has no YAML file; put what kubectl get -o yaml prints there")
    }
    let own = URL(fileURLWithPath: folder).standardizedFileURL
    let target = URL(fileURLWithPath: output ?? "x").standardizedFileURL.deletingLastPathComponent()
    let ofFolder = own.lastPathComponent.lowercased()
    let isNamedAfterFolder = name == nil && output == nil && NewScenario.isName(ofFolder)
    let scenario = try ClusterScenario(
      name: isNamedAfterFolder ? ofFolder : title,
      folder: Self.path(from: target.pathComponents, to: own.pathComponents), files: files)
    for remark in scenario.remarks { Console.tell("note: \(remark)") }
    return scenario.text
  }

  /// YAML and JSON files at any depth, by their paths below the folder.
  private static func files(in folder: String) throws -> [(path: String, text: String)] {
    guard FileManager.default.isFolder(folder),
      let names = FileManager.default.enumerator(atPath: folder)
    else { throw OutputFailure(description: "\(folder): there is no such folder") }
    return try names.compactMap { $0 as? String }
      .filter { name in [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) } }.sorted()
      .map { name in
        do {
          return (name, try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
        } catch {
          throw OutputFailure(description: "\(folder)/\(name) cannot be read as UTF-8")
        }
      }
  }

  /// `../dump/`; empty for the folder itself.
  private static func path(from folder: [String], to other: [String]) -> String {
    let common = zip(folder, other).prefix { $0 == $1 }.count
    let steps = folder.dropFirst(common).map { _ in ".." } + other.dropFirst(common)
    return steps.map { "\($0)/" }.joined()
  }
}
