import ArgumentParser
import Foundation
import TraceStore

/// A text file that a command writes.
enum OutputFile {
  /// Words that `-o` takes where it says what is printed.
  private static let formats = ["json", "yaml", "text", "summary", "table", "wide", "name"]

  /// Refuses to take a format for the name of a file.
  ///
  /// - Parameter instead: what to give.
  static func checkIsNoFormat(_ path: String?, instead: String) throws {
    guard let path, formats.contains(path.lowercased()) else { return }
    throw ValidationError(
      "-o \(path): here -o names the file that is written; give \(instead), or -o ./\(path) for a "
        + "file of this name")
  }

  /// Refuses to write over what a command reads, and over what is no plain file.
  ///
  /// - Throws: `OutputFailure`.
  static func check(_ path: String, reads inputs: [String] = []) throws {
    let manager = FileManager.default
    if inputs.contains(where: { resolved($0) == resolved(path) }) {
      throw OutputFailure(description: "\(path) is what is read; give another name")
    }
    let attributes = try? manager.attributesOfItem(atPath: resolved(path))
    guard let type = attributes?[.type] as? FileAttributeType, type != .typeRegular else { return }
    throw OutputFailure(description: "\(path) is no plain file; give another name")
  }

  /// Refuses to write two outputs to one file.
  ///
  /// - Parameter options: each with its path, if it is given.
  static func checkDiffer(_ options: KeyValuePairs<String, String?>) throws {
    let given = options.compactMap { name, path in path.map { (name: name, path: resolved($0)) } }
    for (place, option) in given.enumerated() {
      guard let same = given[..<place].first(where: { $0.path == option.path }) else { continue }
      throw ValidationError("\(same.name) and \(option.name) name one file; give each its own")
    }
  }

  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }

  /// The same for a trace, which replaces nothing but an earlier trace.
  ///
  /// - Throws: `OutputFailure`.
  static func check(trace path: String, reads inputs: [String]) throws {
    try check(path, reads: inputs)
    let head = try head(of: path, sqliteMark.count)
    guard !head.isEmpty, head != sqliteMark else { return }
    throw OutputFailure(description: "\(path) exists and is no trace; give another name")
  }

  /// The same for a report, which replaces nothing but an earlier one of its format.
  ///
  /// - Parameter mark: what such a file has among its first bytes.
  /// - Throws: `OutputFailure`.
  static func check(_ path: String, reads inputs: [String], replaces mark: String) throws {
    try check(path, reads: inputs, replaces: [mark])
  }

  /// - Parameter marks: of which such a file has one.
  static func check(_ path: String, reads inputs: [String], replaces marks: [String]) throws {
    try check(path, reads: inputs)
    let head = try head(of: path, 1_024)
    let isEarlier = marks.contains { head.range(of: Data($0.utf8)) != nil }
    guard !head.isEmpty, !isEarlier else { return }
    throw OutputFailure(
      description: "\(path) exists and is another file; give another name, or delete it")
  }

  /// Its first bytes, so many at most; empty: there is none.
  private static func head(of path: String, _ count: Int) throws -> Data {
    guard FileManager.default.fileExists(atPath: path) else { return Data() }
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      return try handle.read(upToCount: count) ?? Data()
    } catch {
      // What cannot be known is not replaced.
      throw OutputFailure(description: "\(path) exists and cannot be read; give another name")
    }
  }

  /// Source: sqlite.org/fileformat.html, 1.3.1.
  private static let sqliteMark = Data("SQLite format 3\0".utf8)

  /// Under its name there is never a part of the text, and never another text than the one before without
  /// `force`.
  ///
  /// - Parameter option: which option names the file; nil: nothing more is to be said of it.
  /// - Throws: `OutputFailure`, `TraceError`.
  static func write(
    _ text: String, to path: String, force: Bool = true, option: String? = nil
  ) throws {
    try check(path)
    guard force || !FileManager.default.fileExists(atPath: path) else {
      throw OutputFailure(
        description: "\(path) exists; give --force to replace it, or another name")
    }
    try makeFolder(of: path, option: option)
    let partial = PartialFile(finalPath: path)
    defer { partial.remove() }
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: partial.path))
    } catch {
      throw OutputFailure(path, error, option: option)
    }
    try partial.complete()
  }

  /// Makes the folder of a file, where it is missing.
  ///
  /// - Parameter option: which option names the file; nil: nothing more is to be said of it.
  /// - Throws: `OutputFailure`.
  static func makeFolder(of path: String, option: String? = nil) throws {
    do {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: path).deletingLastPathComponent(),
        withIntermediateDirectories: true)
    } catch {
      throw OutputFailure(path, error, option: option)
    }
  }

  /// To a file of others, such as GitHub's step summary.
  static func append(_ text: String, to path: String) throws {
    guard let file = fopen(path, "a") else {
      throw OutputFailure(description: "\(path): \(String(cString: strerror(errno)))")
    }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten else {
      throw OutputFailure(description: "\(path): \(String(cString: strerror(errno)))")
    }
  }
}
