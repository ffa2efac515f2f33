import TLSBootstrap

/// Lines that a kubelet writes at several places.
extension LogWriter {
  static let kubeconfigPath = "/etc/kubernetes/kubelet.conf"
  static let clientLogger = "kubernetes.io/kube-apiserver-client-kubelet"
  static let unhandledLogger = "\(clientLogger).UnhandledError"
  static let csrType = "*v1.CertificateSigningRequest"
  static let informer = "k8s.io/client-go/tools/watch/informerwatcher.go:162"

  static let rotates = KlogMessage(
    "certificate_manager.go:566", "Rotating certificates", ["logger": clientLogger])
  static let rotationBegins = [
    KlogMessage("server.go:1048", "Starting client certificate rotation"),
    KlogMessage(
      "certificate_manager.go:422", "Certificate rotation is enabled", ["logger": clientLogger]),
  ]
  static let waits = KlogMessage(
    "bootstrap.go:359", "Waiting for client certificate to be issued")

  /// A.1: the process ends with this error, code 1.
  static func failed(_ error: String) -> KlogMessage {
    KlogMessage(
      "run.go:72", "command failed", ["err": "failed to run Kubelet: \(error)"], severity: .error)
  }

  static func unhandled(_ error: String, line: Int) -> KlogMessage {
    KlogMessage(
      "bootstrap.go:\(line)", "Unhandled Error",
      ["err": error, "logger": "UnhandledError"], severity: .error)
  }

  /// About the CSR of the event; MODE-F's has no logger.
  func csr(_ source: String, _ text: String, _ event: TraceEvent) -> KlogMessage {
    let name = history.world.request(at: Int(event.request)).name
    return isBackground
      ? KlogMessage(source, text, ["logger": Self.clientLogger, "csr": name])
      : KlogMessage(source, text, ["csr": name])
  }
}
