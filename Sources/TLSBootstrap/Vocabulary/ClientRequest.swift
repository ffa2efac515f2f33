import SimulationKernel

/// What another client asks of the API server, and when: an entry of `spec.requests`.
public struct ClientRequest: Hashable, Sendable {
  /// Its User-Agent too.
  public var name: String
  /// From the start of the run.
  public var at = Duration.zero
  /// From one time to the next.
  public var every = Duration.seconds(1)
  /// How often it is sent.
  public var count = 1
  public var credentials = ClientCredentials()
  public var act: Act
  /// `dryRun=All`: it is answered as without, and nothing is stored.
  public var isDryRun = false

  public init(name: String, act: Act) {
    self.name = name
    self.act = act
  }

  /// What is asked for.
  public enum Act: Hashable, Sendable {
    case create(RequestShape)
    /// `kubectl certificate approve` or `deny` (E.5).
    case decide(RequestReference, ApproverSettings.Decision)
    /// A PUT of /approval or /status with one change.
    case update(RequestReference, RequestChange)
    case delete(RequestReference)
    /// `kubectl get -o yaml` and `kubectl replace --force` of that (O29).
    case replace(RequestReference)
    case ask(ForeignRequest)

    /// The CSR that it is about.
    public var reference: RequestReference? {
      switch self {
      case .decide(let reference, _), .update(let reference, _), .delete(let reference),
        .replace(let reference):
        reference
      case .create, .ask: nil
      }
    }
  }
}

/// What a client presents to be known by (C.2).
public struct ClientCredentials: Hashable, Sendable {
  /// `kubernetes-admin` with the groups of its certificate; nil: those below.
  public var user: String? = "kubernetes-admin"
  public var groups = ["kubeadm:cluster-admins", "system:authenticated"]
  public var certificate: Certificate?
  /// The bearer token as written.
  public var token: String?
  /// As whom it asks to be taken.
  public var impersonated: ImpersonatedUser?

  public init() {}

  /// None at all.
  public static let anonymous: ClientCredentials = {
    var credentials = ClientCredentials()
    credentials.user = nil
    credentials.groups = []
    return credentials
  }()

  /// A client certificate with its key.
  public enum Certificate: Hashable, Sendable {
    /// A copy of the one that the kubelet of this node uses at that time.
    case ofNode(String)
    /// The one that was issued to the CSR of this entry.
    case ofRequest(String)
    case handmade(HandmadeCertificate)
  }
}

/// What `Impersonate-User`, `Impersonate-Group` and `Impersonate-Uid` say.
public struct ImpersonatedUser: Hashable, Sendable {
  /// Empty: there is no such header.
  public var name = ""
  public var groups: [String] = []
  public var uid = ""

  public init() {}
}

/// A client certificate made by hand (C.5).
public struct HandmadeCertificate: Hashable, Sendable {
  public var commonName = ""
  public var organizations: [String] = []
  /// From the start of the run, as is `notAfter`.
  public var notBefore = Duration.minutes(-5)
  public var notAfter = Duration.days(365)
  /// Whether a CA of `--client-ca-file` signed it.
  public var isTrusted = true
  /// Whether its extended key usages contain ClientAuth.
  public var isForClients = true

  public init() {}
}

/// How a client names a CSR.
public enum RequestReference: Hashable, Sendable {
  case name(String)
  /// The latest of this node.
  case ofNode(String)
  /// The latest that this entry of `spec.requests` created.
  case ofRequest(String)
}

/// A condition of a CSR as a client wrote it, right or wrong (E.3).
public struct WrittenCondition: Hashable, Sendable {
  /// As is everything: empty where it is not set.
  public var type = ""
  public var status = ""
  public var reason = ""
  public var message = ""

  public init() {}

  init(_ type: String, reason: String = "", message: String = "") {
    self.type = type
    status = "True"
    self.reason = reason
    self.message = message
  }
}

/// A change of a CSR's conditions or certificate (E.2, E.3).
public struct RequestChange: Hashable, Sendable {
  /// What is put.
  public enum Subresource: String, Hashable, Sendable { case approval, status }
  /// A type of condition, by its name.
  public enum Condition: String, CaseIterable, Hashable, Sendable {
    case approved = "Approved"
    case denied = "Denied"
    case failed = "Failed"
  }
  /// What is otherwise in the copy that is put.
  public enum Change: Hashable, Sendable {
    case add(Condition)
    case remove(Condition)
    /// These, in place of those that there are.
    case conditions([WrittenCondition])
    /// Of /status: a certificate that another signer made, trusted by the API server or not.
    case certificate(isTrusted: Bool)
    /// Of /status: bytes that are none, and what is wrong with them.
    case badCertificate(String)
  }
  public var subresource: Subresource
  public var change: Change
  /// Of a condition that is added.
  public var reason = ""
  public var message = ""

  public init(_ subresource: Subresource, _ change: Change) {
    self.subresource = subresource
    self.change = change
  }
}

/// A request for any resource or path, in the words of RBAC.
public struct ForeignRequest: Hashable, Sendable {
  public var verb = "get"
  public var group = ""
  public var version = "v1"
  public var resource = ""
  public var subresource = ""
  public var name = ""
  public var namespace = ""
  /// `spec.nodeName=…`; of a list or watch `metadata.name=…` counts as a name.
  public var fieldSelector = ""
  /// Not empty: a non-resource request, whose verb is the HTTP method; one that has yet to be `resolved` may
  /// be for a resource.
  public var path = ""
  /// Whether a path became this request for a resource: then the URL says whether it has a name.
  package var isByURL = false

  public init() {}

  /// Whether it may change something.
  public var isWrite: Bool { !["get", "list", "watch"].contains(verb) }

  /// Whether it is about more than one object, from which a selector may choose.
  public var isOfCollection: Bool { ["list", "watch", "deletecollection"].contains(verb) }
}
