extension Settlement {
  /// What a refused CSR create means while nobody changes the cluster; nil: it may heal by itself.
  init?(afterCreate answer: Answer, with credential: Credential, _ turn: inout Turn) {
    switch answer {
    case .unauthorized where turn.facts.isTakenSomewhere(credential, at: turn.now): return nil
    case .unauthorized: self = credential.kind == .certificate ? .certificateExpired : .tokenRefused
    case .forbidden, .forbiddenCommonName: self = .notAllowedToCreate
    case .connectionRefused: self = .serverUnreachable
    case .unknownAuthority, .servingCertificateExpired: self = .serverNotTrusted
    case .ok, .created, .forbiddenToApprove, .forbiddenToSign, .notFound, .alreadyExists,
      .conflict, .replaced, .methodNotAllowed, .internalError, .exclusiveConditions,
      .servingCertificateNotYetValid, .badRequest, .invalid,
      .forbiddenByAdmission, .connectionLost, .dialTimeout, .handshakeTimeout, .gone,
      .tooManyRequests, .timeout, .deadlineExceeded, .tooLarge, .unsupportedMediaType,
      .unknownError, .connectionClosed:
      return nil
    }
  }
}
