import Foundation
import Testing
import Yams

@testable import Inspection

/// YAML and JSON as kubectl prints them.
struct KubernetesDocumentTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "ScenariosTests/Fixtures")

  private static func document(_ node: Node) -> KubernetesDocument {
    switch node {
    case .scalar(let scalar):
      if let value = node.bool, scalar.style == .plain { return .boolean(value) }
      if let value = node.int, scalar.style == .plain { return .integer(Int64(value)) }
      return scalar.style == .plain && node.null != nil ? .null : .string(scalar.string)
    case .sequence(let items): return .list(items.map(document))
    case .mapping(let pairs):
      return .object(
        Dictionary(uniqueKeysWithValues: pairs.map { ($0.key.string ?? "", document($0.value)) }))
    case .alias: return .null
    }
  }

  /// Recorded with `kubectl get -o yaml` from a real API server.
  @Test(arguments: [
    "lease.yaml", "bootstrap-token.yaml", "node.yaml", "kubeadm-bindings.yaml",
    "cluster-roles.yaml",
  ])
  func `what kubectl printed comes out again, to the letter`(file: String) throws {
    let file = try String(contentsOf: Self.fixtures.appending(path: file), encoding: .utf8)
    // What was added by hand after it is a comment.
    let text = file.split(separator: "---\n#")[0]
    let documents = try Array(Yams.compose_all(yaml: String(text)))
      .map { Self.document($0).yaml + "\n" }
    #expect(documents.joined(separator: "---\n") == text)
  }

  @Test(arguments: [
    "", "true", "No", "null", "~", "0", "1.5", "-3", "0x1F", "1e3", "2026-01-01T00:00:00Z", "12:30",
    "a: b", "a #b", " a", "a ", "- a", "? a", "#a", "'a'", "\"a\"", "\\", "*a", "&a", "!a", "%a",
    "@a", "`a", "[a]", "{a}", "a\nb", "a\nb\n", "\ta", "a\tb", "ü", "\u{7}", "<none>", "a:", "=",
    "system:node:worker-1", "kubernetes.io/kube-apiserver-client-kubelet", "digital signature",
  ])
  func `any text is read again as it was, from YAML and from JSON`(text: String) throws {
    let document = KubernetesDocument.object([
      "key": .string(text), "list": .list([.string(text), .object([text: .string(text)])]),
    ])
    let yaml = try #require(try Yams.load(yaml: document.yaml + "\n") as? [String: Any])
    #expect(yaml["key"] as? String == text, "\(document.yaml)")
    let json = try JSONSerialization.jsonObject(with: Data(document.json.utf8)) as? [String: Any]
    for object in [yaml, json ?? [:]] {
      #expect(object["key"] as? String == text)
      let list = object["list"] as? [Any]
      #expect(list?.first as? String == text)
      #expect((list?.last as? [String: Any])?[text] as? String == text)
    }
  }

  /// Printed by kubectl v1.33 (`kubectl annotate --local -o yaml`).
  @Test(arguments: [
    ("a: b", "'a: b'"), ("a:b", "a:b"), ("a:", "'a:'"), ("a #b", "'a #b'"), ("#a", "'#a'"),
    ("- a", "'- a'"), ("-a", "-a"), ("-", "'-'"), ("--", "--"), ("---a", "'---a'"),
    ("? a", "'? a'"), ("?a", "?a"), (":a", ":a"), ("a'b: c", "'a''b: c'"), ("'a", "'''a'"),
    ("\"a", "'\"a'"), ("@a", "'@a'"), ("[a", "'[a'"), ("a]", "a]"), ("true", "\"true\""),
    ("No", "\"No\""), ("", "\"\""), ("1.5", "\"1.5\""), ("1:30", "\"1:30\""),
    ("1.2.3.4", "1.2.3.4"), ("2026-01-01T00:00:00Z", "\"2026-01-01T00:00:00Z\""), ("=", "="),
    ("<none>", "<none>"), (" a", "' a'"), ("é", "é"), ("日本: x", "'日本: x'"),
    ("a\tb", "\"a\\tb\""), ("+", "+"), ("0b1", "\"0b1\""), ("..", ".."), ("1.", "\"1.\""),
    ("a\\: b", "'a\\: b'"), ("a\"b", "a\"b"),
  ])
  func `a text is in quotes where kubectl has them`(text: String, printed: String) {
    #expect(KubernetesDocument.object(["k": .string(text)]).yaml == "k: \(printed)")
  }

  /// Printed by kubectl v1.33, from the same object.
  @Test func `what is longer than a line is folded as kubectl folds it`() {
    let words = Array(repeating: "word", count: 19).joined(separator: " ") + " end"
    let reason =
      "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
      + "message:Network plugin returns error: cni plugin not initialized"
    let document = KubernetesDocument.object([
      "spec": .object([
        "groups": .list([.string(words), .string("a: \(words)")]), "signerName": .string(words),
      ]), "status": .object(["conditions": .list([.object(["message": .string(reason)])])]),
    ])
    #expect(
      document.yaml == """
        spec:
          groups:
          - word word word word word word word word word word word word word word word word
            word word word end
          - 'a: word word word word word word word word word word word word word word word
            word word word word end'
          signerName: word word word word word word word word word word word word word word
            word word word word word end
        status:
          conditions:
          - message: 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady
              message:Network plugin returns error: cni plugin not initialized'
        """)
  }

  @Test func `JSON is indented by four and sorted`() {
    let document = KubernetesDocument.object([
      "b": .list([.integer(1)]), "a": .null, "c": .object([:]),
    ])
    #expect(
      document.json == """
        {
            "a": null,
            "b": [
                1
            ],
            "c": {}
        }
        """)
  }
}
