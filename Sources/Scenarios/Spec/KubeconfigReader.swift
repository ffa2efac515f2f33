import TLSBootstrap

/// Reads what `bootstrapKubeconfig` and `kubeconfig` of a group of nodes have in common.
struct KubeconfigReader {
  let reading: Reading
  let manifests: Manifests
  let folder: String

  /// The only kubeconfig of the file that the group names.
  func kubeconfig(in file: Located<String>) -> Kubeconfig? {
    let path = FilePath.resolve(file.value, in: folder)
    let found = manifests.kubeconfigs.filter { $0.place.file == path }
    return reading.only(
      found, "kubeconfig", in: path, namedAt: file.place,
      cure: "name a file with one document of `kind: Config`")
  }

  /// The server that it names, nil for the API server's own URL; a key and the file may not differ.
  func server(_ section: Section?, _ file: Kubeconfig?) -> String? {
    let server = section?.string("server")
    if let server { ServerURL.check(server, reading) }
    return reading.settled("the kubeconfig's server", server, file?.server)?.value
  }

  /// Whether its CA is the one of the API server's certificate; the key wins over the file's CA.
  func trustsServer(_ section: Section?, _ file: Kubeconfig?) -> Bool {
    let authority = section?.choice("certificateAuthority", [("Cluster", true), ("Other", false)])
    return authority?.value ?? file?.trustsServer(authority: manifests.authority) ?? true
  }
}
