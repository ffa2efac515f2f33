import Scenarios
import Testing

/// Whatever the file holds, there is an answer and no crash.
struct HostileTests {
  @Test func `an empty file has no scenario`() {
    let expected = [
      "s.yaml:1:1: no document of kind Scenario; begin with `apiVersion: bootsim.dev/v1alpha1` and "
        + "`kind: Scenario`"
    ]
    #expect(mistakesOfText("") == expected)
    #expect(mistakesOfText("# nothing\n---\n---\n") == expected)
    #expect(mistakesOfText("42\n") == expected)
    #expect(mistakesOfText("[a, b]\n") == expected)
  }

  @Test func `a binary file is named as such`() {
    #expect(
      mistakesOfText("a: b\nc\u{0}\u{1}") == [
        "s.yaml:2:2: control character U+0; give a YAML text file"
      ])
  }

  @Test func `syntax errors have their place`() {
    #expect(
      mistakesOfText("a:\n\t- b\n") == [
        "s.yaml:2:1: YAML syntax: found character that cannot start any token while scanning for "
          + "the next token that begins on line 2; indent with spaces, not tabs; quote the text"
      ])
    #expect(mistakesOfText("a: [1, 2\n")[0].hasPrefix("s.yaml:2:1: YAML syntax: "))
    #expect(mistakesOfText("a: b: c\n")[0].hasPrefix("s.yaml:1:5: YAML syntax: "))
    #expect(
      mistakesOfText("a: *nothing\n") == [
        "s.yaml:1:4: YAML syntax: found undefined alias; define the anchor before its alias"
      ])
  }

  @Test func `a key that is written twice is found`() {
    #expect(
      mistakes("  seed: 1\n  duration: 1h\n  seed: 2\n" + nodesAndToken) == [
        "s.yaml:8:3: key “seed” is already set on line 6; remove one of the two"
      ])
  }

  @Test func `a mistake of syntax does not hide mistakes of other documents`() {
    let found = mistakes("  seed: -1\n" + nodesAndToken + "---\na: [\n")
    #expect(found.count == 2)
    #expect(found[0].hasPrefix("s.yaml:6:9: `seed` is “-1”"))
  }

  @Test func `deep nesting ends in a mistake`() {
    let depth = 100_000
    #expect(mistakesOfText(String(repeating: "[", count: depth)).count == 1)
    #expect(mistakesOfText(String(repeating: "{a: ", count: depth)).count == 1)
    #expect(mistakesOfText(String(repeating: "- ", count: depth)).count == 1)
  }

  @Test func `a bomb of aliases ends in a mistake`() {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      bomb += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(mistakesOfText(bomb).count == 1)
  }

  @Test func `anchors, aliases and merge keys work`() throws {
    let scenario = try load(
      """
        nodes:
        - &group
          name: a
          count: 2
          start: &start {at: 5s}
        - {<<: *group, name: b, count: 3}
        - {name: c, start: *start}
        tokens: [{token: abcdef.0123456789abcdef}]
      """
    ).scenario
    #expect(scenario.groups.map(\.nodeNames.count) == [2, 3, 1])
    #expect(scenario.groups.map(\.arrivals) == Array(repeating: .atOnce(.seconds(5)), count: 3))
  }

  @Test(arguments: [
    "0", "-1", "99999999999", "2000001", "-9223372036854775808", "9223372036854775808",
    "170141183460469231731687303715884105728",
  ])
  func `an impossible number of nodes is a mistake`(count: String) {
    #expect(
      mistakes(
        "  nodes: [{name: a, count: \(count)}]\n  tokens: [{token: abcdef.0123456789abcdef}]\n")
        == [
          "s.yaml:6:28: `count` is \(count.prefix(40)); give a number from 1 to 2000000"
        ])
  }

  @Test func `groups together have at most two million nodes`() {
    let spec = """
        nodes:
        - {name: a, count: 1500000}
        - {name: b, count: 500001}
        tokens: [{token: abcdef.0123456789abcdef}]
      """
    #expect(mistakes(spec) == ["s.yaml:8:22: more than 2,000,000 nodes in all; lower `count`"])
  }

  @Test(arguments: [
    "seed: 18446744073709551616", "start: 9999-12-31T23:59:59Z", "start: 0000-01-01T00:00:00Z",
    "start: 2026-13-01T00:00:00Z",
    "start: 2262-04-01T00:00:00Z\n  administrator: {clock: {offset: 7305d}}",
    "duration: 9223372036854775807ns", "duration: 1e400s",
    "duration: .s", "duration: 1s2", "administrator: {clock: {drift: 99999999999999999999ppm}}",
    "latency: {read: {exponential: {mean: 36525d}}}", "controllerManager: {kubeAPIBurst: 0}",
    "controllerManager: {clusterSigningDuration: 0s}", "controllerManager: []", "expect: 3",
    "approval: [1]", "nodes: {a: b}", "apiServer: {url: nonsense}", "files: [[a]]", "expect: [{}]",
    "apiServer: {authorizationMode: [Webhook]}", "? [a, b]\n  : c",
    "apiServer: {clock: {offset: {uniform: {from: -99999999999999999999s, to: 0s}}}}",
    "tokens: [{token: abcdef.0123456789abcdef, createdAt: 2200-01-01T00:00:00Z}]",
    "expect: [{ready: 99999999999999999999}]", "expect: [{node: nobody, state: Ready}]",
    "expect: [{failed: 0, by: 1s}]", "expect: [{timeToReady: {}}]", "expect: [{node: workers-1}]",
  ])
  func `a hostile value is a mistake on its own line`(line: String) {
    let found = mistakes("  \(line)\n" + nodesAndToken)
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.hasPrefix("s.yaml:") })
  }

  @Test func `a long TTL of a token is no overflow`() throws {
    let scenario = try load(
      "  start: 2199-01-01T00:00:00Z\n  nodes: [{name: a}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef, ttl: 36525d}]\n"
    ).scenario
    #expect(scenario.secrets[0].expiration == .never)
  }

  @Test func `line ends and a byte order mark of Windows are read`() throws {
    let text = "\u{FEFF}" + (head + nodesAndToken).replacing("\n", with: "\r\n")
    #expect(try loadText(text).scenario.groups.count == 1)
  }
}
