import SimulationKernel
import TLSBootstrap

private typealias Key = KeyDocumentation

let requestKeys: [KeyDocumentation] =
  entryKeys + credentialKeys + createKeys + referenceKeys + updateKeys + askKeys

private let none = "none"
private let made = HandmadeCertificate()
private let request = ClientRequest(name: "", act: .delete(.name("")))
private let entry = "spec.requests[]"

private let entryKeys: [Key] = [
  Key(
    "spec.requests", "list of mappings", default: none,
    "What other clients ask of the API server, once or often, at most 10000. Until 5 s after the last of them a "
      + "run is not settled. Each has one of create, approve, deny, update, delete, replace, ask."),
  Key("\(entry).name", "string", default: "", "Name of the request, and its User-Agent."),
  Key(
    "\(entry).at", "duration", default: Quantity.text(request.at),
    "When it is sent first, after the start."),
  Key(
    "\(entry).every", "duration", default: Quantity.text(request.every),
    "From one time to the next."),
  Key(
    "\(entry).count", "integer", in: 1...1_000_000, unit: "requests",
    default: "\(request.count)", "How often it is sent."),
  Key(
    "\(entry).dryRun", "boolean", default: "\(request.isDryRun)",
    "`dryRun=All`, as of `kubectl --dry-run=server`: it is answered as without, and nothing is stored. Of create, "
      + "update and delete, and of an `ask` that writes."),
]

private let credentialKeys: [Key] = [
  Key(
    "\(entry).as", "mapping", default: "kubernetes-admin",
    "What the client presents to be known by. A certificate is looked at before a token."),
  Key("\(entry).as.anonymous", "boolean", default: "false", "Nothing at all."),
  Key(
    "\(entry).as.user", "string", default: "`kubernetes-admin`",
    "A user whose credentials are not modelled."),
  Key(
    "\(entry).as.groups", "list of strings",
    default:
      "of kubernetes-admin `kubeadm:cluster-admins`, of a service account its own; else none",
    "Groups of `user`; `system:authenticated` is appended."),
  Key("\(entry).as.token", "string", default: none, "A bearer token, right or wrong."),
  Key(
    "\(entry).as.tokenID", "string", default: none,
    "The token with this ID among `spec.tokens`, Secrets and InitConfiguration."),
  Key(
    "\(entry).as.certificate", "mapping", default: none,
    "A client certificate: copied from a node, issued to a CSR of `spec.requests`, or made by "
      + "hand. Where there is none yet, the request is not sent."),
  Key(
    "\(entry).as.certificate.node", "string", default: none,
    "The one that the kubelet of this node has on its disk at that time."),
  Key(
    "\(entry).as.certificate.request", "string", default: none,
    "The one that was issued to the latest CSR of the request of this name."),
  Key("\(entry).as.certificate.commonName", "string", default: "empty", "Its subject's CN."),
  Key(
    "\(entry).as.certificate.organizations", "list of strings", default: none,
    "Its subject's O, which are the groups."),
  Key(
    "\(entry).as.certificate.notBefore", "duration, may be negative",
    default: Quantity.text(made.notBefore), "Its NotBefore, from the start of the run."),
  Key(
    "\(entry).as.certificate.notAfter", "duration, may be negative",
    default: Quantity.text(made.notAfter), "Its NotAfter, from the start of the run."),
  Key(
    "\(entry).as.certificate.issuer", "Cluster or Other", default: "Cluster",
    "Whether a CA of the API server's `--client-ca-file` signed it."),
  Key(
    "\(entry).as.certificate.extendedKeyUsage", "ClientAuth or ServerAuth", default: "ClientAuth",
    "What it may be used for."),
  Key(
    "\(entry).as.impersonate", "mapping", default: none,
    "As whom the client asks to be taken, once it is known."),
  Key(
    "\(entry).as.impersonate.user", "string", default: none,
    "`Impersonate-User`, as of `kubectl --as`."),
  Key(
    "\(entry).as.impersonate.groups", "list of strings", default: none,
    "Each an `Impersonate-Group`, as of `kubectl --as-group`."),
  Key(
    "\(entry).as.impersonate.uid", "string", default: none,
    "`Impersonate-Uid`, as of `kubectl --as-uid`."),
]

