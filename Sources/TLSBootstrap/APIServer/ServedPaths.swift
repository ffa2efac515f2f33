/// What the API server has at paths that are no resources, and whether it looks at the method.
///
/// Source: apiserver pkg/server/handler.go `director`, pkg/server/config.go `installAPI`, pkg/server/healthz,
/// pkg/routes; kube-aggregator pkg/apiserver/handler_apis.go, which answers for `/apis` and for groups.
enum ServedPaths {
  enum Handler {
    /// go-restful's, with a route for GET.
    case route
    /// One that does not ask for the method.
    case plain
  }

  private static let routes = [
    "api", "version", ".well-known/openid-configuration", "openid/v1/jwks",
  ]
  private static let plain = [
    "", "apis", "metrics", "metrics/slis", "openapi/v2", "flagz", "statusz",
  ]
  /// With whatever is below them: checks, groups and versions, profiles.
  private static let plainTrees = ["healthz", "livez", "readyz", "openapi/v3", "debug"]

  /// nil: nothing is there.
  static func handler(of path: String) -> Handler? {
    let path = path.split(separator: "/").joined(separator: "/")
    if routes.contains(path) { return .route }
    if plain.contains(path) { return .plain }
    if plainTrees.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) { return .plain }
    let parts = path.split(separator: "/").map(String.init)
    if parts.count == 2, parts[0] == "api" { return parts[1] == "v1" ? .route : nil }
    guard parts.count > 1, parts.count < 4, parts[0] == "apis" else { return nil }
    // Of groups that the model does not know any version may be there, served by anybody.
    if parts.count == 2 || ServedResources.byGroup[parts[1]] == nil { return .plain }
    return parts[2] == "v1" ? .route : nil
  }
}
