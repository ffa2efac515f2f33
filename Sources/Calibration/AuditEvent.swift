import Scenarios

/// What matters of an event of audit.k8s.io/v1.
struct AuditEvent {
  var kind = ""
  var apiVersion = ""
  var auditID = ""
  var stage = ""
  var verb = ""
  var group = ""
  var resource = ""
  var subresource = ""
  /// Of the object; empty where the server makes it.
  var name = ""
  /// Of the request's URI, without its query.
  var path = ""
  /// Of the request's URI.
  var query: Substring = ""
  var code: Int?
  var received = ""
  var staged = ""
  /// Of a request for a CSR the CSR of the answer, at level `RequestResponse`.
  var answer: AnsweredCSR?

  init(_ line: UnsafeRawBufferPointer) throws(MalformedJSON) {
    var event = JSONScanner(line)
    try event.members { (key, value) throws(MalformedJSON) in
      switch key {
      case "kind": self.kind = try value.string()
      case "apiVersion": self.apiVersion = try value.string()
      case "auditID": self.auditID = try value.string()
      case "stage": self.stage = try value.string()
      case "verb": self.verb = try value.string()
      case "requestURI": try self.readURI(&value)
      case "objectRef": try self.readReference(&value)
      case "responseStatus": try self.readStatus(&value)
      // The API server writes it after the reference.
      case "responseObject" where self.isForCSRs && value.peek() == UInt8(ascii: "{"):
        self.answer = try AnsweredCSR(&value)
      case "requestReceivedTimestamp": self.received = try value.string()
      case "stageTimestamp": self.staged = try value.string()
      default: try value.skip()
      }
    }
    guard event.isAtEnd() else { throw MalformedJSON(offset: line.count) }
  }

  private mutating func readURI(_ uri: inout JSONScanner) throws(MalformedJSON) {
    let text = try uri.string()
    path = String(text.prefix { $0 != "?" })
    query = text.dropFirst(path.count + 1)
  }

  private mutating func readReference(_ reference: inout JSONScanner) throws(MalformedJSON) {
    if reference.peek() == UInt8(ascii: "n") { return try reference.skip() }
    try reference.members { (key, value) throws(MalformedJSON) in
      switch key {
      case "apiGroup": self.group = try value.string()
      case "resource": self.resource = try value.string()
      case "subresource": self.subresource = try value.string()
      case "name": self.name = try value.string()
      default: try value.skip()
      }
    }
  }

  private mutating func readStatus(_ status: inout JSONScanner) throws(MalformedJSON) {
    if status.peek() == UInt8(ascii: "n") { return try status.skip() }
    try status.members { (key, value) throws(MalformedJSON) in
      if key == "code" { self.code = try value.integer() } else { try value.skip() }
    }
  }

  var isAuditEvent: Bool { kind == "Event" && apiVersion == "audit.k8s.io/v1" }

  var isForCSRs: Bool {
    resource == "certificatesigningrequests" && group == "certificates.k8s.io"
  }

  /// How a request that the API server keeps open is told: by its verb, or what it opens.
  ///
  /// Source: kubernetes pkg/controlplane/apiserver/config.go, `BasicLongRunningRequestCheck`.
  var isLongRunning: Bool {
    ["watch", "proxy"].contains(verb)
      || ["attach", "exec", "proxy", "log", "portforward"].contains(subresource)
  }
}

/// Requests that are alike: what a service time depends on.
struct RequestKind: Hashable, Comparable {
  var verb: String
  var group: String
  var resource: String
  var subresource: String
  /// Only of a request for no resource.
  var path: String
  var response: ResponseClass

  init(_ event: AuditEvent, _ response: ResponseClass) {
    verb = event.verb
    group = event.group
    resource = event.resource
    subresource = event.subresource
    path = event.resource.isEmpty ? event.path : ""
    self.response = response
  }

  static func < (left: RequestKind, right: RequestKind) -> Bool {
    let order = { (kind: RequestKind) in
      [
        kind.group, kind.resource, kind.subresource, kind.path, kind.verb, kind.response.rawValue,
      ]
    }
    return order(left).lexicographicallyPrecedes(order(right))
  }
}

/// What became of a request, as far as its service time may depend on it.
enum ResponseClass: String, Hashable, Sendable {
  case success = "2xx"
  case unauthorized = "401"
  case forbidden = "403"
  case notFound = "404"
  case conflict = "409"
  case tooManyRequests = "429"
  case clientError = "4xx"
  case serverError = "5xx"

  /// - Parameter code: of HTTP; nil for what is no answer to a whole request.
  init?(code: Int) {
    switch code {
    case 200..<400: self = .success
    case 401: self = .unauthorized
    case 403: self = .forbidden
    case 404: self = .notFound
    case 409: self = .conflict
    case 429: self = .tooManyRequests
    case 400..<500: self = .clientError
    case 500..<600: self = .serverError
    default: return nil
    }
  }
}
