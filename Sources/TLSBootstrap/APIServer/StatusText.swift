/// What the API server writes into the Status of a refusal, where several requests are refused alike (E.2,
/// E.3). Names of clients' own are printed with Go's `%q`.
enum StatusText {
  static let requests = "certificatesigningrequests.certificates.k8s.io"

  /// Source: apimachinery pkg/api/errors `NewGenericServerResponse`.
  static let methodNotAllowed = "the server does not allow this method on the requested resource"
  static let resourceNotFound = "the server could not find the requested resource"

  static func request(named name: String) -> String { "\(requests) \(GoString.quoted(name))" }

  /// - Parameter object: resource and name.
  static func modified(_ object: String) -> String {
    "Operation cannot be fulfilled on \(object): the object has been modified; please apply your changes "
      + "to the latest version and try again"
  }

  /// Source: apiserver pkg/registry/generic/registry/store.go `Update`, pkg/storage/interfaces.go
  /// `Preconditions.Check`, pkg/storage/errors.go `StorageError`; `/registry` is the default of
  /// `--etcd-prefix`.
  ///
  /// - Parameters:
  ///   - sent: the UID of the object that the client knows.
  ///   - found: that of the one which has its name.
  static func replaced(_ name: String, sent: String, found: String) -> String {
    "Operation cannot be fulfilled on \(request(named: name)): StorageError: invalid object, Code: 4, "
      + "Key: /registry/certificatesigningrequests/\(name), ResourceVersion: 0, AdditionalErrorMsg: "
      + "Precondition failed: UID in precondition: \(sent), UID in object meta: \(found)"
  }

  static func notPermitted(
    to verb: Authorizer.SignerVerb, _ object: String, signer: String
  ) -> String {
    "\(object) is forbidden: user not permitted to \(verb.rawValue) requests with signerName "
      + GoString.quoted(signer)
  }

  /// - Parameter problem: with the field before it.
  static func invalid(_ name: String, _ problem: String) -> String {
    "CertificateSigningRequest.certificates.k8s.io \(GoString.quoted(name)) is invalid: \(problem)"
  }

  /// - Parameter condition: the one that was to be added.
  static func exclusive(_ condition: String) -> String {
    "status.conditions: Invalid value: \"\(condition)\": Approved and Denied conditions are mutually "
      + "exclusive"
  }
}
