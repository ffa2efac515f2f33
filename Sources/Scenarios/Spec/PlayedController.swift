import TLSBootstrap

/// A controller of kube-controller-manager that runs play.
struct PlayedController: Sendable {
  /// Its short name, which `--controllers` takes, too; the scenario's key.
  let alias: String
  let name: String
  /// Whether `*` stands for it, too.
  let isOnByDefault: Bool
  let setting: WritableKeyPath<ControllerManagerSettings, Bool> & Sendable

  private init(
    _ alias: String, _ name: String, isOnByDefault: Bool = true,
    _ setting: WritableKeyPath<ControllerManagerSettings, Bool> & Sendable
  ) {
    self.alias = alias
    self.name = name
    self.isOnByDefault = isOnByDefault
    self.setting = setting
  }

  /// Source: cmd/kube-controller-manager/names, `KCMControllerAliases`; protocol.md J.5.
  static let all = [
    Self("csrapproving", "certificatesigningrequest-approving-controller", \.csrapproving),
    Self("csrsigning", "certificatesigningrequest-signing-controller", \.csrsigning),
    Self("csrcleaner", "certificatesigningrequest-cleaner-controller", \.csrcleaner),
    Self("nodelifecycle", "node-lifecycle-controller", \.nodelifecycle),
    Self("tokencleaner", "token-cleaner-controller", isOnByDefault: false, \.tokencleaner),
    Self("bootstrapsigner", "bootstrap-signer-controller", isOnByDefault: false, \.bootstrapsigner),
  ]

  /// Whether `--controllers` lets it run: the first entry that names it decides, else `*`.
  ///
  /// Source: k8s.io/controller-manager `genericcontrollermanager.IsControllerEnabled`.
  func isEnabled(in list: String) -> Bool {
    let entries = list.split(separator: ",").map { $0.filter { $0 != " " } }
    for entry in entries {
      if entry == alias || entry == name { return true }
      if entry == "-\(alias)" || entry == "-\(name)" { return false }
    }
    return isOnByDefault && entries.contains("*")
  }
}
