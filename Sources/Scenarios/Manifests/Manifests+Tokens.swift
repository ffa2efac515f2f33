/// The tokens that the input defines.
extension Manifests {
  /// With their IDs.
  var tokens: [(id: String, token: String)] {
    secrets.compactMap { secret in
      guard let id = secret.value.tokenID, let token = secret.value.token else { return nil }
      return (id, token)
    }
  }

  /// - Returns: nil: none has the ID, and that is told.
  func token(withID id: Located<String>) -> Located<String>? {
    if let token = tokens.first(where: { $0.id == id.value }) {
      return Located(token.token, at: id.place)
    }
    let known = tokens.map(\.id)
    let nearest = NearestKey.nearest(to: id.value, among: known)
    reading.fail(
      id.place, "no token has the ID “\(id.value.prefix(60))”",
      cure: nearest.map { "did you mean `\($0)`?" }
        ?? (known.isEmpty ? "define it in `spec.tokens`" : "use one of \(KeyTable.list(known))"))
    return nil
  }
}
