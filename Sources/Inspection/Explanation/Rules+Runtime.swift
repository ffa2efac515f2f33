import TLSBootstrap

/// What is wrong with the node beside the protocol.
extension Rule {
  static let runtimeRules = [
    Rule(
      number: "L.4", title: "its container runtime stopped answering",
      settlements: [.containerRuntimeMissing], holds: { $0.hasStoppedRuntime },
      clues: [.kubeletLog("kubelet.go:2661"), .kubeletLog("run.go:72")],
      faults: \.stopsRuntime,
      needed: { _ in
        "a container runtime that answers: 30 s without one, and the kubelet says NotReady; started anew, "
          + "it fails"
      },
      remedy: { node in
        Remedy(
          [.on(node, "systemctl restart containerd")], of: node, undoing: \.stopsRuntime)
      }),
    Rule(
      number: "L.4", title: "its container runtime does not answer",
      settlements: [.containerRuntimeMissing], holds: { _ in true },
      clues: [.kubeletLog("run.go:72")],
      needed: { _ in
        "a container runtime that listens on the kubelet's containerRuntimeEndpoint; a kubelet that "
          + "rotates makes another CSR at each start until then"
      },
      remedy: { node in
        Remedy(
          [
            .on(node, "systemctl enable --now containerd"),
            .on(node, "crictl --runtime-endpoint unix:///run/containerd/containerd.sock info"),
          ], overrides: ["\(node.groupKey).containerRuntime=Present"])
      }),
    Rule(
      number: "L.4", title: "its container runtime did not answer for a while",
      settlements: [.ready],
      holds: { $0.had(.runtimeLost) || $0.had(.containerRuntimeMissing) },
      clues: [.kubeletLog("kubelet.go:2661"), .kubeletLog("run.go:72")],
      faults: \.stopsRuntime,
      needed: { _ in "a container runtime that answers from the kubelet's start on" },
      remedy: { node in Remedy([], of: node, undoing: \.stopsRuntime) }),
    Rule(
      number: "L.3", title: "its kubelet does not register, and nobody made its Node",
      settlements: [.nodeMissing], holds: { _ in true },
      clues: [.kubeletLog("nodelease.go:50")],
      needed: { node in "a Node \(node.name), or registerNode: true in the kubelet's configuration"
      },
      remedy: { node in
        Remedy(
          [
            .on(
              node,
              "sed -i 's/^registerNode: false/registerNode: true/' /var/lib/kubelet/config.yaml"),
            .on(node, "systemctl restart kubelet"),
          ], overrides: ["\(node.groupKey).kubelet.registerNode=true"])
      }),
  ]
}
