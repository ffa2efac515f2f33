import Foundation
import Testing
import TestSupport

/// `get`, `describe`, `logs` and `explain` take a run and an object in every order.
struct ArgumentOrderTests {
  private let folder = TemporaryFolder()

  private func bootsim(_ words: String) throws -> Ended {
    try Program.bootsim(words.split(separator: " ").map(String.init), in: folder.url)
  }

  private func record() throws {
    let scenario = Repository.root.appendingPathComponent("scenarios/first-node.yaml").path
    let ended = try Program.bootsim(["run", scenario, "--output", "run.sqlite"], in: folder.url)
    #expect(ended.code == 0)
  }

  /// That all of these print the same, and something.
  private func expectEqual(_ commands: [String]) throws {
    let first = try bootsim(commands[0])
    #expect(first.code == 0 && !first.output.isEmpty, "\(commands[0]): \(first.errors)")
    for command in commands.dropFirst() {
      let other = try bootsim(command)
      #expect(other.code == 0 && other.output == first.output, "\(command): \(other.errors)")
    }
  }

  @Test func `the run stands before or after the object, which is TYPE/NAME or TYPE NAME`() throws {
    try record()
    let name = try bootsim("get csr run.sqlite -o name").output
      .split(separator: "\n")[0].split(separator: "/")[1]
    try expectEqual(
      ["csr", "csrs", "certificatesigningrequest", "certificatesigningrequests"].flatMap { type in
        [
          "get \(type) \(name) run.sqlite", "get run.sqlite \(type) \(name)",
          "get \(type) run.sqlite \(name)", "get \(type)/\(name) run.sqlite",
          "get run.sqlite \(type)/\(name)",
        ]
      })
    try expectEqual([
      "describe node node-1 run.sqlite", "describe run.sqlite no/node-1",
      "describe nodes run.sqlite", "describe run.sqlite node node-1",
    ])
    try expectEqual([
      "logs node/node-1 run.sqlite", "logs run.sqlite node-1", "logs no node-1 run.sqlite",
      "logs run.sqlite nodes/node-1", "logs node-1 run.sqlite",
    ])
    try expectEqual([
      "explain run.sqlite node/node-1", "explain node/node-1 run.sqlite",
      "explain node-1 run.sqlite", "explain run.sqlite node node-1",
    ])
    try expectEqual(["get leases run.sqlite", "get run.sqlite lease"])
    try expectEqual(["get events run.sqlite", "get run.sqlite ev"])
    try expectEqual(["get secrets run.sqlite", "get run.sqlite secret"])
  }

  @Test func `several names and types are taken as kubectl takes them`() throws {
    try record()
    let names = try bootsim("get csr run.sqlite -o name").output.split(separator: "\n")
      .map { $0.split(separator: "/")[1] }
    #expect(names.count == 2)
    try expectEqual([
      "get csr \(names[0]) \(names[1]) run.sqlite",
      "get run.sqlite csr/\(names[0]) csr/\(names[1])",
      "get csr run.sqlite", "get csr/\(names[0]) run.sqlite csrs/\(names[1])",
    ])
    try expectEqual([
      "get csr,no run.sqlite", "get run.sqlite csr,nodes",
      "get csr/\(names[0]) csr/\(names[1]) no/node-1 run.sqlite",
    ])
    try expectEqual([
      "describe node/node-1 node/node-1 run.sqlite", "describe run.sqlite node node-1 node-1",
    ])
    let some = try bootsim("get nodes node-9 node-1 run.sqlite")
    #expect(some.code == 1)
    #expect(some.output.contains("node-1   Ready"))
    #expect(some.errors == "Error from server (NotFound): nodes \"node-9\" not found\n")
  }

