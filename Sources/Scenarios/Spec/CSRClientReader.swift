import SimulationKernel
import TLSBootstrap

/// Reads `kind` and `csrClient` of a group of nodes.
struct CSRClientReader {
  /// What only a node with a kubelet has.
  private static let keysOfKubelets = [
    "kubelet", "kubeconfig", "currentCertificate", "temporaryKey", "containerRuntime",
  ]

  let reading: Reading

  /// nil: the group is of nodes with kubelets.
  func client(_ group: Section) -> CSRClientSettings? {
    let kind = group.choice("kind", [("kubelet", false), ("csrClient", true)])
    guard kind?.value == true else {
      if group["csrClient"] != nil {
        reading.fail(
          group.place(of: "csrClient"), "`csrClient` is for groups of that kind",
          cure: "set `kind: csrClient`, or remove it")
      }
      return nil
    }
    for key in Self.keysOfKubelets where group[key] != nil {
      reading.fail(
        group.place(of: key), "`\(key)` is of a kubelet, and a CSR client has none",
        cure: "remove it, or `kind: csrClient`")
    }
    return group.section("csrClient").map(settings) ?? CSRClientSettings()
  }

  private func settings(_ section: Section) -> CSRClientSettings {
    var settings = CSRClientSettings()
    reading.set(
      &settings.patience, "patience", section.duration("patience", least: .milliseconds(1)), nil)
    reading.set(&settings.gap, "gap", section.duration("gap", least: .milliseconds(1)), nil)
    reading.set(
      &settings.kubeAPIMilliQPS, "kubeAPIQPS", section.rate("kubeAPIQPS"), nil,
      text: Quantity.text(milli:))
    reading.set(
      &settings.kubeAPIBurst, "kubeAPIBurst",
      section.integer("kubeAPIBurst"), nil)
    return settings
  }
}
