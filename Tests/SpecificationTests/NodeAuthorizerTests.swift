import Testing

@testable import TLSBootstrap

/// D.3 of protocol.md: what a node may do with objects besides those that bootstrapping is about.
///
/// Source: kubernetes plugin/pkg/auth/authorizer/node/node_authorizer.go, `Authorize`.
struct NodeAuthorizerTests {
  private let user = User(
    name: "system:node:a", groups: ["system:nodes", "system:authenticated"])
  private static let unrelated = "no relationship found between node 'a' and this object"
  private static let slices =
    "can only list/watch/deletecollection resourceslices with nodeName field selector"

  private func opinion(
    _ verb: String, _ group: String, _ resource: String, _ name: String = "",
    selector: String = ""
  ) -> NodeAuthorizer.Opinion {
    let parts = resource.split(separator: "/").map(String.init)
    return NodeAuthorizer.opinion(
      on: RequestAttributes(
        verb: verb, group: group, resource: parts[0],
        subresource: parts.count > 1 ? parts[1] : "", name: name, namespace: "default",
        fieldSelector: selector), by: user)
  }

  @Test func `D.3 a node may read endpoints`() {
    #expect(opinion("get", "", "endpoints", "x") == .allows)
    #expect(opinion("list", "", "endpoints") == .silent)
  }

  @Test func `D.3 the status of a claim is its pods' node's to write`() {
    let status = "persistentvolumeclaims/status"
    for verb in ["update", "patch"] {
      #expect(opinion(verb, "", status, "p") == .none(reason: Self.unrelated))
    }
    #expect(
      opinion("get", "", status, "p") == .none(reason: "can only get/update/patch this type"))
    #expect(opinion("get", "", "persistentvolumeclaims", "p") == .none(reason: Self.unrelated))
  }

  @Test func `D.3 a node reads the service accounts of its pods`() {
    #expect(opinion("get", "", "serviceaccounts", "s") == .none(reason: Self.unrelated))
    let tokens = "can only create tokens for individual service accounts"
    #expect(opinion("list", "", "serviceaccounts") == .none(reason: tokens))
    #expect(opinion("get", "", "serviceaccounts/token", "s") == .none(reason: tokens))
    #expect(opinion("create", "", "serviceaccounts/token", "s") == .none(reason: Self.unrelated))
  }

  /// Recorded: `deletecollection` with the selector is answered 200 (audit/first-node-*.jsonl).
  @Test(arguments: ["list", "watch", "deletecollection"])
  func `D.3 of resource slices a node sees its own`(verb: String) {
    let answer = { (selector: String) in
      opinion(verb, "resource.k8s.io", "resourceslices", selector: selector)
    }
    #expect(answer("spec.nodeName=a") == .allows)
    #expect(answer("spec.driver=d,spec.nodeName=a") == .allows)
    for selector in ["", "spec.nodeName=b", "spec.nodeName!=a", "nodeName=a", "spec.nodeName"] {
      #expect(answer(selector) == .none(reason: Self.slices), "\(selector)")
    }
  }

  @Test func `D.3 a node makes resource slices, and changes those that are its own`() {
    let group = "resource.k8s.io"
    #expect(opinion("create", group, "resourceslices") == .allows)
    for verb in ["get", "update", "patch", "delete"] {
      #expect(opinion(verb, group, "resourceslices", "s") == .none(reason: Self.unrelated))
    }
    #expect(
      opinion("get", group, "resourceslices/status", "s")
        == .none(reason: "cannot authorize ResourceSlice subresources"))
    #expect(
      opinion("bind", group, "resourceslices", "s")
        == .none(
          reason: "only the following verbs are allowed for a ResourceSlice: get, watch, list, "
            + "create, update, patch, delete, deletecollection"))
  }

  @Test func `D.3 a node creates, deletes and evicts pods, and writes their status`() {
    for (verb, resource) in [
      ("create", "pods"), ("delete", "pods"), ("update", "pods/status"), ("patch", "pods/status"),
      ("create", "pods/eviction"),
    ] {
      #expect(opinion(verb, "", resource, "p") == .allows, "\(verb) \(resource)")
    }
    for (verb, resource) in [
      ("update", "pods"), ("patch", "pods"), ("get", "pods/status"), ("update", "pods/eviction"),
    ] {
      #expect(opinion(verb, "", resource, "p") == .silent, "\(verb) \(resource)")
    }
  }

  @Test func `D.3 a selector of pods may say more than the node`() {
    for (selector, isAllowed) in [
      ("spec.nodeName=a,status.phase=Running", true), ("spec.nodeName==a", true),
      ("spec.nodeName=a,spec.nodeName=b", true), ("spec.nodeName!=a", false), ("xyz", false),
    ] {
      #expect(
        (opinion("list", "", "pods", selector: selector) == .allows) == isAllowed, "\(selector)")
    }
  }
}
