/// When answers change: how long a token's success stays cached (protocol.md C.4).
enum AnswerTiming {
  /// The recorded client asked every 50 ms, so that either side may be late by one gap.
  static let gap = 0.05

  /// To the second, as two runs can agree.
  static func text(_ changes: [RecordedAnswer.Change]) -> String {
    changes.map { "\($0.code) after \(Int($0.seconds.rounded())) s" }.joined(separator: ", ")
  }

  static func checks(
    _ lines: [RecordedAnswer], _ recordings: Recordings
  ) throws -> [ConformanceCheck] {
    try lines.filter { $0.name == "b-token-cache" }.map { line in
      let played = try AnswerScript(line, recordings).map { try PlayedAnswers($0) }
      guard let recorded = line.sequence?.first(where: { $0.code == 401 }),
        let simulated = played?.changes("it").first(where: { $0.code == 401 })
      else {
        throw RecordingError(
          path: "\(recordings.folder)/\(RecordedAnswer.file)", problem: "has no 401 in \(line.name)"
        )
      }
      return ConformanceCheck(
        .kubelet, line.name, "cached success of an expired token", recorded: recorded.seconds,
        simulated: simulated.seconds, tolerance: gap)
    }
  }
}
