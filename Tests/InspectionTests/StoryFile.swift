import Foundation
import Testing
import TestSupport

/// A file of `scenarios/failures`.
struct StoryFile: Sendable, CustomTestStringConvertible {
  /// `O15`: its row in section O.
  let number: String
  /// `failures/o15-not-allowed-to-create`.
  let name: String

  var testDescription: String { name }

  static let all: [StoryFile] = {
    let folder = Repository.root.appending(path: "scenarios/failures")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.sorted().compactMap { file in
      Int(file.dropFirst().prefix { $0 != "-" }).map {
        StoryFile(number: "O\($0)", name: "failures/\(file.dropLast(5))")
      }
    }
  }()
}
