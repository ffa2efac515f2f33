import Scenarios
import TLSBootstrap
import Testing

/// Bootstrap kubeconfigs: files, and the keys that stand for one.
struct KubeconfigTests {
  private func kubeconfig(
    server: String = "https://192.0.2.1:6443", cluster: String = "certificate-authority-data: QUFB",
    user: String = "token: abcdef.0123456789abcdef"
  ) -> String {
    """
    apiVersion: v1
    kind: Config
    clusters:
    - name: default
      cluster:
        server: \(server)
        \(cluster)
    contexts:
    - name: default
      context: {cluster: default, user: default}
    current-context: default
    users:
    - name: default
      user:
        \(user)
    """
  }

  private func load(
    _ text: String, _ spec: String = "  nodes: [{name: a, bootstrapKubeconfig: {file: b.conf}}]\n"
  ) throws -> LoadedScenario {
    try ScenariosTests.load(spec, files: ["b.conf": text])
  }

  @Test func `a group takes server and token from its file`() throws {
    let kubeconfig = try load(kubeconfig()).scenario.groups[0].bootstrapKubeconfig
    #expect(kubeconfig.state == .present)
    #expect(kubeconfig.server == "https://192.0.2.1:6443")
    #expect(kubeconfig.token == "abcdef.0123456789abcdef")
    #expect(kubeconfig.trustsServer)
  }

  @Test func `the only kubeconfig of the input applies to all groups`() throws {
    let scenario = try ScenariosTests.load("  nodes: [{name: a}]\n---\n" + kubeconfig()).scenario
    #expect(scenario.groups[0].bootstrapKubeconfig.token == "abcdef.0123456789abcdef")
  }

  @Test func `its server is the API server's unless something else says so`() throws {
    let text = kubeconfig(server: "https://api.test:443")
    #expect(try load(text).scenario.apiServer.url == "https://api.test:443")
    let other = try load(
      text,
      "  apiServer: {url: 'https://b:1'}\n"
        + "  nodes: [{name: a, bootstrapKubeconfig: {file: b.conf}}]\n"
    )
    #expect(other.scenario.apiServer.url == "https://b:1")
    #expect(other.scenario.groups[0].bootstrapKubeconfig.server == "https://api.test:443")
  }

  @Test func `another CA is not trusted, an insecure one is`() throws {
    let spec = """
        apiServer: {certificateAuthorityData: QUJD}
        nodes: [{name: a, bootstrapKubeconfig: {file: b.conf}}]

      """
    let trusts = { (cluster: String) in
      try load(kubeconfig(cluster: cluster), spec).scenario.groups[0].bootstrapKubeconfig
        .trustsServer
    }
    #expect(try trusts("certificate-authority-data: QUFB") == false)
    #expect(try trusts("certificate-authority-data: QUJD"))
    #expect(try trusts("insecure-skip-tls-verify: true"))
    #expect(try trusts("extensions: []") == false)
  }

  @Test func `a kubeconfig without a usable context cannot be read`() throws {
    let text = kubeconfig().replacing("current-context: default", with: "current-context: other")
    let loaded = try load(text)
    #expect(loaded.scenario.groups[0].bootstrapKubeconfig.state == .unreadable)
    #expect(loaded.notes.count == 1)
  }

  @Test func `a literal token may be wrong in any way`() throws {
    for token in ["nonsense", "zzzzzz.0123456789abcdef", "ABC"] {
      let scenario = try ScenariosTests.load(
        "  nodes: [{name: a, bootstrapKubeconfig: {token: \(token)}}]\n"
      ).scenario
      #expect(scenario.groups[0].bootstrapKubeconfig.token == token)
    }
    let empty = try ScenariosTests.load(
      "  nodes: [{name: a, bootstrapKubeconfig: {token: \"\"}}]\n"
    ).scenario
    #expect(empty.groups[0].bootstrapKubeconfig.token == nil)
  }

  @Test func `a token is chosen by its ID`() throws {
    let scenario = try ScenariosTests.load(
      """
        nodes: [{name: a, bootstrapKubeconfig: {tokenID: bbbbbb}}]
        tokens: [{token: aaaaaa.0123456789abcdef}, {token: bbbbbb.0123456789abcdef}]
      """
    ).scenario
    #expect(scenario.groups[0].bootstrapKubeconfig.token == "bbbbbb.0123456789abcdef")
  }

  @Test func `an absent file needs no token`() throws {
    let scenario = try ScenariosTests.load(
      "  nodes: [{name: a, bootstrapKubeconfig: {state: Absent}}]\n"
    ).scenario
    #expect(scenario.groups[0].bootstrapKubeconfig.state == .absent)
  }

  @Test func `no token, several tokens and unknown tokens are mistakes`() {
    #expect(
      mistakes("  nodes: [{name: a}]\n") == [
        "s.yaml:6:11: the bootstrap kubeconfig has no token, and the input defines none; add "
          + "`spec.tokens`, or `bootstrapKubeconfig.token`"
      ])
    let two = "  tokens: [{token: aaaaaa.0123456789abcdef}, {token: bbbbbb.0123456789abcdef}]\n"
    #expect(
      mistakes("  nodes: [{name: a}]\n" + two) == [
        "s.yaml:6:11: the bootstrap kubeconfig may have any of 2 tokens; choose by "
          + "`bootstrapKubeconfig.tokenID` one of `aaaaaa`, `bbbbbb`"
      ])
    #expect(
      mistakes("  nodes: [{name: a, bootstrapKubeconfig: {tokenID: aaaaab}}]\n" + two) == [
        "s.yaml:6:52: no token has the ID “aaaaab”; did you mean `aaaaaa`?"
      ])
  }

  @Test func `a key that contradicts the file is a mistake that names both lines`() {
    let spec =
      "  nodes: [{name: a, bootstrapKubeconfig: {file: b.conf, token: zzzzzz.0123456789abcdef}}]\n"
    #expect(
      mistakes(spec, files: ["b.conf": kubeconfig()]) == [
        "s.yaml:6:64: the kubeconfig's token is zzzzzz.0123456789abcdef here and "
          + "abcdef.0123456789abcdef at b.conf:15; remove one of the two, or make them equal"
      ])
  }

  @Test func `several kubeconfigs with several servers need spec apiServer url`() {
    let spec = """
        nodes:
        - {name: a, bootstrapKubeconfig: {file: a.conf}}
        - {name: b, bootstrapKubeconfig: {file: b.conf}}

      """
    #expect(
      mistakes(
        spec,
        files: [
          "a.conf": kubeconfig(server: "https://a:1"), "b.conf": kubeconfig(server: "https://b:1"),
        ])
        == [
          "b.conf:6:13: this kubeconfig names https://b:1, that at a.conf:6 https://a:1; say in "
            + "`spec.apiServer.url` which is the API server's"
        ])
  }
}
