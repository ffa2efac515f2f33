/// Why something in a log is not part of the profile.
package enum Unused: Int, CaseIterable, Hashable, Sendable {
  case requestReceived
  case keptOpen
  case duplicate
  case panic
  case otherStage
  case noCode
  case noTime
  case backwards
  case tooLong
  case tooManyKinds
  case otherObject
  case malformed
  case lineTooLong

  /// What so many are, without their number.
  package func text(of count: Int) -> String {
    let (plural, are, were) = count == 1 ? ("", "is", "was") : ("s", "are", "were")
    return switch self {
    case .requestReceived:
      "stage\(plural) RequestReceived: a request's later stage tells its time too"
    case .keptOpen:
      "stage\(plural) of requests that are kept open: ends of watches, exec, attach, proxy, log"
    case .duplicate: "cop\(count == 1 ? "y" : "ies") of events that \(were) read before"
    case .panic: "request\(plural) that ended in a panic"
    case .otherStage: "event\(plural) of a stage that tells no time"
    case .noCode: "event\(plural) without a response code"
    case .noTime: "event\(plural) without two valid times"
    case .backwards: "request\(plural) that ended before \(count == 1 ? "it" : "they") began"
    case .tooLong: "request\(plural) that took more than an hour"
    case .tooManyKinds:
      "request\(plural) of further kinds, after \(AuditTally.mostKinds) kinds of request"
    case .otherObject: "line\(plural) with another object than an audit.k8s.io/v1 Event"
    case .malformed: "line\(plural) that \(are) no JSON object"
    case .lineTooLong: "line\(plural) of more than \(LogLines.longest >> 20) MiB"
    }
  }

  /// Whether something is wrong with the log, so that a person wants to look at the place.
  package var isFault: Bool {
    switch self {
    case .requestReceived, .keptOpen, .duplicate, .panic, .otherStage, .tooManyKinds: false
    case .noCode, .noTime, .backwards, .tooLong, .otherObject, .malformed, .lineTooLong: true
    }
  }
}