private let createKeys: [Key] = [
  Key(
    "\(entry).create", "mapping", default: none,
    "Creates a CSR: the real object, or with `subject` in place of `spec.request`."),
  Key(
    "\(entry).create.apiVersion", "string", default: "certificates.k8s.io/v1",
    "Of the object, right or wrong; it is sent to the URL of v1."),
  Key(
    "\(entry).create.kind", "CertificateSigningRequest", default: "CertificateSigningRequest",
    "Of the real object."),
  Key(
    "\(entry).create.body", "string", default: none,
    "What is sent in place of the object, byte by byte: anything but a JSON object, also nothing or `null`. A "
      + "byte order mark at its beginning is YAML's and is not sent."),
  Key(
    "\(entry).create.byteOrderMark", "boolean", default: "false",
    "Whether EF BB BF comes before `body` or the object, as editors of Windows write it."),
  Key(
    "\(entry).create.bodyBytes", "integer", in: 0...1_000_000_000, unit: "bytes",
    default: "as long as it is",
    "How long the body is made by white space at its end."),
  Key("\(entry).create.metadata", "mapping", default: none, "Its metadata."),
  Key("\(entry).create.metadata.name", "string", default: "generated", "Its name; empty as none."),
  Key(
    "\(entry).create.metadata.generateName", "string", default: "`csr-`",
    "What a generated name begins with; where it is empty, too, the CSR has no name."),
  Key(
    "\(entry).create.metadata.labels", "mapping of strings", default: none,
    "Right or wrong."),
  Key(
    "\(entry).create.metadata.annotations", "mapping of strings", default: none,
    "Right or wrong."),
  Key(
    "\(entry).create.metadata.resourceVersion", "string", default: "not set",
    "A number is refused, as of an object that `kubectl get -o yaml` printed."),
  Key(
    "\(entry).create.metadata.uid", "anything", default: "not set", "The server overwrites it."),
  Key(
    "\(entry).create.metadata.creationTimestamp", "anything", default: "not set",
    "The server overwrites it."),
  Key(
    "\(entry).create.metadata.managedFields", "anything", default: "not set",
    "What becomes of them is not looked at."),
  Key("\(entry).create.status", "anything", default: "not set", "The server drops it."),
  Key(
    "\(entry).create.contentType", "string", default: "application/json",
    "Of the body, such as curl's `application/x-www-form-urlencoded`."),
  Key("\(entry).create.spec", "mapping", default: none, "Its spec."),
  Key(
    "\(entry).create.spec.request", "base64", default: none,
    "The bytes of the request, right or wrong: a PEM block with a PKCS#10."),
  Key(
    "\(entry).create.spec.signerName", "string", default: "not set",
    "Any signer, right or wrong."),
  Key("\(entry).create.spec.usages", "list of strings", default: "not set", "Right or wrong."),
  Key(
    "\(entry).create.spec.expirationSeconds", "integer",
    in: -1_000_000_000_000...1_000_000_000_000, unit: "s", default: "not set",
    "Life that is asked for, right or wrong: the field has 32 bits."),
  Key(
    "\(entry).create.spec.username", "string", default: "not set", "The server overwrites it."),
  Key(
    "\(entry).create.spec.groups", "list of strings", default: "not set",
    "The server overwrites them."),
  Key("\(entry).create.spec.uid", "anything", default: "not set", "The server overwrites it."),
  Key("\(entry).create.spec.extra", "anything", default: "not set", "The server overwrites it."),
  Key(
    "\(entry).create.subject", "mapping", default: none,
    "Subject of the PKCS#10, in place of `spec.request`."),
  Key("\(entry).create.subject.commonName", "string", default: "empty", "CN."),
  Key("\(entry).create.subject.organizations", "list of strings", default: none, "Each O."),
  Key("\(entry).create.subject.organizationalUnits", "list of strings", default: none, "Each OU."),
  Key("\(entry).create.sans", "mapping", default: none, "Its subjectAltNames."),
  Key("\(entry).create.sans.dnsNames", "list of strings", default: none, "DNS names."),
  Key("\(entry).create.sans.ipAddresses", "list of strings", default: none, "IP addresses."),
  Key("\(entry).create.sans.emailAddresses", "list of strings", default: none, "Email addresses."),
  Key("\(entry).create.sans.uris", "list of strings", default: none, "URIs."),
  Key(
    "\(entry).create.key", "ECDSA-P256, ECDSA-P384, RSA-1024, RSA-2048, RSA-4096 or Ed25519",
    default: "ECDSA-P256", "Its key."),
  Key(
    "\(entry).create.signature", "Own or Other", default: "Own",
    "Whether it is signed by its own key. Of given bytes the signature is checked, unless this is "
      + "`Other`."),
]

