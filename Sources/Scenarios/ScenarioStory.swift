/// What the comment at the top of a scenario tells.
public struct ScenarioStory: Hashable, Sendable {
  /// Number of the failure mode (protocol.md section O): “O17. Nobody …” begins with it.
  public let failureMode: Int?
  /// The comment in one line, without the number, and without lines that are for tools.
  public let text: String
  /// What to give to `--set` so that a failure is cured: of the lines `# Cure: --set key=value`, which may have
  /// several.
  public let cure: [String]

  private static let cureMark = "Cure:"
  private static let tools = ["yaml-language-server:", "bootsim-lint:"]

  /// - Parameter scenario: the text of a scenario file.
  public init(_ scenario: String) {
    let lines = scenario.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { $0.hasPrefix("#") }
      .map { $0.drop { $0 == "#" || $0 == " " } }
      .filter { line in !Self.tools.contains { line.hasPrefix($0) } }
    cure = lines.filter { $0.hasPrefix(Self.cureMark) }.flatMap { line in
      line.split(separator: "--set ").dropFirst().map { word in
        let end: Character = word.first == "'" ? "'" : " "
        return String(word.drop { $0 == "'" }.prefix { $0 != end })
      }
    }
    let story = lines.filter { !$0.hasPrefix(Self.cureMark) && !$0.isEmpty }
      .joined(separator: " ")
    let mark = story.prefix { $0 != "." }
    if mark.first == "O", let number = Int(mark.dropFirst()) {
      failureMode = number
      text = String(story.dropFirst(mark.count + 2))
    } else {
      failureMode = nil
      text = story
    }
  }

  /// Of a scenario that was read.
  package init(_ loaded: LoadedScenario) {
    // The scenario's own file is the first.
    self.init(loaded.inputs.first?.text ?? "")
  }

  /// The first sentence, and the next one where that is very short.
  public var summary: String {
    var end = text.startIndex
    while end < text.endIndex {
      let next = text[end...].firstRange(of: ". ")?.upperBound ?? text.endIndex
      end = next
      if text.distance(from: text.startIndex, to: end) > 40 { break }
    }
    let sentence = text[..<end]
    return String(sentence.hasSuffix(" ") ? sentence.dropLast() : sentence)
  }
}
