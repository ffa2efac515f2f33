import Scenarios
import SimulationKernel
import TLSBootstrap

/// What audit logs say about how long requests take, gathered in a memory that does not grow with
/// the logs; with `csrTimes` it grows with the number of CSRs.
package struct AuditTally: Sendable {
  /// The most kinds of request that are told apart.
  ///
  /// Assumption: a cluster has some hundred; with service times up to an hour they take 100 MB.
  static let mostKinds = 1_024
  /// The most places that are kept of each fault.
  static let mostPlaces = 3

  /// How often each reason was met.
  package private(set) var unused: [Unused: Int] = [:]
  /// The first places of each fault.
  package private(set) var places: [Unused: [Place]] = [:]
  /// How many files were read, how many events are in them, and how many of those are used.
  package private(set) var files = 0
  package private(set) var events = 0
  package private(set) var used = 0
  /// When the first and the last of all events were, in nanoseconds since 1970.
  private(set) var first = Int64.max
  private(set) var last = Int64.min
  private(set) var times: [RequestKind: ServiceTimes] = [:]
  private var seen = SeenEvents()
  /// Nil: nobody asked for them.
  package private(set) var csrTimes: CSRTimes?

  /// - Parameter listsCSRs: whether the times of each CSR are kept.
  package init(listsCSRs: Bool = false) {
    if listsCSRs { csrTimes = CSRTimes() }
  }

  /// Reads one log to its end, plain or gzip; logs may come in any order.
  ///
  /// - Returns: how many audit events are in it.
  /// - Throws: `UnreadableLog`; `ScenarioErrors` for a file that has not one event a line.
  @discardableResult
  package mutating func read(path: String) throws -> Int {
    let before = events
    var lines = try LogLines(path: path)
    var number = 0
    while try lines.next({ line in
      number += 1
      let place = Place(file: path, line: number, column: 1)
      switch line {
      case .tooLong: leave(.lineTooLong, at: place)
      case .text(let text): try read(text, at: place, isFirst: events == before)
      }
    }) {}
    files += 1
    return events - before
  }

  private mutating func read(
    _ line: UnsafeRawBufferPointer, at place: Place, isFirst: Bool
  ) throws {
    var scanner = JSONScanner(line)
    guard let begin = scanner.peek() else { return }
    let event: AuditEvent
    do throws(MalformedJSON) {
      event = try AuditEvent(line)
    } catch {
      if isFirst { try refuseOtherForms(begin, line, at: place) }
      var place = place
      place.column = error.offset + 1
      leave(.malformed, at: place)
      return
    }
    guard event.isAuditEvent else {
      if isFirst, event.kind.hasSuffix("List") { throw Self.form(.list, at: place) }
      leave(.otherObject, at: place)
      return
    }
    events += 1
    take(event, at: place)
  }

  private mutating func take(_ event: AuditEvent, at place: Place) {
    guard seen.insert(event) else { return leave(.duplicate, at: place) }
    switch event.stage {
    case "RequestReceived": return leave(.requestReceived, at: place)
    case "Panic": return leave(.panic, at: place)
    case "ResponseStarted":
      // Told of requests that are kept open, and alone of those that fail authentication: apiserver
      // pkg/endpoints/filters/audit.go and authn_audit.go.
      let isRefused = event.code.map { $0 >= 400 } ?? false
      guard event.verb == "watch" || isRefused else { return leave(.keptOpen, at: place) }
    case "ResponseComplete":
      guard !event.isLongRunning else { return leave(.keptOpen, at: place) }
    default: return leave(.otherStage, at: place)
    }
    guard let response = event.code.flatMap(ResponseClass.init(code:)) else {
      return leave(.noCode, at: place)
    }
    count(event, response, at: place)
  }

  private mutating func count(
    _ event: AuditEvent, _ response: ResponseClass, at place: Place
  ) {
    guard case .at(let received)? = Timestamp.parse(event.received),
      case .at(let staged)? = Timestamp.parse(event.staged), received >= 0, staged >= 0
    else { return leave(.noTime, at: place) }
    if response == .success { csrTimes?.note(event, received: received, staged: staged) }
    let length = Duration(nanoseconds: staged - received)
    guard length >= .zero else { return leave(.backwards, at: place) }
    guard length <= ServiceTimes.longest else { return leave(.tooLong, at: place) }
    let kind = RequestKind(event, response)
    guard times.count < Self.mostKinds || times[kind] != nil else {
      return leave(.tooManyKinds, at: place)
    }
    times[kind, default: ServiceTimes()].add(length)
    used += 1
    first = min(first, received)
    last = max(last, staged)
  }

  private mutating func leave(_ reason: Unused, at place: Place) {
    unused[reason, default: 0] += 1
    guard reason.isFault, places[reason, default: []].count < Self.mostPlaces else { return }
    places[reason, default: []].append(place)
  }
}

// MARK: Other forms of the same events

extension AuditTally {
  private enum Form { case array, list, printed }

  /// Stops where a file's first line shows that it has not one event a line.
  private func refuseOtherForms(
    _ begin: UInt8, _ line: UnsafeRawBufferPointer, at place: Place
  ) throws {
    if begin == UInt8(ascii: "[") { throw Self.form(.array, at: place) }
    if line.starts(with: "SQLite format 3\0".utf8) {
      let cure = "make one of it with bootsim export \(place.file) --format audit"
      throw ScenarioErrors([ScenarioError(at: place, "a trace, no audit log", cure: cure)])
    }
    var scanner = JSONScanner(line)
    try? scanner.passBrace()
    if scanner.isAtEnd() { throw Self.form(.printed, at: place) }
  }

  private static func form(_ form: Form, at place: Place) -> ScenarioErrors {
    let (problem, filter) =
      switch form {
      case .array: ("a JSON array instead of one event a line", ".[]")
      case .list: ("a list of events instead of one event a line", ".items[]")
      case .printed:
        ("a JSON text over several lines instead of one event a line", ".items[]? // .")
      }
    return ScenarioErrors([
      ScenarioError(
        at: place, problem, cure: "convert it with `jq -c '\(filter)'`, and give the result")
    ])
  }
}