private let referenceKeys: [Key] = [
  ("approve", "`kubectl certificate approve`."), ("deny", "`kubectl certificate deny`."),
  ("delete", "Deletes a CSR."),
  (
    "replace",
    "`kubectl get -o yaml`, and `kubectl replace --force` of that: a CSR is deleted and created again, with "
      + "its name and spec, another UID, and this client as its requester."
  ),
  (
    "update",
    "A PUT of a CSR's /approval or /status with one change: add, remove or certificate."
  ),
].flatMap { key, text in
  [
    Key("\(entry).\(key)", "mapping", default: none, text),
    Key("\(entry).\(key).name", "string", default: none, "Name of the CSR."),
    Key(
      "\(entry).\(key).of", "node/NAME or request/NAME", default: none,
      "The node's latest CSR, or that of the request of this name. Where there is none yet, nothing "
        + "is sent."),
  ]
}

private let updateKeys: [Key] = [
  Key(
    "\(entry).update.subresource", "Approval or Status",
    default: "Approval; with `certificate` Status", "Which one is written."),
  Key(
    "\(entry).update.add", "Approved, Denied or Failed", default: none, "A condition to add."),
  Key(
    "\(entry).update.remove", "Approved, Denied or Failed", default: none,
    "A condition to remove."),
  Key(
    "\(entry).update.conditions", "list of mappings", default: none,
    "`status.conditions`, right or wrong, in place of all that there are."),
  Key(
    "\(entry).update.conditions[].type", "string", default: "not set",
    "`Approved`, `Denied`, `Failed` or another."),
  Key(
    "\(entry).update.conditions[].status", "string", default: "not set",
    "`True`, `False` or `Unknown`."),
  Key("\(entry).update.conditions[].reason", "string", default: "empty", "Reason."),
  Key("\(entry).update.conditions[].message", "string", default: "empty", "Message."),
  Key(
    "\(entry).update.conditions[].lastUpdateTime", "anything", default: "not set",
    "Taken for the time of the server."),
  Key(
    "\(entry).update.conditions[].lastTransitionTime", "anything", default: "not set",
    "Taken for the time of the server."),
  Key(
    "\(entry).update.certificate", "string", default: none,
    "A certificate to set: `Cluster` or `Other`, of 1 year, signed by the cluster's CA or by another; or the "
      + "base64 of what is no certificate."),
  Key("\(entry).update.reason", "string", default: "empty", "Reason of the condition."),
  Key("\(entry).update.message", "string", default: "empty", "Message of the condition."),
]

private let askKeys: [Key] = [
  Key(
    "\(entry).ask", "mapping", default: none,
    "Any other request. Of writes only the creation of a node's Node, Lease or CSINode and the "
      + "deletion of a CSR have a consequence."),
  Key(
    "\(entry).ask.verb",
    "get, list, watch, create, update, patch, delete or deletecollection", default: "get",
    "The verb, as RBAC has it for resources; a path is asked for by the HTTP method of it."),
  Key("\(entry).ask.group", "string", default: "the core group", "API group."),
  Key("\(entry).ask.resource", "string", default: none, "Resource, such as `secrets`."),
  Key("\(entry).ask.subresource", "string", default: none, "Subresource, such as `token`."),
  Key("\(entry).ask.name", "string", default: none, "Name of the object."),
  Key("\(entry).ask.namespace", "string", default: none, "Namespace of the object."),
  Key(
    "\(entry).ask.fieldSelector", "string", default: none,
    "Field selector of a list, a watch or the deletion of a collection, such as "
      + "`spec.nodeName=worker-1`."),
  Key(
    "\(entry).ask.path", "string", default: none,
    "A path such as `/healthz`, in place of `resource`; `/api/v1/nodes` is a request for the resource."
  ),
]
