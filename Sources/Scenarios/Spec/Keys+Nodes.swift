import SimulationKernel
import TLSBootstrap

private typealias Key = KeyDocumentation

private let client = CSRClientSettings()
private let kubelet = KubeletSettings()
private let none = "none"

let nodeKeys: [KeyDocumentation] = [
  Key(
    "spec.nodes", "list of mappings", default: "",
    "Groups of nodes that are alike, at most 10000."),
  Key(
    "spec.nodes[].name", "string", matching: KubernetesName.pattern, default: "",
    "Name of the group; `--set spec.nodes.NAME.count=…` finds it by it."),
  Key(
    "spec.nodes[].kind", "kubelet or csrClient", default: "kubelet",
    "`csrClient`: no nodes, but bare clients that each request a certificate with the token, as a "
      + "kubelet does, and are served when they have it."),
  Key(
    "spec.nodes[].csrClient", "mapping", default: none, "Configuration of clients of that kind."),
  Key(
    "spec.nodes[].csrClient.patience", "duration", default: Quantity.text(client.patience),
    "How long a client waits for one certificate."),
  Key(
    "spec.nodes[].csrClient.gap", "duration", default: Quantity.text(client.gap),
    "From giving up, or being refused, to its next CSR."),
  Key(
    "spec.nodes[].csrClient.kubeAPIQPS", "rate", unit: "requests per second",
    default: Quantity.text(milli: client.kubeAPIMilliQPS), "Limit of each client's own requests."),
  Key(
    "spec.nodes[].csrClient.kubeAPIBurst", "integer", in: 1...1_000_000_000, unit: "requests",
    default: "\(client.kubeAPIBurst)", "Burst of that limit."),
  Key(
    "spec.nodes[].count", "integer", in: 1...Int64(NodeGroupReader.mostNodes), unit: "nodes",
    default: "length of the list of names, times or rows; else 1",
    "How many nodes the group has, at most \(NodeGroupReader.mostNodes) in all groups together."),
  Key(
    "spec.nodes[].names", "pattern or list of strings", default: "`NAME-{1}`",
    "Node names. In a pattern such as `worker-{00001}` the digits are the first number and its "
      + "width."),
  Key("spec.nodes[].start", "mapping", default: "at 0s", "When the kubelets start."),
  Key(
    "spec.nodes[].start.at", "duration", default: "0s", "All at once, this long after the start."),
  Key(
    "spec.nodes[].start.uniform", "mapping", default: none,
    "Each at a time of its own, uniform between two."),
  Key("spec.nodes[].start.uniform.from", "duration", default: "0s", "Earliest start."),
  Key("spec.nodes[].start.uniform.to", "duration", default: "", "Latest start."),
  Key("spec.nodes[].start.poisson", "mapping", default: none, "As a Poisson process."),
  Key(
    "spec.nodes[].start.poisson.perSecond", "rate", unit: "nodes per second", default: "",
    "Mean rate, with at most three decimals."),
  Key("spec.nodes[].start.poisson.from", "duration", default: "0s", "When the process begins."),
  Key(
    "spec.nodes[].start.times", "list of durations", default: none,
    "One time a node, in the order of the names."),
  Key("spec.nodes[].start.csv", "mapping", default: none, "Times from a CSV file, one row a node."),
  Key(
    "spec.nodes[].start.csv.file", "path", default: "",
    "CSV file with a header line, relative to the scenario's folder."),
  Key(
    "spec.nodes[].start.csv.column", "string", unit: "seconds", default: "",
    "Name of the column with the seconds after the start."),
  Key(
    "spec.nodes[].join", "None or Kubeadm", default: "None",
    "`Kubeadm`: at its start a node runs `kubeadm join`, which looks for the cluster, writes the "
      + "bootstrap kubeconfig, starts the kubelet, waits and deletes the file again."),
  Key(
    "spec.nodes[].bootstrapKubeconfig", "mapping",
    default: "the only kubeconfig or token of the input",
    "The file from which the kubelets bootstrap."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.state", "Present, Absent, Unreadable or Unset",
    default: "Present",
    "Whether the file is on the node's disk; `kubeadm join` writes it. `Unset`: the kubelet is "
      + "started without `--bootstrap-kubeconfig`."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.file", "path", default: none,
    "A kubeconfig (`kind: Config`), relative to the scenario's folder; server, CA and token are "
      + "taken from it."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.server", "URL", default: "the API server's URL",
    "Server that the kubeconfig names."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.certificateAuthority", "Cluster or Other", default: "Cluster",
    "Whether its CA is the one of the API server's certificate."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.token", "string", default: "the only token of the input",
    "The bearer token as written in the file, right or wrong; empty: none."),
  Key(
    "spec.nodes[].bootstrapKubeconfig.tokenID", "string", default: none,
    "The token with this ID among `spec.tokens`, Secrets and InitConfiguration."),
  Key(
    "spec.nodes[].kubeconfig", "mapping", default: "the only kubelet kubeconfig of the input",
    "The kubelet's own kubeconfig (`--kubeconfig`) at the start."),
  Key(
    "spec.nodes[].kubeconfig.state", "Present, Absent, Unreadable, Inaccessible or Unset",
    default: "Present; without `kubeconfig` Absent",
    "Whether the file is on the node's disk. `Unreadable`: it cannot be parsed. `Inaccessible`: it "
      + "cannot even be looked at. `Unset`: the kubelet is started without `--kubeconfig`."),
  Key(
    "spec.nodes[].kubeconfig.file", "path", default: none,
    "A kubeconfig (`kind: Config`), relative to the scenario's folder; server, CA and client "
      + "certificate are taken from it."),
  Key(
    "spec.nodes[].kubeconfig.server", "URL", default: "the API server's URL",
    "Server that the kubeconfig names."),
  Key(
    "spec.nodes[].kubeconfig.certificateAuthority", "Cluster or Other", default: "Cluster",
    "Whether its CA is the one of the API server's certificate."),
  Key(
    "spec.nodes[].kubeconfig.clientCertificate", "File, Inline or None",
    default: "as in `file`; Inline with `certificate`; else File",
    "Where its client certificate is: in `kubelet-client-current.pem`, in the kubeconfig itself, or "
      + "nowhere."),
  Key(
    "spec.nodes[].kubeconfig.certificate", "ClientCertificate", default: "as in `file`",
    "The certificate inside the kubeconfig."),
  Key(
    "spec.nodes[].currentCertificate", "ClientCertificate", default: "none on disk",
    "What `kubelet-client-current.pem` leads to at the start."),
  Key(
    "spec.nodes[].temporaryKey", "Absent, Present or Corrupt", default: "Absent",
    "`kubelet-client.key.tmp`, which a kubelet without `rotateCertificates` leaves while it waits."),
  Key(
    "spec.nodes[].containerRuntime", "Present or Absent", default: "Present",
    "Whether a container runtime answers the kubelet. Without one it fails just after it has begun to "
      + "bootstrap, at each start."),
  Key("spec.nodes[].kubelet", "mapping", default: none, "Configuration of the kubelets."),
  Key(
    "spec.nodes[].kubelet.configuration", "path",
    default: "the only KubeletConfiguration of the input",
    "A file with a KubeletConfiguration, relative to the scenario's folder."),
  Key(
    "spec.nodes[].kubelet.rotateCertificates", "boolean",
    default: "\(kubelet.rotateCertificates)",
    "true: bootstrap in the background, with renewal. false: bootstrap first, without renewal."),
  Key(
    "spec.nodes[].kubelet.serverTLSBootstrap", "boolean",
    default: "\(kubelet.serverTLSBootstrap)",
    "Whether the kubelet requests a serving certificate."),
  Key(
    "spec.nodes[].kubelet.registerNode", "boolean", default: "\(kubelet.registersNode)",
    "Whether the kubelet creates its Node; else one of its name has to exist, or to be made by a request."
  ),
  Key(
    "spec.nodes[].kubelet.nodeStatusUpdateFrequency", "duration",
    default: Quantity.text(kubelet.nodeStatusUpdateFrequency),
    "How often the kubelet computes its node status."),
  Key(
    "spec.nodes[].kubelet.nodeStatusReportFrequency", "duration",
    default: "\(Quantity.text(kubelet.nodeStatusReportFrequency)); with "
      + "`nodeStatusUpdateFrequency` the same",
    "How often at least a status that did not change is sent."),
  Key(
    "spec.nodes[].kubelet.heartbeats", "Derived or Played", default: "Derived",
    "`Played`: Lease renewals and status reports of Ready nodes are requests of the run, as load or to "
      + "see them fail. `Derived`: they are not events."),
  Key(
    "spec.nodes[].kubelet.restartSec", "duration",
    default: Quantity.text(kubelet.restartSeconds),
    "`RestartSec` of the systemd unit."),
  Key("spec.nodes[].clock", "Clock", default: "no error", "Clocks of the nodes, one draw each."),
]
