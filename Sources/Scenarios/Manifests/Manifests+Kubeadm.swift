import SimulationKernel
import TLSBootstrap

/// kubeadm.k8s.io InitConfiguration and ClusterConfiguration.
extension Manifests {
  func addInitConfiguration(_ object: KubernetesObject) {
    hasKubeadm = true
    object.noteMisspeltFields()
    for value in object.list("bootstrapTokens") {
      if let token = bootstrapToken(value, object) {
        add(Located(token.bootstrapSecret, at: value.place))
      }
    }
    if let endpoint = object.value["localAPIEndpoint"],
      let address = endpoint["advertiseAddress"], let host = address.text
    {
      let port = endpoint["bindPort"]?.text ?? "6443"
      let url = Located("https://\(Self.bracketed(host)):\(port)", at: address.place)
      cluster.localURL = reading.settled("the local API endpoint", url, cluster.localURL)
    }
  }

  func addClusterConfiguration(_ object: KubernetesObject) {
    hasKubeadm = true
    object.noteMisspeltFields()
    if let endpoint = object.value["controlPlaneEndpoint"], let text = endpoint.text {
      let hasPort = text.split(separator: "]").last?.contains(":") ?? false
      let url = Located("https://\(text)\(hasPort ? "" : ":6443")", at: endpoint.place)
      cluster.url = reading.settled("controlPlaneEndpoint", url, cluster.url)
    }
    let validity = { (key: String) in
      object.value[key].flatMap { self.reading.duration($0, key, least: .seconds(1)) }
    }
    cluster.certificateValidity = validity("certificateValidityPeriod")
    cluster.authorityValidity = validity("caCertificateValidityPeriod")
    cluster.apiServer.add(object.value["apiServer"], object)
    cluster.controllerManager.add(object.value["controllerManager"], object)
    if let gates = object.value["featureGates"], gates.entries?.isEmpty == false {
      reading.note(gates.place, "ClusterConfiguration.featureGates is not modelled")
    }
  }

  private static func bracketed(_ host: String) -> String {
    host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
  }

  private func bootstrapToken(
    _ value: YAMLValue, _ object: KubernetesObject
  ) -> TokenDefinition? {
    guard let field = value["token"] else {
      reading.note(
        value.place, "a bootstrap token without `token`, which kubeadm would draw, is skipped")
      return nil
    }
    guard let (id, secret) = field.text.flatMap(TokenDefinition.parts) else {
      object.refuse(
        field, "token", "6 characters, a point and 16 characters of [a-z0-9]", isText: true)
      return nil
    }
    if let expires = value["expires"], let ttl = value["ttl"] {
      reading.fail(
        expires.place, "`expires` and `ttl` (line \(ttl.place.line)) exclude each other",
        cure: "keep one of them")
    }
    let timeToLive = value["ttl"].map { reading.duration($0, "ttl")?.value ?? .zero }
    let expires = value["expires"].flatMap { reading.time($0, "expires")?.value }
    let usages = usages(value, object)
    let groups = object.strings("groups", in: value)
    let expiration =
      expires.map { BootstrapTokenSecret.Expiration.at($0) }
      ?? tokenClock.expiration(
        createdAt: nil, timeToLive: timeToLive ?? TokenDefinition.defaultTimeToLive)
    return TokenDefinition(
      id: id, secret: secret, usages: usages.isEmpty ? TokenDefinition.defaultUsages : usages,
      groups: groups.isEmpty ? [TokenDefinition.defaultGroup] : groups, expiration: expiration)
  }

  /// kubeadm refuses a usage that it does not know.
  private func usages(_ value: YAMLValue, _ object: KubernetesObject) -> [String] {
    let usages = object.strings("usages", in: value)
    let known = TokenDefinition.defaultUsages
    for usage in usages where !known.contains(usage) {
      reading.fail(
        value["usages"]?.place ?? value.place,
        "a bootstrap token has the usage “\(usage.prefix(60))”, which kubeadm refuses",
        cure: NearestKey.nearest(to: usage, among: known).map { "did you mean `\($0)`?" }
          ?? "use \(KeyTable.list(known))")
    }
    return usages
  }
}
