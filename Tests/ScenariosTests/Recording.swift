import Foundation
import Testing

/// The recorded answers, which are beside the repository and never read by anything but tests.
enum Recording {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("shared/groundtruth")

  static var isThere: Bool {
    FileManager.default.fileExists(
      atPath: folder.appendingPathComponent("failure-answers.jsonl").path)
  }

  struct Line: Sendable, CustomTestStringConvertible {
    var number: Int
    var name: String
    var step: String
    var code: Int
    var isFailure: Bool
    var reason: String
    var message: String
    var conditions: [String]?
    var isIssued: Bool
    var output: String?
    /// Changes of the code, in whole seconds from the first answer.
    var sequence: [[Int]]?
    var expirationSeconds: Int?
    var lifetime: Int64

    var testDescription: String { "\(number) \(name): \(step)" }
  }

  static let lines: [Line] = {
    let text = (try? read("failure-answers.jsonl")) ?? ""
    return text.split(separator: "\n").enumerated().compactMap { line($0 + 1, String($1)) }
  }()

  static func names(prefix: String) -> [String] {
    var names: [String] = []
    for line in lines where line.name.hasPrefix(prefix) && names.last != line.name {
      names.append(line.name)
    }
    return names
  }

  private static func read(_ path: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
  }

  private static func object(_ line: String) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
  }

  private static func line(_ number: Int, _ text: String) -> Line? {
    guard let fields = object(text), let name = fields["case"] as? String,
      let step = fields["step"] as? String
    else { return nil }
    return Line(
      number: number, name: name, step: step, code: fields["http"] as? Int ?? 0,
      isFailure: fields["status"] as? String == "Failure",
      reason: fields["reason"] as? String ?? "", message: fields["message"] as? String ?? "",
      conditions: fields["conditions"] as? [String], isIssued: fields["issued"] as? Bool ?? false,
      output: (fields["stdout"] as? String)?.trimmingCharacters(in: .whitespacesAndNewlines),
      sequence: (fields["seq"] as? [[Double]]).map(changes),
      expirationSeconds: fields["spec_expirationSeconds"] as? Int,
      lifetime: (fields["lifetime_s"] as? Double).map { Int64($0) } ?? 0)
  }

  private static func changes(_ sequence: [[Double]]) -> [[Int]] {
    var changes: [[Int]] = []
    for point in sequence where changes.last?.last != Int(point[1]) {
      changes.append([Int((point[0] - sequence[0][0]).rounded()), Int(point[1])])
    }
    return changes
  }

  /// The CSR that was created in a case, in JSON, which is YAML; without its empty status.
  static func createdObject(_ name: String) throws -> String {
    for line in try read("audit/fail-\(name).jsonl").split(separator: "\n") {
      guard let event = object(String(line)), event["verb"] as? String == "create",
        (event["requestURI"] as? String)?.hasSuffix("/certificatesigningrequests") == true
      else { continue }
      // A body that cannot be decoded is not in the audit log.
      guard var created = event["requestObject"] as? [String: Any] else {
        return "{spec: {request: \"!!!\", signerName: kubernetes.io/kube-apiserver-client-kubelet, "
          + "usages: [digital signature, client auth]}}"
      }
      created["status"] = nil
      let data = try JSONSerialization.data(
        withJSONObject: created, options: .withoutEscapingSlashes)
      return String(decoding: data, as: UTF8.self)
    }
    throw CocoaError(.fileReadUnknown)
  }

  /// Without what differs from run to run: generated names, and what follows `asn1:`.
  static func plain(_ message: String) -> String {
    var text = message.replacingOccurrences(
      of: "csr-[bcdfghjklmnpqrstvwxz2456789]{5}\\b", with: "csr-NAME", options: .regularExpression)
    if let end = text.range(of: "asn1:") { text = String(text[..<end.upperBound]) }
    return text
  }
}
