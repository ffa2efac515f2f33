import Foundation
import Reporting
import SimulationKernel
import TLSBootstrap

/// The URI that a client of Kubernetes v1.36 asks for, with its query.
///
/// Source: recordings of a real API server; client-go `tools/cache/reflector.go` for watches.
struct RequestURI {
  let text: String

  /// - Parameter seed: decides what the client draws.
  init(_ request: AuditedRequest, seed: @autoclosure () -> Digest) {
    let query = Self.query(request, seed).sorted { $0.0 < $1.0 }
      .map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
    text = Self.path(request) + (query.isEmpty ? "" : "?" + query)
  }

  private static func path(_ request: AuditedRequest) -> String {
    let shape = request.shape
    if shape.resource.isEmpty { return shape.path }
    var parts = shape.group.isEmpty ? ["api"] : ["apis", shape.group]
    parts.append(request.apiVersion)
    if !shape.namespace.isEmpty { parts += ["namespaces", shape.namespace] }
    parts.append(shape.resource)
    let isCollection =
      ["list", "watch", "deletecollection"].contains(shape.verb)
      || shape.verb == "create" && shape.subresource.isEmpty && request.asked?.isByURL != true
    if !isCollection { parts.append(request.objectName) }
    if !shape.subresource.isEmpty { parts.append(shape.subresource) }
    return "/" + parts.filter { !$0.isEmpty }.joined(separator: "/")
  }

  private static func query(
    _ request: AuditedRequest, _ seed: () -> Digest
  ) -> [(String, String)] {
    var query: [(String, String)] = []
    if let selector = fieldSelector(request) { query.append(("fieldSelector", selector)) }
    switch request.call {
    // `spec.requests` says no timeout.
    case _ where request.isOtherClients: break
    case .getHealthz: query.append(("timeout", "1s"))
    case .patchNodeStatus, .getLease, .createLease, .updateLease: query.append(("timeout", "10s"))
    case .getLeaderLease, .createLeaderLease, .updateLeaderLease: query.append(("timeout", "5s"))
    case _ where request.call.isOfWatchCache:
      query += [("limit", "500"), ("resourceVersion", "0")]
    default: break
    }
    // kubectl says it of a deletion in its body.
    if request.isDryRun, ["create", "update", "patch"].contains(request.shape.verb) {
      query.append(("dryRun", "All"))
    }
    if request.asked?.verb == "watch" {
      query.append(("watch", "true"))
    } else if request.shape.verb == "watch" {
      query += watch(request, seed())
    }
    return query
  }

  /// A watch that begins with a list; its timeout is drawn from 5 to 10 min.
  private static func watch(_ request: AuditedRequest, _ seed: Digest) -> [(String, String)] {
    let draw = UInt64(seed.text.prefix(8), radix: 16) ?? 0
    let seconds = 300 + Int(draw % 300)
    let timeout = seconds % 60 == 0 ? "\(seconds / 60)m0s" : "\(seconds / 60)m\(seconds % 60)s"
    return [
      ("allowWatchBookmarks", "true"), ("resourceVersionMatch", "NotOlderThan"),
      ("sendInitialEvents", "true"), ("timeoutSeconds", "\(seconds)"), ("watch", "true"),
    ] + (request.call == .watchPods ? [] : [("timeout", timeout)])
  }

  private static func fieldSelector(_ request: AuditedRequest) -> String? {
    if let asked = request.asked { return asked.fieldSelector.unlessEmpty }
    return switch request.call {
    case .listRequest, .listBetaRequest, .watchRequest: "metadata.name=\(request.csr)"
    case .watchNodes, .listNodes: "metadata.name=\(request.node)"
    case .watchServices, .listServices: "spec.clusterIP!=None"
    case .watchPods: "spec.nodeName=\(request.node)"
    default: nil
    }
  }

  /// As Go's `url.QueryEscape`.
  private static func escaped(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
    return isPlain
      ? text : text.addingPercentEncoding(withAllowedCharacters: .unreserved) ?? text
  }
}
