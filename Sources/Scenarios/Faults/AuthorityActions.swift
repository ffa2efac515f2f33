import TLSBootstrap

let authorityActions: [FaultAction] = [
  authority(
    "signing-ca-expire", "NotAfter of the CA that signs is this moment.", .expireSigningCA,
    end: "until it is renewed"),
  authority(
    "signing-ca-replace",
    "The controller-manager signs with a CA that is not in the API server's `--client-ca-file`.",
    .replaceSigningCA, end: "until it signs with the old one"),
  authority(
    "client-ca-replace",
    "The API server's `--client-ca-file` holds another CA: every certificate made so far is refused.",
    .replaceClientCA, end: "until it holds the old one"),
  authority(
    "serving-ca-replace",
    "The API server's certificate is signed by another CA than that of the kubeconfigs.",
    .replaceServingCA, end: "until it is signed by the old one"),
  authority(
    "serving-certificate-expire", "NotAfter of the API server's certificate is this moment.",
    .expireServingCertificate, end: "until it is renewed"),
]

private func authority(
  _ name: String, _ text: String, _ fault: AuthorityFault, end: String
) -> FaultAction {
  FaultAction(name, text, keys: [], end: end) { _ in .authority(fault) }
}
