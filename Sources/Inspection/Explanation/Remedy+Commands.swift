import Foundation
import Scenarios

extension Remedy {
  /// One line for a shell, or of a remark where it begins with `#`, and where it is typed.
  package struct Command: Hashable, Sendable {
    package let text: String
    package let host: Host
    /// Where the host is `node`: which ones.
    package fileprivate(set) var nodes: [String]

    /// `each of: worker-1, worker-2, worker-3, … (7 more)`.
    package var place: String {
      guard host == .node else { return host.rawValue }
      guard nodes.count > 1 else { return nodes.first ?? "the node" }
      let more = nodes.count - Self.mostNames
      return "each of: " + nodes.prefix(Self.mostNames).joined(separator: ", ")
        + (more > 0 ? ", … (\(Quantity.count(more)) more)" : "")
    }

    private static let mostNames = 3
  }

  package enum Host: String, Hashable, Sendable {
    case node
    case controlPlane = "a control-plane node"
    case everyControlPlane = "every control-plane node"
    case administrator = "an administrator's host, with kubectl"
  }
}

extension Remedy.Command {
  static func on(_ node: NodeCase, _ text: String) -> Self {
    Self(text: text, host: .node, nodes: [node.name])
  }

  static func onControlPlane(_ text: String) -> Self {
    Self(text: text, host: .controlPlane, nodes: [])
  }

  static func onEveryControlPlane(_ text: String) -> Self {
    Self(text: text, host: .everyControlPlane, nodes: [])
  }

  /// Flags of a static pod of kubeadm's, in place of what they are set to; the kubelet starts it anew.
  ///
  /// - Parameter flags: with their values, `--kube-api-qps=40`.
  static func settingFlags(_ flags: [String], of component: String) -> Self {
    let names = flags.map { flag in flag.dropFirst(2).prefix { $0 != "=" } }
    let old = names.count == 1 ? names.joined() : "\\(\(names.joined(separator: "\\|"))\\)"
    let new = flags.map { "\\n\\1\($0)" }.joined()
    return onEveryControlPlane(
      "sed -i -e '/- --\(old)=/d' -e 's|^\\( *- \\)\(component)$|&\(new)|' "
        + "/etc/kubernetes/manifests/\(component).yaml")
  }

  /// Those of kubeadm.
  static let runsControllers = settingFlags(
    ["--controllers=*,bootstrapsigner,tokencleaner"], of: "kube-controller-manager")

  static func asAdministrator(_ text: String) -> Self {
    Self(text: text, host: .administrator, nodes: [])
  }
}

// MARK: Of several nodes

extension Remedy {
  /// What separates the documents of a manifest.
  static let documentEnd = "\n---\n"
  /// How many lines that differ from node to node are told.
  private static let mostLikeIt = 3

  /// One for all nodes of a cause: what is the same on all of them is told once.
  ///
  /// - Parameter remedies: of each of them, at least one.
  static func merged(_ remedies: [Remedy]) -> Remedy {
    let steps = remedies.map(\.commands.count).max() ?? 0
    // Nodes of several groups are each cured in their own.
    let once = { (texts: [String]) in
      var seen: Set<String> = []
      return texts.filter { seen.insert($0).inserted }
    }
    let manifests = remedies.map(\.manifest).filter { !$0.isEmpty }
    return Remedy(
      (0..<steps).flatMap { step in
        merged(remedies.compactMap { step < $0.commands.count ? $0.commands[step] : nil })
      },
      manifest: once(once(manifests).flatMap { $0.components(separatedBy: documentEnd) })
        .joined(separator: documentEnd),
      overrides: once(remedies.flatMap(\.overrides)))
  }

  /// Of one step of the cure.
  private static func merged(_ all: [Command]) -> [Command] {
    var places: [String: Int] = [:]
    var told: [Command] = []
    for command in all {
      if let place = places[command.text], told[place].host == command.host {
        // Nodes of one name are one to whoever looks for them.
        if told[place].nodes.last != command.nodes.last { told[place].nodes += command.nodes }
      } else {
        places[command.text] = told.count
        told.append(command)
      }
    }
    guard told.count > mostLikeIt, let last = told.last else { return told }
    let rest = Command(
      text: "# … and \(told.count - mostLikeIt) more like these", host: last.host,
      nodes: told[mostLikeIt...].flatMap(\.nodes))
    return told.prefix(mostLikeIt) + [rest]
  }
}