  @Test func `options stand where kubectl takes them`() throws {
    try record()
    try expectEqual([
      "get nodes run.sqlite -o yaml", "get nodes -oyaml run.sqlite", "get -o=yaml nodes run.sqlite",
      "get nodes run.sqlite --output yaml", "get nodes run.sqlite --output=yaml",
    ])
    try expectEqual([
      "describe secrets run.sqlite -A", "describe secrets run.sqlite --all-namespaces",
    ])
    // kubectl prints names that are none as nothing at all.
    let names = try bootsim("get nodes run.sqlite --at 0s -o name")
    #expect(names.code == 0 && names.output.isEmpty && names.errors.isEmpty)
    let unknown = try bootsim("get pods no-such.sqlite")
    #expect(unknown.code == 64)
    #expect(unknown.errors.hasPrefix("error: the server doesn't have a resource type \"pods\";"))
  }

  @Test func `a file is the run whatever its name, and a file named as a type is none`() throws {
    try record()
    try FileManager.default.copyItem(
      atPath: folder.file("run.sqlite"), toPath: folder.file("first"))
    try folder.write("", to: "nodes")
    try expectEqual(["get nodes run.sqlite", "get nodes first", "get first nodes"])
  }

  @Test(arguments: [
    ("get csr no-such", "“csr”, “no-such”: none of these is a run; give the trace"),
    ("get run.sqlite", "nothing says which objects; give csr, nodes, secrets, events or leases"),
    ("get csr/a b run.sqlite", "“b” has no type beside “csr/a”; give TYPE/NAME TYPE/NAME, or"),
    ("get csr csr/a run.sqlite", "“csr” has no type beside “csr/a”; give TYPE/NAME TYPE/NAME, or"),
    ("logs node a b run.sqlite", "“b” is too much; give one run and one object"),
    ("logs node/a b run.sqlite", "“b” is too much; give one run and one object"),
    ("get csr run.sqlite other.sqlite", "“run.sqlite”, “other.sqlite” are several runs; give one"),
    ("logs run.sqlite", "nothing says which node; give node/NAME beside the run"),
    ("logs csr/a run.sqlite", "“csr” is not a node; give node/NAME beside the run"),
    ("explain secrets a run.sqlite", "“secrets” is not a node; give node/NAME beside the run"),
    ("explain node-1 a run.sqlite", "“node-1” is no type of object; give node/NAME beside the ru"),
    ("get csr/ run.sqlite", "arguments in resource/name form must have a single resource and"),
    ("get run.sqlite /a", "arguments in resource/name form must have a single resource and name"),
    ("get csr/a/b run.sqlite", "arguments in resource/name form may not have more than one slas"),
    ("logs node-1 run.sqlite --since 2s --until 1s", "--until is before --since"),
    ("get nodes run.sqlite --at 90", "The value '90' is invalid for '--at <at>': “90” has no unit"),
    ("get nodes run.sqlite --at 9999999h", "The value '9999999h' is invalid for '--at <at>': “99"),
    ("get nodes run.sqlite -o jsonpath={.a}", "The value 'jsonpath={.a}' is invalid for '-o <form"),
    ("logs run.sqlite node-1 --tail 2", "Unknown option '--tail': give --since, or"),
    ("get nodes run.sqlite -l a=b", "Unknown option '-l': give names, or filter"),
    ("get nodes run.sqlite -w", "Unknown option '-w': a recorded run does not change; --at"),
    ("get nodes run.sqlite --zzz", "Unknown option '--zzz'\n"),
    ("get nodes run.sqlite --namespaces a", "Unknown option '--namespaces'. Did you mean '--name"),
    ("run a.yaml --force", "Unknown option '--force'\n"),
    ("explain run.sqlite --what", "Unknown option '--what'. Did you mean '--what-if'?\n"),
    ("diff a.sqlite b.sqlite --output json", "Unknown option '--output': give -o\n"),
  ])
  func `words that do not fit are a usage error with its cure`(
    command: String, problem: String
  ) throws {
    let ended = try bootsim(command)
    #expect(ended.code == 64)
    #expect(ended.errors.hasPrefix("Error: \(problem)"), "\(ended.errors)")
    let name = command.prefix { $0 != " " }
    #expect(ended.errors.contains("\nUsage: bootsim \(name) "), "\(ended.errors)")
  }
}
