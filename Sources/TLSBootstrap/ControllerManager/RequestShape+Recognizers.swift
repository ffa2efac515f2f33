/// What csrapproving and the signers look for in a CSR (protocol.md F.2, H.2).
///
/// Source: pkg/apis/certificates/helpers.go; pkg/controller/certificates/signer/signer.go.
extension RequestShape {
  /// F.2 row 2; row 1 asks besides that the requester is the subject.
  var isKubeletClient: Bool {
    signerName == SignerName.kubeAPIServerClientKubelet.text && kubeletClientProblem == nil
  }

  /// H.2 row 5: why the signer of that name refuses the CSR for good; nil: it signs it, or it is none
  /// of kube-controller-manager's.
  var signerProblem: String? {
    switch SignerName(text: signerName) {
    case .kubeletServing: kubeletServingProblem
    case .kubeAPIServerClientKubelet: kubeletClientProblem
    case .kubeAPIServerClient: clientProblem
    case .legacyUnknown, .other: nil
    }
  }

  /// The checks of `ValidateKubeletClientCSR`, in their order.
  private var kubeletClientProblem: String? {
    guard let request else { return parsingError }
    if request.organizations != ["system:nodes"] { return Self.otherOrganization }
    if !request.dnsNames.isEmpty { return "DNS subjectAltNames are not allowed" }
    if !request.emailAddresses.isEmpty { return Self.emailNotAllowed }
    if !request.ipAddresses.isEmpty { return "IP subjectAltNames are not allowed" }
    if !request.uris.isEmpty { return Self.uriNotAllowed }
    if !request.isForNode { return Self.otherCommonName }
    return usageProblem(["client auth", "digital signature", "key encipherment"])
  }

  /// The checks of `ValidateKubeletServingCSR`, in their order.
  private var kubeletServingProblem: String? {
    guard let request else { return parsingError }
    if request.organizations != ["system:nodes"] { return Self.otherOrganization }
    if request.dnsNames.isEmpty && request.ipAddresses.isEmpty {
      return "DNS or IP subjectAltName is required"
    }
    if !request.emailAddresses.isEmpty { return Self.emailNotAllowed }
    if !request.uris.isEmpty { return Self.uriNotAllowed }
    if let problem = usageProblem(["digital signature", "key encipherment", "server auth"]) {
      return problem
    }
    return request.isForNode ? nil : Self.otherCommonName
  }

  /// The usages as a set are these, or these without key encipherment.
  private func usageProblem(_ allowed: [String]) -> String? {
    let isAllowed = usages.allSatisfy(allowed.contains)
    let needed = allowed.filter { $0 != "key encipherment" }
    if isAllowed && needed.allSatisfy(usages.contains) { return nil }
    return "usages did not match [\(allowed.joined(separator: " "))]"
  }

  /// `validAPIServerClientUsages`.
  private var clientProblem: String? {
    let optional = ["digital signature", "key encipherment"]
    if let other = usages.first(where: { $0 != "client auth" && !optional.contains($0) }) {
      return "invalid usage for client certificate: \(other)"
    }
    return usages.contains("client auth")
      ? nil : "missing required usage for client certificate: client auth"
  }

  private static let otherOrganization = "subject organization is not system:nodes"
  private static let otherCommonName = "subject common name does not begin with system:node:"
  private static let emailNotAllowed = "Email subjectAltNames are not allowed"
  private static let uriNotAllowed = "URI subjectAltNames are not allowed"
}

extension CertificateRequest {
  /// An empty name is accepted too.
  fileprivate var isForNode: Bool { commonName.hasPrefix("system:node:") }
}
