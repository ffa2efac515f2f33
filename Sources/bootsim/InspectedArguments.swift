import ArgumentParser
import Foundation
import Inspection
import Reporting
import Scenarios
import SimulationKernel

/// A run and what of it a command looks at, as somebody who knows kubectl types them.
///
/// The run is known by what it looks like, so it stands before or after the rest, which is TYPE, TYPE/NAME,
/// TYPE NAME or NAME.
struct InspectedArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The run, a trace (SQLite) from bootsim run, and what of it, in any order.",
      valueName: "argument"),
    completion: .file(extensions: ["sqlite"]))
  var words: [String]

  /// What is left without the run.
  enum Object: Equatable {
    case everything
    case word(String)
    case named(type: String, name: String)
  }

  /// - Throws: `ValidationError` where the words can be told apart in no way.
  func parsed() throws -> (run: String, object: Object) {
    let runs = Self.looksOfARun.lazy.map { looks in words.indices.filter { looks(words[$0]) } }
      .first { !$0.isEmpty }
    guard let runs else {
      throw ValidationError(
        "\(Self.list(words)): none of these is a run; give the trace that bootsim run --output wrote"
      )
    }
    guard runs.count == 1 else {
      throw ValidationError("\(Self.list(runs.map { words[$0] })) are several runs; give one")
    }
    var rest = words
    let run = rest.remove(at: runs[0])
    return (run, try Self.object(rest))
  }

  /// - Parameter instant: at which it is to be looked at; a note says so where it had ended before.
  /// - Throws: `TraceError`.
  static func opened(_ path: String, at instant: Instant? = nil) throws -> RecordedRun {
    let recorded = try RecordedRun(path: path)
    let end = Instant(nanoseconds: recorded.run.end)
    if let instant, instant > end {
      Console.tell("note: the run ended at \(Text.clock(end)), and is shown as it was then")
    }
    return recorded
  }
}

extension InspectedArguments {
  /// From what can be nothing else to what merely exists.
  private static var looksOfARun: [(String) -> Bool] {
    [
      { hasExtension($0) && exists($0) },
      { hasExtension($0) && !isObject($0) },
      { exists($0) && Resource($0) == nil },
      exists,
    ]
  }

  private static func hasExtension(_ word: String) -> Bool {
    [".sqlite", ".yaml", ".yml"].contains { word.hasSuffix($0) }
  }

  private static func exists(_ word: String) -> Bool {
    FileManager.default.fileExists(atPath: word)
  }

  /// Whether it is TYPE/NAME.
  private static func isObject(_ word: String) -> Bool {
    word.firstIndex(of: "/").map { Resource(String(word[..<$0])) != nil } ?? false
  }

  private static func object(_ rest: [String]) throws -> Object {
    guard let first = rest.first else { return .everything }
    if let slash = first.firstIndex(of: "/") {
      guard rest.count == 1 else { throw tooMany(rest[1...]) }
      return .named(
        type: String(first[..<slash]), name: String(first[first.index(after: slash)...]))
    }
    switch rest.count {
    case 1: return .word(first)
    case 2: return .named(type: first, name: rest[1])
    default: throw tooMany(rest[2...])
    }
  }

  private static func tooMany(_ words: ArraySlice<String>) -> ValidationError {
    ValidationError("\(list(Array(words))) is too much; give one run and one object")
  }

  private static func list(_ words: [String]) -> String {
    words.map { "“\($0.prefix(100))”" }.joined(separator: ", ")
  }
}

// MARK: What the object is

extension InspectedArguments.Object {
  /// A type of objects as typed, and one of them.
  func typed() throws -> (type: String, name: String?) {
    switch self {
    case .everything:
      throw ValidationError(
        "nothing says which objects; give csr, nodes, secrets, events or leases beside the run")
    case .word(let type): return (type, nil)
    case .named(let type, let name): return (type, name)
    }
  }

  /// - Throws: exit code 1 with kubectl's words where there is no such type.
  func resource() throws -> (resource: Resource, name: String?) {
    let (type, name) = try typed()
    guard let resource = Resource(type) else {
      let nearest = NearestKey.nearest(to: type, among: Resource.words).map {
        "did you mean \($0)? "
      }
      throw KubectlError.fail(
        "error: the server doesn't have a resource type \"\(type)\"; \(nearest ?? "")bootsim shows "
          + "csr, nodes, secrets, events and leases")
    }
    return (resource, name)
  }

  /// The name of a node; nil where there is none.
  func node() throws -> String? {
    switch self {
    case .everything: return nil
    case .word(let name): return name
    case .named(let type, let name):
      guard Resource(type) == .nodes else {
        throw ValidationError("“\(type.prefix(100))” is not a node; give node/NAME beside the run")
      }
      return name
    }
  }
}
