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

  package var text: String {
    switch self {
    case .requestReceived: "stages RequestReceived: a request's later stage tells its time too"
    case .keptOpen:
      "stages of requests that are kept open: ends of watches, exec, attach, proxy, log"
    case .duplicate: "copies of events that were read before"
    case .panic: "requests that ended in a panic"
    case .otherStage: "events of a stage that tells no time"
    case .noCode: "events without a response code"
    case .noTime: "events without two valid times"
    case .backwards: "requests that ended before they began"
    case .tooLong: "requests that took more than an hour"
    case .tooManyKinds:
      "requests of further kinds, after \(AuditTally.mostKinds) kinds of request"
    case .otherObject: "lines with another object than an audit.k8s.io/v1 Event"
    case .malformed: "lines that are no JSON object"
    case .lineTooLong: "lines of more than \(LogLines.longest >> 20) MiB"
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
