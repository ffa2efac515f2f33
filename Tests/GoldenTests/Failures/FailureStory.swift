import Foundation
import Scenarios
import Testing
import TestSupport

/// A failure mode of protocol.md section O: a file of `scenarios/failures`, and how to cure it.
struct FailureStory: Sendable, CustomTestStringConvertible {
  /// Its number in section O.
  let number: Int
  /// `failures/o01-no-bootstrap-kubeconfig`.
  let name: String
  /// What fails, what is seen and what cures it: the comment at the top, without the cure's lines.
  let comment: String
  /// What to give to `--set` so that the cause is gone: the lines `# Cure: --set key=value`.
  let cure: [String]

  var testDescription: String { name }

  static let all: [FailureStory] = {
    let folder = Repository.root.appendingPathComponent("scenarios/failures")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.sorted().compactMap { file in
      let text = try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      return text.flatMap { FailureStory(file: String(file.dropLast(5)), text: $0) }
    }
  }()

  /// The only story of this number.
  static func o(_ number: Int) throws -> FailureStory {
    let stories = all.filter { $0.number == number }
    #expect(stories.count == 1, "O\(number) has one file")
    return try #require(stories.first)
  }

  init?(file: String, text: String) {
    guard file.hasPrefix("o"), let number = Int(file.dropFirst().prefix { $0 != "-" }) else {
      return nil
    }
    self.number = number
    name = "failures/\(file)"
    let story = ScenarioStory(text)
    cure = story.cure
    comment = story.failureMode.map { "O\($0). \(story.text)" } ?? story.text
  }

  func play() throws -> PlayedScenario { try PlayedScenario(name) }
  func playCured() throws -> PlayedScenario { try PlayedScenario(name, overrides: cure) }
}
