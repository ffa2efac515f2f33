import TLSBootstrap

/// A kubeconfig, as far as a kubelet bootstraps from it or works with it.
struct Kubeconfig {
  let place: Place
  var server: Located<String>?
  var token: Located<String>?
  var authority = Authority.system
  var clientCertificate = Client.none
  /// Whether client-go would load it: its current context names a cluster and a user.
  var isUsable = false

  enum Authority: Equatable {
    /// The CAs of the host, none of which signs for a cluster.
    case system
    case data([UInt8])
    case file(String)
    case insecure
  }

  /// Where the user's client certificate is.
  enum Client {
    case none
    case file(Located<String>)
    /// nil: base64, but no certificate.
    case inline(ClientCertificatePEM?, Place)
  }

  /// The kubelet's own (`--kubeconfig`), rather than one to bootstrap from.
  var isKubelets: Bool {
    if case .none = clientCertificate { false } else { token == nil }
  }

  init(_ object: KubernetesObject) {
    place = object.place
    guard let current = object.value["current-context"]?.text,
      let context = Self.named(current, "contexts", "context", object),
      let clusterName = context["cluster"]?.text, let userName = context["user"]?.text,
      let cluster = Self.named(clusterName, "clusters", "cluster", object),
      let user = Self.named(userName, "users", "user", object)
    else {
      object.reading.note(
        place,
        "the current context of the kubeconfig does not name a cluster and a user that it "
          + "has: no kubelet can load it")
      return
    }
    isUsable = true
    server = cluster["server"].flatMap { value in value.text.map { Located($0, at: value.place) } }
    token = user["token"].flatMap { value in value.text.map { Located($0, at: value.place) } }
    readAuthority(cluster, object)
    readClientCertificate(user, object)
    for key in ["tokenFile", "exec", "auth-provider"] {
      if let field = user[key] {
        object.reading.note(
          field.place, "\(key) is not modelled: the kubelet uses token or certificate only")
      }
    }
    for key in ["proxy-url", "tls-server-name"] {
      if let field = cluster[key] {
        object.reading.note(field.place, "\(key) is not modelled: it has no effect")
      }
    }
  }

  /// Data wins over a file, as in client-go.
  private mutating func readClientCertificate(_ user: YAMLValue, _ object: KubernetesObject) {
    if let data = user["client-certificate-data"] {
      guard let bytes = data.text.flatMap(Base64.decode) else {
        return object.refuse(data, "client-certificate-data", "base64")
      }
      let certificate = ClientCertificatePEM(String(decoding: bytes, as: UTF8.self))
      clientCertificate = .inline(certificate, data.place)
    } else if let file = user["client-certificate"], let path = file.text {
      clientCertificate = .file(Located(path, at: file.place))
    } else {
      return
    }
    if token != nil {
      object.reading.note(
        place, "the user has a token and a certificate: kubelets bootstrap with the token only")
    }
  }

  private mutating func readAuthority(_ cluster: YAMLValue, _ object: KubernetesObject) {
    if cluster["insecure-skip-tls-verify"]?.text == "true" {
      authority = .insecure
    } else if let data = cluster["certificate-authority-data"] {
      if let bytes = data.text.flatMap(Base64.decode) {
        authority = .data(bytes)
      } else {
        object.refuse(data, "certificate-authority-data", "base64")
      }
    } else if let file = cluster["certificate-authority"]?.text {
      authority = .file(file)
    } else {
      object.reading.note(
        cluster.place, "the kubeconfig names no CA: kubelets do not trust the API server")
    }
  }

  private static func named(
    _ name: String, _ list: String, _ key: String, _ object: KubernetesObject
  ) -> YAMLValue? {
    object.list(list).first { $0["name"]?.text == name }?[key]
  }

  /// Whether it accepts the API server's certificate; a CA that is not known counts as its own.
  func trustsServer(authority server: [UInt8]?) -> Bool {
    switch authority {
    case .insecure, .file: true
    case .system: self.server?.value.hasPrefix("http://") ?? false
    case .data(let bytes): server.map { Self.significant($0) == Self.significant(bytes) } ?? true
    }
  }

  /// Without white space, which PEM readers skip.
  private static func significant(_ bytes: [UInt8]) -> [UInt8] { bytes.filter { $0 > 0x20 } }
}
