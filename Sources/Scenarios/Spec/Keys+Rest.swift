import SimulationKernel
import TLSBootstrap

private typealias Key = KeyDocumentation

let approvalKeys: [KeyDocumentation] = policyKeys + kindKeys

private let none = "none"
private let manual = ApproverSettings.Manual()
private let external = ApproverSettings.External()
private let policy = ApproverSettings(kind: .manual(manual))

private let policyKeys: [Key] = [
  Key(
    "spec.approval", "list of mappings", default: "none besides csrapproving",
    "Who decides on CSRs besides csrapproving, at most 10000 policies."),
  Key("spec.approval[].name", "string", default: "", "Name of the policy."),
  Key(
    "spec.approval[].decision", "Approve or Deny", default: "Approve",
    "What it does with what matches."),
  Key(
    "spec.approval[].reason", "string", default: "`KubectlApprove` or `KubectlDeny`",
    "Reason of the condition."),
  Key(
    "spec.approval[].message", "string", default: "`\(policy.message)`, or of denial",
    "Message of the condition."),
  Key(
    "spec.approval[].user", "string", default: "`\(policy.user)`", "User name of its requests."),
  Key(
    "spec.approval[].groups", "list of strings",
    default: "those of \(policy.user): \(KeyTable.list(policy.groups)); of a service account its "
      + "own; else none",
    "Groups of its requests; `system:authenticated` is appended."),
  Key(
    "spec.approval[].clock", "Clock", default: "the administrator's; none for `external`",
    "Clock of its host."),
  Key("spec.approval[].matching", "mapping", default: "everything", "Which CSRs it decides on."),
  Key(
    "spec.approval[].matching.signerName",
    SignerName.allCases.map(\.text).joined(separator: ", "), default: "any",
    "The signer that the CSR names."),
  Key(
    "spec.approval[].matching.requestor", "string", default: "any",
    "User name that created the CSR; `*` stands for any text."),
  Key(
    "spec.approval[].matching.nodeName", "string", default: "any",
    "Node that the CSR is for; `*` stands for any text."),
]

private let kindKeys: [Key] = [
  Key(
    "spec.approval[].manual", "mapping", default: none,
    "An administrator with kubectl, who looks every so often. Excludes `external`."),
  Key(
    "spec.approval[].manual.firstLook", "duration", default: Quantity.text(manual.firstLook),
    "When the first look is, after the start."),
  Key(
    "spec.approval[].manual.every", "duration", default: Quantity.text(manual.every),
    "From one look to the next."),
  Key(
    "spec.approval[].manual.batch", "integer", in: 1...1_000_000_000, unit: "CSRs", default: "all",
    "The most CSRs decided after one look."),
  Key(
    "spec.approval[].manual.timePerRequest", "Distribution",
    default: Quantity.text(manual.timePerRequest),
    "How long the human takes for one CSR, besides its calls."),
  Key(
    "spec.approval[].manual.workingHours", "HH:MM-HH:MM", unit: "UTC on the host's clock",
    default: "00:00-24:00",
    "When there are looks. Hours over midnight, as `22:00-06:00`, belong to the day on which they begin."
  ),
  Key(
    "spec.approval[].manual.workingDays", "list of Mon, Tue, Wed, Thu, Fri, Sat, Sun",
    default: "all", "On which days there are looks."),
  Key(
    "spec.approval[].external", "mapping", default: none,
    "A controller that watches CSRs and decides through the API."),
  Key(
    "spec.approval[].external.workers", "integer", in: 1...100_000, unit: "workers",
    default: "\(external.workers)",
    "How many CSRs it handles at the same time."),
  Key(
    "spec.approval[].external.qps", "rate", unit: "requests per second",
    default: Quantity.text(milli: external.milliQPS),
    "Limit of its client."),
  Key(
    "spec.approval[].external.burst", "integer", in: 1...1_000_000_000, unit: "requests",
    default: "\(external.burst)",
    "Burst of that limit."),
  Key(
    "spec.approval[].external.serviceTime", "Distribution",
    default: Quantity.text(external.serviceTime),
    "How long it thinks about one CSR."),
  Key(
    "spec.approval[].external.callsPerRequest", "integer", in: 1...1_000, unit: "calls",
    default: "\(external.callsPerRequest)", "API calls per CSR; the last is the approval."),
]

