/// `system:controller:NAME` of each controller of kube-controller-manager, bound to the service account
/// kube-system/NAME.
///
/// Source: bootstrappolicy/controller_policy.go, `buildControllerRoles`; recorded: certificate-controller.
extension BuiltinRoles {
  static let controllerRoles: [RBAC.Role] =
    [certificateController] + nodeControllers + workloadControllers + networkControllers
    + volumeControllers + clusterControllers

  static let controllerBindings: [RBAC.Binding] = controllerRoles.map { role in
    RBAC.Binding(
      name: role.name, roleName: role.name,
      subjects: [
        .serviceAccount(
          namespace: "kube-system", name: String(role.name.dropFirst(prefix.count)))
      ])
  }

  private static let prefix = "system:controller:"

  private static let certificateController = controller(
    "certificate-controller",
    [
      rule(["delete", "get", "list", "watch"], certificates, [requests]),
      rule(["update"], certificates, ["\(requests)/approval", "\(requests)/status"]),
      rule(
        ["approve"], certificates, ["signers"],
        named: [SignerName.kubeAPIServerClientKubelet.text]),
      rule(["sign"], certificates, ["signers"], named: SignerName.allCases.map(\.text)),
      rule(["create"], "authorization.k8s.io", ["subjectaccessreviews"]),
      events,
    ])

  private static let nodeControllers: [RBAC.Role] = [
    controller(
      "node-controller",
      [
        rule(["delete", "get", "list", "patch", "update", "watch"], "", ["nodes"]),
        rule(["patch", "update"], "", ["nodes/status"]),
        rule(["patch", "update"], "", ["pods/status"]),
        rule(["delete", "get", "list", "watch"], "", ["pods"]),
        events,
      ]),
    controller(
      "pod-garbage-collector",
      [
        rule(["delete", "list", "watch"], "", ["pods"]),
        rule(read, "", ["nodes"]),
        rule(["patch"], "", ["pods/status"]),
      ]),
    controller(
      "ttl-controller", [rule(["list", "patch", "update", "watch"], "", ["nodes"]), events]),
    controller(
      "route-controller",
      [rule(follow, "", ["nodes"]), rule(["patch"], "", ["nodes/status"]), events]),
  ]

  private static let networkControllers: [RBAC.Role] = [
    controller(
      "endpoint-controller",
      [
        rule(read, "", ["services", "pods"]),
        rule(changes, "", ["endpoints"]),
        rule(["create"], "", ["endpoints/restricted"]),
        events,
      ]),
    controller(
      "endpointslice-controller",
      [
        rule(read, "", ["services", "pods", "nodes"]),
        rule(["update"], "", ["services/finalizers"]),
        rule(changes, "discovery.k8s.io", ["endpointslices"]),
        events,
      ]),
    controller(
      "endpointslicemirroring-controller",
      [
        rule(read, "", ["services", "endpoints"]),
        rule(["update"], "", ["services/finalizers"]),
        rule(["update"], "", ["endpoints/finalizers"]),
        rule(changes, "discovery.k8s.io", ["endpointslices"]),
        events,
      ]),
    controller(
      "service-controller",
      [
        rule(read, "", ["services"]),
        rule(["patch", "update"], "", ["services/status"]),
        rule(follow, "", ["nodes"]),
        events,
      ]),
    controller(
      "service-cidrs-controller",
      [
        rule(
          ["get", "list", "patch", "update", "watch"], "networking.k8s.io", ["servicecidrs"]),
        rule(["patch", "update"], "networking.k8s.io", ["servicecidrs/finalizers"]),
        rule(["patch", "update"], "networking.k8s.io", ["servicecidrs/status"]),
        rule(read, "networking.k8s.io", ["ipaddresses"]),
        events,
      ]),
  ]

