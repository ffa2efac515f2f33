import SimulationKernel
import TLSBootstrap

extension ScenarioReader {
  /// `spec.tokens`, each as the Secret that kubeadm would write.
  func readTokens(_ spec: Section, _ manifests: Manifests, _ clock: TokenClock) {
    for (element, section) in spec.sections("tokens").enumerated() {
      guard let token = section.string("token") else {
        if section["token"] == nil { section.lacks("token", cure: "give ID and secret") }
        continue
      }
      guard let (id, secret) = TokenDefinition.parts(of: token.value) else {
        reading.fail(
          token.place, "“\(token.value.prefix(60))” is no bootstrap token",
          cure: "write 6 characters, a point and 16 characters of [a-z0-9]")
        continue
      }
      let usages = section["usages"].map { _ in
        section.list("usages").compactMap {
          reading.choice(
            $0, "usages", [("signing", "signing"), ("authentication", "authentication")])?.value
        }
      }
      let definition = TokenDefinition(
        id: id, secret: secret, usages: usages ?? TokenDefinition.defaultUsages,
        groups: section.strings("groups")?.map(\.value) ?? [TokenDefinition.defaultGroup],
        expiration: expiration(section, clock))
      let made = definition.bootstrapSecret
      if !manifests.secrets.contains(where: { $0.value == made }) {
        reading.places.add(token: id, element: element)
      }
      manifests.add(Located(made, at: section.place))
    }
  }

  private func expiration(
    _ section: Section, _ clock: TokenClock
  ) -> BootstrapTokenSecret.Expiration {
    _ = section.one(of: ["ttl", "expires"], needed: false)
    let created = section.time("createdAt")
    if let created, created.value > clock.now {
      reading.fail(
        created.place, "`createdAt` is after the start of the run",
        cure: "give an earlier time, or leave it out")
    }
    if let expires = section.time("expires") { return .at(expires.value) }
    return clock.expiration(
      createdAt: created?.value,
      timeToLive: section.duration("ttl")?.value ?? TokenDefinition.defaultTimeToLive)
  }
}
