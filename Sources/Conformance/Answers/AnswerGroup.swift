/// The recorded answers of one group of failure cases beside the simulated ones: code, reason and message to
/// the letter, after replacing generated names, times and UIDs.
struct AnswerGroup: Sendable {
  let letter: Character
  let title: String
  /// Steps that say nothing about an API server's answer, and why.
  var notPlayed: [String: String] = [:]

  static let all = [
    AnswerGroup(letter: "a", title: "tokens without a Secret"),
    AnswerGroup(letter: "b", title: "expired tokens"),
    AnswerGroup(letter: "c", title: "wrong token secrets"),
    AnswerGroup(letter: "d", title: "token usages"),
    AnswerGroup(letter: "g", title: "no binding to create CSRs"),
    AnswerGroup(letter: "h", title: "no binding to approve"),
    AnswerGroup(letter: "i", title: "denied CSRs"),
    AnswerGroup(
      letter: "m", title: "untrusted serving certificate",
      notPlayed: [
        "client trusts another CA": "the connection fails before any request, and the client's own "
          + "TLS texts are not compared"
      ]),
    AnswerGroup(letter: "n", title: "hand-made CSRs"),
    AnswerGroup(letter: "o", title: "client certificates"),
    AnswerGroup(letter: "r", title: "life of certificates"),
  ]

  /// All of these, and one for each further letter with which cases begin.
  static func groups(of lines: [RecordedAnswer]) -> [AnswerGroup] {
    let known = Set(all.map(\.letter))
    let others = Set(lines.map(\.group)).subtracting(known).sorted()
    return all + others.map { AnswerGroup(letter: $0, title: "other cases") }
  }

  func check(_ lines: [RecordedAnswer], _ recordings: Recordings) throws -> ConformanceCheck {
    let compared = lines.filter { $0.group == letter && notPlayed[$0.step] == nil }
    let differences = try compared.flatMap { try Self.differences(of: $0, recordings) }
    let left = lines.filter { $0.group == letter }.compactMap { line in
      notPlayed[line.step].map { "“\(line.step)” is not compared: \($0)" }
    }
    let unequal = Set(differences.map(\.line)).count
    return ConformanceCheck(
      .answers, "(\(letter)) \(title)", "equal to the letter", recorded: "\(compared.count)",
      simulated: "\(compared.count - unequal)", bound: compared.isEmpty ? "" : "equal",
      holds: compared.isEmpty ? nil : differences.isEmpty,
      reason: (differences.map(\.text) + left).joined(separator: "; "))
  }

  /// A line whose answer is not the recorded one.
  struct Difference: Hashable, Sendable {
    let line: Int
    let text: String
  }

  static func differences(
    of line: RecordedAnswer, _ recordings: Recordings
  ) throws -> [Difference] {
    guard let script = try AnswerScript(line, recordings) else {
      return [Difference(line: line.number, text: "\(line): nothing plays it")]
    }
    let played = try PlayedAnswers(script)
    return pairs(line, played).filter { $0.recorded != $0.simulated }.map { pair in
      Difference(
        line: line.number,
        text: "\(line): \(pair.what) is “\(pair.simulated)”, recorded “\(pair.recorded)”")
    }
  }

  private typealias Pair = (what: String, recorded: String, simulated: String)

  /// What a line says, and what came out.
  private static func pairs(_ line: RecordedAnswer, _ played: PlayedAnswers) -> [Pair] {
    if let sequence = line.sequence {
      return [
        ("the codes", AnswerTiming.text(sequence), AnswerTiming.text(played.changes("it")))
      ]
    }
    if let conditions = line.conditions {
      // The recorded CSR was read 2.5 s after its create, before it was approved by hand.
      let isEarly = line.step.contains("after 2.5 s")
      var pairs: [Pair] = [
        (
          "the conditions", "\(conditions)", "\(played.conditions(at: isEarly ? 3 : nil))"
        )
      ]
      if !isEarly { pairs.append(("issued", "\(line.isIssued)", "\(played.isIssued)")) }
      if let lifetime = line.lifetime {
        pairs.append(("the life", "\(lifetime) s", "\(played.lifetime) s"))
      }
      return pairs
    }
    if let output = line.output {
      let plain = RecordedAnswer.plain
      return [("kubectl's output", plain(output), plain(played.kubectlOutput))]
    }
    return answer(line, line.group == "n" ? played.answers("it").first : played.answers("it").last)
  }

  private static func answer(
    _ line: RecordedAnswer, _ answer: PlayedAnswers.Answer?
  ) -> [Pair] {
    guard let answer else { return [("the answer", "\(line.code)", "missing")] }
    let code: Pair = ("the code", "\(line.code)", "\(answer.code)")
    guard line.isFailure else { return [code] }
    return [
      code, ("the reason", line.reason, answer.reason),
      ("the message", RecordedAnswer.plain(line.message), RecordedAnswer.plain(answer.message)),
    ]
  }
}
