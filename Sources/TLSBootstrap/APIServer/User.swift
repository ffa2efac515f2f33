/// A user as an authenticator leaves it: name and groups.
package struct User: Hashable, Sendable {
  package var name: String
  package var groups: [String]

  package init(name: String, groups: [String]) {
    self.name = name
    self.groups = groups
  }
}
