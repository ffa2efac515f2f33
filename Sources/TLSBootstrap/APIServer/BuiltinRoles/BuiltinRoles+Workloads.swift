/// Those of the controllers that make pods, or count them.
///
/// Source: bootstrappolicy/controller_policy.go, `buildControllerRoles`.
extension BuiltinRoles {
  static let workloadControllers: [RBAC.Role] = [
    controller(
      "cronjob-controller",
      [
        rule(readUpdate, "batch", ["cronjobs"]),
        rule(["create", "delete", "get", "list", "patch", "update", "watch"], "batch", ["jobs"]),
        rule(["update"], "batch", ["cronjobs/status"]),
        rule(["update"], "batch", ["cronjobs/finalizers"]),
        rule(["delete", "list", "watch"], "", ["pods"]),
        events,
      ]),
    controller(
      "daemon-set-controller",
      [
        rule(read, apps, ["daemonsets"]),
        rule(["update"], apps, ["daemonsets/status"]),
        rule(["update"], apps, ["daemonsets/finalizers"]),
        rule(follow, "", ["nodes"]),
        rule(ownPods, "", ["pods"]),
        rule(["create"], "", ["pods/binding"]),
        rule(everything, "apps", ["controllerrevisions"]),
        events,
      ]),
    controller(
      "deployment-controller",
      [
        rule(readUpdate, apps, ["deployments"]),
        rule(["update"], apps, ["deployments/status"]),
        rule(["update"], apps, ["deployments/finalizers"]),
        rule(everything, apps, ["replicasets"]),
        rule(readUpdate, "", ["pods"]),
        events,
      ]),
    controller(
      "disruption-controller",
      [
        rule(read, apps, ["deployments"]),
        rule(read, apps, ["replicasets"]),
        rule(read, "", ["replicationcontrollers"]),
        rule(read, "policy", ["poddisruptionbudgets"]),
        rule(read, "apps", ["statefulsets"]),
        rule(["update"], "policy", ["poddisruptionbudgets/status"]),
        rule(["patch", "update"], "", ["pods/status"]),
        rule(["get"], "*", ["*/scale"]),
        events,
      ]),
    controller(
      "horizontal-pod-autoscaler",
      [
        rule(read, "autoscaling", ["horizontalpodautoscalers"]),
        rule(["update"], "autoscaling", ["horizontalpodautoscalers/status"]),
        rule(["get", "update"], "*", ["*/scale"]),
        rule(follow, "", ["pods"]),
        rule(follow, "metrics.k8s.io", ["pods"]),
        rule(read, "custom.metrics.k8s.io", ["*"]),
        rule(read, "external.metrics.k8s.io", ["*"]),
        events,
      ]),
    controller(
      "job-controller",
      [
        rule(["get", "list", "patch", "update", "watch"], "batch", ["jobs"]),
        rule(["update"], "batch", ["jobs/status"]),
        rule(["update"], "batch", ["jobs/finalizers"]),
        rule(ownPods, "", ["pods"]),
        events,
      ]),
    controller(
      "replicaset-controller",
      [
        rule(readUpdate, apps, ["replicasets"]),
        rule(["update"], apps, ["replicasets/status"]),
        rule(["update"], apps, ["replicasets/finalizers"]),
        rule(ownPods, "", ["pods"]),
        events,
      ]),
    controller(
      "replication-controller",
      [
        rule(readUpdate, "", ["replicationcontrollers"]),
        rule(["update"], "", ["replicationcontrollers/status"]),
        rule(["update"], "", ["replicationcontrollers/finalizers"]),
        rule(ownPods, "", ["pods"]),
        events,
      ]),
    controller(
      "statefulset-controller",
      [
        rule(follow, "", ["pods"]),
        rule(read, "apps", ["statefulsets"]),
        rule(["update"], "apps", ["statefulsets/status"]),
        rule(["update"], "apps", ["statefulsets/finalizers"]),
        rule(["create", "delete", "get", "patch", "update"], "", ["pods"]),
        rule(everything, "apps", ["controllerrevisions"]),
        rule(["create", "get", "list", "watch"], "", ["persistentvolumeclaims"]),
        rule(["delete", "update"], "", ["persistentvolumeclaims"]),
        rule(["update"], "", ["pods/finalizers"]),
        events,
      ]),
    controller(
      "resource-claim-controller",
      [
        rule(read, "", ["pods"]),
        rule(["update"], "", ["pods/finalizers"]),
        rule(["create", "delete", "get", "list", "watch"], "resource.k8s.io", ["resourceclaims"]),
        rule(
          ["patch", "update"], "resource.k8s.io", ["resourceclaims", "resourceclaims/status"]),
        rule(["patch", "update"], "", ["pods/status"]),
        events,
      ]),
    controller(
      "ttl-after-finished-controller",
      [rule(["delete", "get", "list", "watch"], "batch", ["jobs"]), events]),
  ]

  private static let apps = ["apps", "extensions"]
  /// Of pods that a controller made.
  private static let ownPods = ["create", "delete", "list", "patch", "watch"]
  private static let everything = changes + ["patch"]
}
