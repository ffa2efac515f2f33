import Foundation
import Testing
import TestSupport

@testable import Scenarios

/// The schema in the hands of a validator that is not ours: Python's jsonschema.
@Suite(.enabled(if: Program.pythonHas("jsonschema, yaml"), "Python lacks jsonschema or PyYAML"))
struct SchemaValidationTests {
  @Test func `every document of every scenario and profile is valid`() throws {
    let files = Repository.scenarios + ["scenarios/profiles/idle.yaml"]
    #expect(files.count > 50)
    let verdicts = try validate(files.map { try Repository.text($0) })
    for (file, verdict) in zip(files, verdicts) { #expect(verdict == "", "\(file)") }
  }

  @Test(arguments: SchemaMistake.all)
  func `a mistake is found by the schema and by the reader`(mistake: SchemaMistake) throws {
    let verdict = try validate([mistake.text])
    #expect(verdict[0].contains(mistake.says), "\(verdict[0])")
    #expect(throws: ScenarioErrors.self) {
      try ScenarioFile.load(text: mistake.text, path: "s.yaml") { _ in "" }
    }
  }

  @Test func `what the mistakes are made from is valid`() throws {
    #expect(try validate([SchemaMistake.good("", "")]) == [""])
    _ = try ScenarioFile.load(text: SchemaMistake.good("", ""), path: "s.yaml") { _ in "" }
  }

  @Test func `Kubernetes objects are let through`() throws {
    let objects = """
      apiVersion: v1
      kind: Secret
      metadata: {name: bootstrap-token-abcdef, namespace: kube-system}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: x}
      """
    #expect(try validate([objects]) == [""])
  }

  /// Of each text its mistakes, the most telling one first; empty: valid. Both drafts must agree.
  private func validate(_ texts: [String]) throws -> [String] {
    try withTemporaryFolder { folder in
      let paths = try texts.enumerated().map { number, text in
        let file = folder.appendingPathComponent("\(number).yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
      }
      let schema = Repository.root.appendingPathComponent(SchemaTests.file).path
      let ended = try Program.run(
        "/usr/bin/env", [Program.python, "-c", Self.script, schema] + paths)
      #expect(ended.code == 0, "\(ended.errors)")
      return try JSONDecoder().decode([String].self, from: Data(ended.output.utf8))
    }
  }

  /// YAML as editors read it, 1.2: dates are texts, and only `true` and `false` are Booleans.
  private static let script = #"""
    import json, re, sys, yaml
    from jsonschema import Draft7Validator, Draft202012Validator
    class Loader(yaml.SafeLoader): pass
    dropped = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"}
    Loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in forms if tag not in dropped]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:int", re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))
    schema = json.load(open(sys.argv[1]))
    Draft7Validator.check_schema(schema)
    Draft202012Validator.check_schema(schema)
    def leaves(error):
        return [leaf for part in error.context for leaf in leaves(part)] if error.context else [error]
    verdicts = []
    for path in sys.argv[2:]:
        found = []
        for document in yaml.load_all(open(path), Loader):
            old = [e for e in Draft7Validator(schema).iter_errors(document)]
            new = [e for e in Draft202012Validator(schema).iter_errors(document)]
            assert len(old) == len(new), path
            found += [leaf.json_path + ": " + leaf.message for e in old for leaf in leaves(e)]
        verdicts.append("\n".join(found))
    print(json.dumps(verdicts))
    """#
}