let expectationKeys: [KeyDocumentation] = [
  Key(
    "spec.expect", "list of mappings", default: none,
    "What must hold at the end; decides the exit code. Each has one of ready, failed, waiting, "
      + "approved, issued, timeToReady, node. Nodes are those with a kubelet; where all groups are of kind "
      + "csrClient, its clients count, Ready when they are served."),
  Key(
    "spec.expect[].ready", "integer, `all`, `>= N` or `<= N`", unit: "nodes", default: none,
    "Nodes that are Ready at the end; with `by`, nodes that became Ready by then, and a bare "
      + "number means at least."),
  Key("spec.expect[].by", "duration", default: "end of the run", "When, after the start."),
  Key(
    "spec.expect[].failed", "integer, `all`, `>= N` or `<= N`", unit: "nodes", default: none,
    "Nodes whose state only an outside act can change."),
  Key(
    "spec.expect[].waiting", "integer, `all`, `>= N` or `<= N`", unit: "nodes", default: none,
    "Nodes that still wait."),
  Key(
    "spec.expect[].approved", "integer, `>= N` or `<= N`", unit: "CSRs", default: none,
    "CSRs approved during the run."),
  Key(
    "spec.expect[].issued", "integer, `>= N` or `<= N`", unit: "certificates", default: none,
    "Certificates issued during the run."),
  Key(
    "spec.expect[].timeToReady", "mapping", default: none,
    "Upper bounds of the time from a node's start to Ready, over the nodes that became Ready."),
  Key("spec.expect[].timeToReady.p50", "duration", default: none, "Bound of the median."),
  Key("spec.expect[].timeToReady.p90", "duration", default: none, "Bound of the 90th percentile."),
  Key("spec.expect[].timeToReady.p99", "duration", default: none, "Bound of the 99th percentile."),
  Key("spec.expect[].timeToReady.max", "duration", default: none, "Bound of the longest."),
  Key("spec.expect[].node", "string", default: none, "Name of a node; needs `state`."),
  Key(
    "spec.expect[].state", "Ready, Failed or Waiting", default: none, "Its state at the end."),
  Key(
    "spec.expect[].reason", "string", default: "any",
    "Text that the reason of its state contains."),
]

let typeKeys: [KeyDocumentation] = [
  Key(
    "ClientCertificate", "mapping", default: none,
    "A client certificate of each node, with its key, that was made before the run."),
  Key(
    "ClientCertificate.state", "Present, Absent, Corrupt or Updated", default: "Present",
    "`Updated`: the kubelet was killed while it exchanged the link, so only "
      + "`kubelet-client-updated.pem` is there."),
  Key(
    "ClientCertificate.file", "path", default: none,
    "PEM file with the certificate, relative to the scenario's folder; the validity is taken from it. "
      + "No key is needed."),
  Key(
    "ClientCertificate.notBefore", "time", unit: "RFC 3339", default: "5 min before the start",
    "Its NotBefore; wins over the file's."),
  Key(
    "ClientCertificate.notAfter", "time", unit: "RFC 3339",
    default: "1 year after NotBefore's default", "Its NotAfter; wins over the file's."),
  Key(
    "ClientCertificate.issuer", "Cluster or Other", default: "Cluster",
    "Whether a CA of the API server's `--client-ca-file` signed it."),
  Key(
    "Distribution", "duration or mapping", default: none,
    "A length of time, fixed or drawn: a duration, or one of the four kinds below."),
  Key("Distribution.constant", "duration", default: none, "Always the same."),
  Key("Distribution.uniform", "mapping", default: none, "Uniform between two."),
  Key("Distribution.uniform.from", "duration", default: "0s", "Least."),
  Key("Distribution.uniform.to", "duration", default: "", "Greatest."),
  Key("Distribution.exponential", "mapping", default: none, "Exponential."),
  Key("Distribution.exponential.mean", "duration", default: "", "Mean, at most 365d."),
  Key(
    "Distribution.quantiles", "mapping", default: none,
    "Quantiles, linear between them; they must grow."),
  Key("Distribution.quantiles.min", "duration", default: "half of p50", "Least."),
  Key("Distribution.quantiles.p50", "duration", default: "", "Median."),
  Key("Distribution.quantiles.p90", "duration", default: "", "90th percentile."),
  Key("Distribution.quantiles.p99", "duration", default: "", "99th percentile."),
  Key("Distribution.quantiles.max", "duration", default: "p99", "Greatest."),
  Key(
    "Clock", "mapping", default: none,
    "The error of a clock; a draw is made once a node, or once a run."),
  Key(
    "Clock.offset", "duration, may be negative, or mapping", default: "0s",
    "How far the clock is ahead at the start, at most 20 years either way."),
  Key("Clock.offset.uniform", "mapping", default: none, "An offset drawn between two."),
  Key("Clock.offset.uniform.from", "duration, may be negative", default: "0s", "Least."),
  Key("Clock.offset.uniform.to", "duration, may be negative", default: "", "Greatest."),
  Key(
    "Clock.drift", "number with unit, or mapping", unit: "ppm or ppb", default: "0ppm",
    "How much the clock gains, at most 100000ppm either way."),
  Key("Clock.drift.uniform", "mapping", default: none, "A drift drawn between two."),
  Key(
    "Clock.drift.uniform.from", "number with unit", unit: "ppm or ppb", default: "0ppm", "Least."),
  Key("Clock.drift.uniform.to", "number with unit", unit: "ppm or ppb", default: "", "Greatest."),
]
