/// A text that a run was made from, and where it was read: a path, or `--set`.
public struct InputText: Hashable, Sendable {
  public var path: String
  public var text: String

  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}
