import TLSBootstrap

let nodeActions: [FaultAction] = [
  kubelet(
    "kubelet-kill", "The kubelet is killed; systemd starts it again after `restartSec`.", .kill),
  kubelet(
    "kubelet-stop", "The kubelet does not run.", .stop, end: "until it is started"),
  kubelet(
    "kubelet-pause", "The kubelet is paused (SIGSTOP).", .pause, end: "until it goes on"),
  kubelet(
    "node-off", "The machine is off; what is on its disk stays.", .stop, end: "until it boots"),
  FaultAction(
    "container-runtime-stop",
    "The container runtime does not answer: the node is NotReady after 30 s, and a kubelet that starts fails.",
    keys: ["on"], end: "until it answers"
  ) { $0.nodes().map { .runtimeDown($0) } },
  disk("disk-wipe", "All that the kubelet wrote is gone from the disk.", .wipe),
  disk("disk-full", "No certificate can be stored.", .fill, end: "until there is room"),
  disk(
    "bootstrap-kubeconfig-absent", "The bootstrap kubeconfig is deleted, or not written yet.",
    .deleteBootstrapKubeconfig, end: "until it is written"),
  disk(
    "certificate-corrupt", "`kubelet-client-current.pem` cannot be loaded.", .corruptCertificate,
    end: "until it can"),
]

private func kubelet(
  _ name: String, _ text: String, _ fault: KubeletFault, end: String? = nil
) -> FaultAction {
  FaultAction(name, text, keys: ["on"], end: end) { $0.nodes().map { .kubelet($0, fault) } }
}

private func disk(
  _ name: String, _ text: String, _ fault: DiskFault, end: String? = nil
) -> FaultAction {
  FaultAction(name, text, keys: ["on"], end: end) { $0.nodes().map { .disk($0, fault) } }
}
