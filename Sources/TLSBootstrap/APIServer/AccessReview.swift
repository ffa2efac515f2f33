/// Who may do what by a scenario, asked of the run's own authenticator and authorizers without a run.
package struct AccessReview: Sendable {
  private let scenario: Scenario
  private let authorizer: Authorizer

  package init(_ scenario: Scenario) {
    self.scenario = scenario
    authorizer = Authorizer(scenario, tokens: TokenTable(scenario))
  }

  /// What the API server makes of a bearer token, apart from its expiration.
  package enum TokenVerdict: Hashable, Sendable {
    case known(User, BootstrapTokenSecret.Expiration)
    /// What the server logs about it.
    case refused(String)
    /// It is empty, or begins with a blank: the request has none, and is anonymous.
    case absent
  }

  package func verdict(on token: String) -> TokenVerdict {
    var table = TokenTable(scenario)
    guard let number = table.number(of: token) else { return .absent }
    let found = table.tokens[number]
    return switch found.verdict {
    case .known(_, _, let expiration): .known(found.user, expiration)
    case .refused(let text), .refusedUnlessExpired(let text, _, _): .refused(text)
    }
  }

  /// Whether the user may do this with CSRs, or with a subresource of theirs.
  package func allows(_ user: User, _ verb: String, requests subresource: String = "") -> Bool {
    let attributes = RequestAttributes(
      verb: verb, group: "certificates.k8s.io", resource: "certificatesigningrequests",
      subresource: subresource)
    return authorizer.decide(attributes, by: user).isAllowed
  }

  /// Whether a kubelet with its certificate may do what makes its node Ready: create the Node, where it does that
  /// itself, and patch its status (D.3, or by RBAC).
  package func mayRegister(node name: String, creates: Bool) -> Bool {
    let user = authorizer.user(Identity(.node), node: name)
    let calls: [Call] = creates ? [.createNode, .patchNodeStatus] : [.patchNodeStatus]
    return calls.allSatisfy { call in
      authorizer.decide(authorizer.attributes(of: call, node: name, request: ""), by: user)
        .isAllowed
    }
  }

  package func mayApprove(_ user: User, _ signer: SignerName) -> Bool {
    allows(user, "update", requests: "approval")
      && authorizer.allowsSigner(user, .approve, named: signer.text)
  }

  /// Who csrapproving and csrsigning are (J.2).
  package var controller: User {
    authorizer.user(ControllerManager.identity(of: scenario.controllerManager), node: "")
  }

  /// Whether csrapproving can approve what it is allowed to.
  package var csrapprovingWorks: Bool {
    let manager = scenario.controllerManager
    let create = RequestAttributes(
      verb: "create", group: "authorization.k8s.io", resource: "subjectaccessreviews")
    return manager.running && manager.csrapproving
      && Facts.hasCredentials(manager, authorizer)
      && authorizer.decide(create, by: controller).isAllowed
      && mayApprove(controller, .kubeAPIServerClientKubelet)
  }

  /// Whether the signers can write certificates, where they run and have a key.
  package var signersArePermitted: Bool {
    let signer = SignerName.kubeAPIServerClientKubelet.text
    return Facts.hasCredentials(scenario.controllerManager, authorizer)
      && allows(controller, "update", requests: "status")
      && authorizer.allowsSigner(controller, .sign, named: signer)
  }

  /// F.2: whether csrapproving approves a user's CSRs for a node's client certificate.
  package func csrapprovingApproves(_ user: User, isRenewal: Bool) -> Bool {
    csrapprovingWorks
      && (allows(user, "create", requests: "nodeclient")
        || isRenewal && allows(user, "create", requests: "selfnodeclient"))
  }
}
