import TLSBootstrap

let bindingActions: [FaultAction] = [
  FaultAction(
    "binding-absent",
    "A ClusterRoleBinding, or with `namespace` a RoleBinding, is missing: deleted, or not created yet.",
    keys: ["binding", "namespace"], end: "until it is created"
  ) { fault in
    guard let name = fault.needed("binding", cure: "name a binding of the cluster") else {
      return nil
    }
    let namespace = fault.section.string("namespace")?.value
    let known = fault.scenario.bindingNames(in: namespace)
    guard known.contains(name.value) else {
      fault.reading.fail(
        name.place,
        "no \(namespace == nil ? "Cluster" : "")RoleBinding is called “\(name.value.prefix(100))”",
        cure: fault.cure(name.value, known))
      return nil
    }
    return .binding(BindingFault(name: name.value, namespace: namespace))
  }
]
