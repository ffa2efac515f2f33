import Foundation

/// A line of `failure-answers.jsonl`: what a real API server answered in one step of a failure case.
struct RecordedAnswer: Sendable, CustomStringConvertible {
  let number: Int
  /// `b-token-expired`; its first letter is the group.
  let name: String
  let step: String
  let code: Int
  let isFailure: Bool
  let reason: String
  let message: String
  let conditions: [String]?
  let isIssued: Bool
  /// What kubectl printed.
  let output: String?
  /// Changes of the code: seconds from the first answer, and the code.
  let sequence: [Change]?
  let expirationSeconds: Int?
  /// Of the certificate, in seconds.
  let lifetime: Int64?

  struct Change: Hashable, Sendable {
    let seconds: Double
    let code: Int
  }

  var group: Character { name.first ?? "?" }
  var description: String { "\(number) \(name): \(step)" }

  static let file = "failure-answers.jsonl"

  static func all(_ recordings: Recordings) throws(RecordingError) -> [RecordedAnswer] {
    let lines = try recordings.text(file).split(separator: "\n")
    var answers: [RecordedAnswer] = []
    for (index, line) in lines.enumerated() {
      guard let answer = RecordedAnswer(number: index + 1, String(line)) else {
        throw RecordingError(
          path: "\(recordings.folder)/\(file)", problem: "has no case and step in line \(index + 1)"
        )
      }
      answers.append(answer)
    }
    return answers
  }

  private init?(number: Int, _ text: String) {
    guard let fields = Self.object(text), let name = fields["case"] as? String,
      let step = fields["step"] as? String
    else { return nil }
    self.number = number
    self.name = name
    self.step = step
    code = fields["http"] as? Int ?? 0
    isFailure = fields["status"] as? String == "Failure"
    reason = fields["reason"] as? String ?? ""
    message = fields["message"] as? String ?? ""
    conditions = fields["conditions"] as? [String]
    isIssued = fields["issued"] as? Bool ?? false
    output = (fields["stdout"] as? String)?.trimmingCharacters(in: .whitespacesAndNewlines)
    sequence = (fields["seq"] as? [[Double]]).flatMap(Self.changes)
    expirationSeconds = fields["spec_expirationSeconds"] as? Int
    lifetime = (fields["lifetime_s"] as? Double).flatMap { Int64(exactly: $0.rounded(.down)) }
  }

  private static func object(_ line: String) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
  }

  /// nil: they are no seconds and codes.
  private static func changes(_ points: [[Double]]) -> [Change]? {
    guard points.allSatisfy({ $0.count == 2 && abs($0[0]) < 1e9 }) else { return nil }
    var changes: [Change] = []
    for point in points {
      guard let code = Int(exactly: point[1]) else { return nil }
      if changes.last?.code == code { continue }
      changes.append(Change(seconds: point[0] - points[0][0], code: code))
    }
    return changes
  }
}

// MARK: What was asked for, and what does not count

extension RecordedAnswer {
  /// The CSR that was created in the case, in JSON, which is YAML; without its empty status.
  func createdObject(_ recordings: Recordings) throws(RecordingError) -> String {
    let path = "audit/fail-\(name).jsonl"
    for line in try recordings.text(path).split(separator: "\n") {
      guard let event = Self.object(String(line)), event["verb"] as? String == "create",
        (event["requestURI"] as? String)?.hasSuffix("/certificatesigningrequests") == true
      else { continue }
      // A body that cannot be decoded is not in the audit log.
      guard var created = event["requestObject"] as? [String: Any] else {
        return "{spec: {request: \"!!!\", signerName: kubernetes.io/kube-apiserver-client-kubelet, "
          + "usages: [digital signature, client auth]}}"
      }
      created["status"] = nil
      guard
        let data = try? JSONSerialization.data(
          withJSONObject: created, options: .withoutEscapingSlashes)
      else { continue }
      return String(decoding: data, as: UTF8.self)
    }
    throw RecordingError(path: "\(recordings.folder)/\(path)", problem: "creates no CSR")
  }

  /// Without what differs from run to run: generated names, names of tokens, and what follows `asn1:`.
  static func plain(_ message: String) -> String {
    var text = message
    for (pattern, name) in [
      ("csr-[bcdfghjklmnpqrstvwxz2456789]{5}\\b", "csr-NAME"),
      ("bootstrap-token-[a-z0-9]{6}\\b", "bootstrap-token-NAME"),
    ] {
      text = text.replacingOccurrences(of: pattern, with: name, options: .regularExpression)
    }
    if let end = text.range(of: "asn1:") { text = String(text[..<end.upperBound]) }
    return text
  }
}
