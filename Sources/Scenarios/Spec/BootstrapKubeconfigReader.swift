import TLSBootstrap

/// Reads `bootstrapKubeconfig` of a group of nodes.
struct BootstrapKubeconfigReader {
  let reading: Reading
  let manifests: Manifests
  let folder: String

  private var common: KubeconfigReader {
    KubeconfigReader(reading: reading, manifests: manifests, folder: folder)
  }

  func kubeconfig(_ group: Section) -> BootstrapKubeconfig {
    let section = group.section("bootstrapKubeconfig")
    var result = BootstrapKubeconfig()
    let state = section?.choice(
      "state",
      [
        ("Present", BootstrapKubeconfig.State.present), ("Absent", .absent),
        ("Unreadable", .unreadable), ("Unset", .unset),
      ])
    result.state = state?.value ?? .present
    if result.state == .absent, isWrittenByKubeadm(group) { result.state = .present }
    let file = file(section)
    result.server = common.server(section, file)
    result.trustsServer = common.trustsServer(section, file)
    if let file, !file.isUsable, result.state == .present { result.state = .unreadable }
    let literal = section?.string("token")
    let reference = section?.string("tokenID")
    _ = section?.one(of: ["token", "tokenID"], needed: false)
    let named = literal ?? reference.flatMap(manifests.token)
    let token = reading.settled("the kubeconfig's token", named, file?.token)
    if let token {
      result.token = token.value.isEmpty ? nil : token.value
    } else if result.state == .present, reference == nil, file == nil {
      result.token = onlyToken(section?.place ?? group.place)
    }
    return result
  }

  /// Before `kubeadm join` there is none, and then it has one with the token.
  private func isWrittenByKubeadm(_ group: Section) -> Bool { group["join"]?.text == "Kubeadm" }

  /// The kubeconfig of the file that the group names; when it names nothing, the only one.
  private func file(_ section: Section?) -> Kubeconfig? {
    guard let file = section?.string("file") else {
      let namesOther = ["token", "tokenID"].contains { section?[$0] != nil }
      let own = manifests.kubeconfigs.filter { !$0.isKubelets }
      return own.count == 1 && !namesOther ? own[0] : nil
    }
    return common.kubeconfig(in: file)
  }

  private func onlyToken(_ place: Place) -> String? {
    let tokens = manifests.tokens
    if tokens.count == 1 { return tokens[0].token }
    if tokens.isEmpty {
      reading.fail(
        place, "the bootstrap kubeconfig has no token, and the input defines none",
        cure: "add `spec.tokens`, or `bootstrapKubeconfig.token`")
    } else {
      reading.fail(
        place, "the bootstrap kubeconfig may have any of \(tokens.count) tokens",
        cure: "choose by `bootstrapKubeconfig.tokenID` one of \(KeyTable.list(tokens.map(\.id)))")
    }
    return nil
  }
}