  private static let volumeControllers: [RBAC.Role] = [
    controller(
      "attachdetach-controller",
      [
        rule(follow, "", ["persistentvolumes", "persistentvolumeclaims"]),
        rule(read, "", ["nodes"]),
        rule(["patch", "update"], "", ["nodes/status"]),
        rule(follow, "", ["pods"]),
        events,
        rule(
          ["create", "delete", "get", "list", "watch"], "storage.k8s.io", ["volumeattachments"]),
        rule(read, "storage.k8s.io", ["csidrivers"]),
        rule(read, "storage.k8s.io", ["csinodes"]),
      ]),
    controller(
      "expand-controller",
      [
        rule(["get", "list", "patch", "update", "watch"], "", ["persistentvolumes"]),
        rule(["patch", "update"], "", ["persistentvolumeclaims/status"]),
        rule(read, "", ["persistentvolumeclaims"]),
        events,
        rule(["get"], "", ["services"]),
      ]),
    controller(
      "ephemeral-volume-controller",
      [
        rule(read, "", ["pods"]),
        rule(["update"], "", ["pods/finalizers"]),
        rule(["create", "get", "list", "watch"], "", ["persistentvolumeclaims"]),
        events,
      ]),
    controller(
      "persistent-volume-binder",
      [
        rule(changes, "", ["persistentvolumes"]),
        rule(["update"], "", ["persistentvolumes/status"]),
        rule(readUpdate, "", ["persistentvolumeclaims"]),
        rule(["update"], "", ["persistentvolumeclaims/status"]),
        rule(["create", "delete", "get", "list", "watch"], "", ["pods"]),
        rule(read, "storage.k8s.io", ["storageclasses"]),
        rule(follow, "", ["nodes"]),
        events,
        rule(["watch"], "", ["events"]),
        rule(["get"], "", ["services"]),
      ]),
    controller(
      "pvc-protection-controller",
      [rule(readUpdate, "", ["persistentvolumeclaims"]), rule(read, "", ["pods"]), events]),
    controller(
      "pv-protection-controller", [rule(readUpdate, "", ["persistentvolumes"]), events]),
    controller(
      "volumeattributesclass-protection-controller",
      [
        rule(read, "", ["persistentvolumeclaims"]),
        rule(read, "", ["persistentvolumes"]),
        rule(readUpdate, "storage.k8s.io", ["volumeattributesclasses"]),
        events,
      ]),
    controller(
      "selinux-warning-controller",
      [
        events,
        rule(read, "", ["persistentvolumes"]),
        rule(read, "", ["persistentvolumeclaims"]),
        rule(read, "", ["pods"]),
        rule(read, "storage.k8s.io", ["csidrivers"]),
      ]),
  ]

  private static let clusterControllers: [RBAC.Role] = [
    controller(
      "clusterrole-aggregation-controller",
      [
        rule(
          ["escalate", "get", "list", "patch", "update", "watch"], "rbac.authorization.k8s.io",
          ["clusterroles"])
      ]),
    controller(
      "generic-garbage-collector",
      [rule(["delete", "get", "list", "patch", "update", "watch"], "*", ["*"]), events]),
    controller(
      "namespace-controller",
      [
        rule(["delete", "get", "list", "watch"], "", ["namespaces"]),
        rule(["update"], "", ["namespaces/finalize", "namespaces/status"]),
        rule(["delete", "deletecollection", "get", "list", "watch"], "*", ["*"]),
      ]),
    controller(
      "resourcequota-controller",
      [rule(follow, "*", ["*"]), rule(["update"], "", ["resourcequotas/status"]), events]),
    controller(
      "root-ca-cert-publisher", [rule(["create", "update"], "", ["configmaps"]), events]),
    controller("service-account-controller", [rule(["create"], "", ["serviceaccounts"]), events]),
    controller(
      "legacy-service-account-token-cleaner",
      [
        rule(
          ["get"], "", ["configmaps"],
          named: ["kube-apiserver-legacy-service-account-token-tracking"]),
        rule(["delete", "patch"], "", ["secrets"]),
      ]),
    controller(
      "validatingadmissionpolicy-status-controller",
      [
        rule(read, "admissionregistration.k8s.io", ["validatingadmissionpolicies"]),
        rule(
          ["get", "patch", "update"], "admissionregistration.k8s.io",
          ["validatingadmissionpolicies/status"]),
        events,
      ]),
  ]

  static let readUpdate = ["get", "list", "update", "watch"]
  static let changes = ["create", "delete", "get", "list", "update", "watch"]

  static func controller(_ name: String, _ rules: [RBAC.Rule]) -> RBAC.Role {
    RBAC.Role(name: prefix + name, rules: rules)
  }
}
