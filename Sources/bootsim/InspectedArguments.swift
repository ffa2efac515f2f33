import ArgumentParser
import Foundation
import Inspection
import Reporting
import Scenarios
import SimulationKernel

/// A run and what of it a command looks at, as somebody who knows kubectl types them.
///
/// The run is known by what it looks like, so it stands before or after the rest, which is TYPE, TYPE/NAME…,
/// TYPE NAME…, TYPE,TYPE or NAME.
struct InspectedArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The run, a trace (SQLite) from bootsim run, and what of it, in any order.",
      valueName: "argument"),
    completion: .custom(Self.completions))
  var words: [String]

  /// Types of objects, and below the folder that is typed: folders and traces.
  @Sendable
  private static func completions(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: folder.isEmpty ? "." : folder)
    let paths = (names ?? []).sorted().compactMap { name -> String? in
      let path = folder + name
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
      guard isFolder.boolValue else { return name.hasSuffix(".sqlite") ? path : nil }
      return name.hasPrefix(".") ? nil : "\(path)/"
    }
    return Resource.usual + paths
  }

  /// What is left without the run.
  enum Object: Equatable {
    case everything
    case word(String)
    case named(type: String, name: String)
  }

  /// A type of objects as typed, and their names; without names all of them.
  struct TypedObjects: Equatable {
    let type: String
    var names: [String] = []
  }

  /// For a command that looks at one object.
  ///
  /// - Throws: `ValidationError` where the words can be told apart in no way.
  func parsed() throws -> (run: String, object: Object) {
    let (run, rest) = try split()
    return (run, try Self.object(rest))
  }

  /// For a command that looks at any number of objects.
  ///
  /// - Throws: `ValidationError`, as above.
  func typed() throws -> (run: String, objects: [TypedObjects]) {
    let (run, rest) = try split()
    return (run, try Self.typedObjects(rest))
  }

  private func split() throws -> (run: String, rest: [String]) {
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
    return (run, rest)
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

  /// As kubectl has them: TYPE/NAME… or TYPE,TYPE NAME….
  private static func typedObjects(_ rest: [String]) throws -> [TypedObjects] {
    guard let first = rest.first else {
      throw ValidationError(
        "nothing says which objects; give csr, nodes, secrets, events or leases beside the run")
    }
    guard rest.contains(where: { $0.contains("/") }) else {
      let types = first.split(separator: ",", omittingEmptySubsequences: false)
      return types.map { TypedObjects(type: String($0), names: Array(rest.dropFirst())) }
    }
    return try rest.map { word in
      guard let slash = word.firstIndex(of: "/") else {
        throw ValidationError(
          "\(list([word])) has no type beside \(list(rest.filter { $0.contains("/") })); give "
            + "TYPE/NAME TYPE/NAME, or TYPE NAME NAME")
      }
      let name = word[word.index(after: slash)...]
      guard !name.isEmpty, slash > word.startIndex else {
        throw ValidationError(
          "arguments in resource/name form must have a single resource and name, not \(list([word]))"
        )
      }
      guard !name.contains("/") else {
        throw ValidationError(
          "arguments in resource/name form may not have more than one slash, as \(list([word])) has"
        )
      }
      return TypedObjects(type: String(word[..<slash]), names: [String(name)])
    }
  }

  private static func tooMany(_ words: ArraySlice<String>) -> ValidationError {
    ValidationError("\(list(Array(words))) is too much; give one run and one object")
  }

  private static func list(_ words: [String]) -> String {
    words.map { "“\($0.prefix(100))”" }.joined(separator: ", ")
  }
}

// MARK: What the objects are

extension InspectedArguments.TypedObjects {
  /// Neighbours of one type together.
  ///
  /// - Throws: exit code 64 with kubectl's words where there is no such type.
  static func selections(_ objects: [Self]) throws -> [ResourceSelection] {
    var selections: [ResourceSelection] = []
    for object in objects {
      let resource = try object.resource()
      if !object.names.isEmpty, selections.last?.resource == resource {
        selections[selections.count - 1].names += object.names
      } else {
        selections.append(ResourceSelection(resource, names: object.names))
      }
    }
    return selections
  }

  private func resource() throws -> Resource {
    if let resource = Resource(type) { return resource }
    let nearest = NearestKey.nearMiss(type.lowercased(), of: Resource.words).map {
      "did you mean \($0)? "
    }
    throw KubectlError.fail(
      "error: the server doesn't have a resource type \"\(type)\"; \(nearest ?? "")bootsim shows "
        + "csr, nodes, secrets, events and leases", 64)
  }
}

extension InspectedArguments.Object {
  /// The name of a node; nil where there is none.
  func node() throws -> String? {
    switch self {
    case .everything: return nil
    case .word(let name): return name
    case .named(let type, let name):
      guard Resource(type) == .nodes else {
        let what = Resource(type) == nil ? "no type of object" : "not a node"
        throw ValidationError("“\(type.prefix(100))” is \(what); give node/NAME beside the run")
      }
      return name
    }
  }
}
