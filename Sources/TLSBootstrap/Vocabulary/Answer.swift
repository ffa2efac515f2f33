/// How a call ended, as the client sees it.
public enum Answer: UInt8, CaseIterable, Hashable, Sendable {
  case ok
  case created
  /// C.6. Every refusal of credentials reads alike.
  case unauthorized
  /// D.4. RBAC and the Node authorizer had nothing to say.
  case forbidden
  /// E.1. CertificateApproval: no `approve` on the signer.
  case forbiddenToApprove
  /// E.1. CertificateSigning: no `sign` on the signer.
  case forbiddenToSign
  /// E.1. NodeRestriction: the CSR's CN is not the caller's own.
  case forbiddenCommonName
  case notFound
  case alreadyExists
  /// 409: the object has been modified.
  case conflict
  /// 422: Approved and Denied exclude each other (E.3).
  case exclusiveConditions
  // What never reaches the server.
  /// Nothing listens at the address of the kubeconfig.
  case connectionRefused
  /// The serving certificate is not signed by the kubeconfig's CA (O5).
  case unknownAuthority
  /// The serving certificate is past its NotAfter by the node's clock (M.1 row 6).
  case servingCertificateExpired
  /// The serving certificate is before its NotBefore by the node's clock (M.1 row 6).
  case servingCertificateNotYetValid
  // What only other clients' requests meet (`spec.requests`).
  /// 400: the body cannot be decoded (E.3).
  case badRequest
  /// 422: fields, conditions or certificate are not valid (E.3).
  case invalid
  /// E.1. An admission plugin refuses what is in the object.
  case forbiddenByAdmission
  /// The connection broke before the answer (A.11).
  case connectionLost
  /// The network swallowed every try to connect (O4).
  case dialTimeout
  /// 410: the resource version is older than what the server remembers (A.11, K.4).
  case gone
  // What load does.
  /// K.3. No seat, now or in time; with a Retry-After.
  case tooManyRequests
  /// K.4. Not done at the request's deadline; a write may have been done nevertheless (O43).
  case timeout
  /// A.11. The client's own timeout, which covers all its retries.
  case deadlineExceeded
  /// 413: the body is longer than the server reads.
  case tooLarge
  /// The connection came about, but TLS did not in its time (A.11).
  case handshakeTimeout
  /// The client closed the connection itself, to use another certificate (B.6).
  case connectionClosed
  /// 409: another object has the name by now, with another UID (O29).
  case replaced
  /// 405: what is at the URL does not know the method.
  case methodNotAllowed
  /// 500: the server can make no request of the URL.
  case internalError
  /// 415: the server has no decoder for bodies of this type.
  case unsupportedMediaType
  /// 500: an error that the server has no Status for.
  case unknownError

  /// The HTTP code; 0 where there was no HTTP answer.
  public var code: UInt16 {
    switch self {
    case .ok: 200
    case .created: 201
    case .unauthorized: 401
    case .badRequest: 400
    case .tooLarge: 413
    case .forbidden, .forbiddenToApprove, .forbiddenToSign, .forbiddenCommonName,
      .forbiddenByAdmission:
      403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .alreadyExists, .conflict, .replaced: 409
    case .exclusiveConditions, .invalid: 422
    case .gone: 410
    case .internalError, .unknownError: 500
    case .unsupportedMediaType: 415
    case .tooManyRequests: 429
    case .timeout: 504
    case .connectionRefused, .unknownAuthority, .servingCertificateExpired,
      .servingCertificateNotYetValid, .connectionLost, .dialTimeout, .handshakeTimeout,
      .deadlineExceeded, .connectionClosed:
      0
    }
  }

  /// `reason` of the Status object; empty on success and where there was no HTTP answer.
  public var reason: String {
    switch self {
    case .gone: "Expired"
    case .ok, .created, .connectionRefused, .unknownAuthority, .servingCertificateExpired,
      .servingCertificateNotYetValid, .connectionLost, .dialTimeout, .handshakeTimeout,
      .deadlineExceeded, .connectionClosed, .unknownError:
      ""
    case .unauthorized: "Unauthorized"
    case .forbidden, .forbiddenToApprove, .forbiddenToSign, .forbiddenCommonName,
      .forbiddenByAdmission:
      "Forbidden"
    case .notFound: "NotFound"
    case .alreadyExists: "AlreadyExists"
    case .conflict, .replaced: "Conflict"
    case .methodNotAllowed: "MethodNotAllowed"
    case .internalError: "InternalError"
    case .unsupportedMediaType: "UnsupportedMediaType"
    case .exclusiveConditions, .invalid: "Invalid"
    case .badRequest: "BadRequest"
    case .tooLarge: "RequestEntityTooLarge"
    case .tooManyRequests: "TooManyRequests"
    case .timeout: "Timeout"
    }
  }

  /// Inlined for speed: it is asked three times for each request.
  @inline(__always)
  public var isSuccess: Bool { self == .ok || self == .created }

  /// A.11: whether an informer whose watch is answered so asks for a list next, rather than for the watch
  /// again after a pause.
  var asksForList: Bool {
    switch self {
    case .connectionRefused, .connectionLost, .connectionClosed, .dialTimeout, .handshakeTimeout,
      .gone, .tooManyRequests:
      false
    default: true
    }
  }

  /// Whether a kubelet counts the server as healthy after this answer to a CSR create (B.5).
  var provesServerHealth: Bool {
    switch code {
    case 401, 403, 404: true
    default: false
    }
  }
}
