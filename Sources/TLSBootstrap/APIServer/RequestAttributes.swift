/// What a request asks for, in the words of RBAC.
struct RequestAttributes: Hashable, Sendable {
  var verb: String
  var group = ""
  var resource = ""
  var subresource = ""
  var name = ""
  var namespace = ""
  /// Not empty: a non-resource request.
  var path = ""
  /// Of a list or watch; one of `metadata.name` counts as the name instead.
  var fieldSelector = ""

  /// `certificatesigningrequests/approval`.
  var fullResource: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }
}
