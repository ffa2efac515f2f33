/// What a kind of caller may do with a kind of object.
enum Permission: UInt8, Hashable, Sendable {
  case never, always
  /// Some callers, or some objects: a rule lists names, or a binding one node's user.
  case byName
}
