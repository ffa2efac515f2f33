/// What controllers and kubeadm ask about bootstrap tokens (protocol.md I.2, I.3).
extension APIServer {
  /// I.3: whether cluster-info has a signature for the ID of the asking node's token (`flag`), and whether it
  /// is made with that token's secret (`verdict`).
  func lookForSignature(_ number: UInt32, _ turn: inout Turn) {
    guard let token = turn.facts.token(of: NodeID(Int(turn.calls[number].node))),
      let parts = TokenTable.parts(of: turn.facts.tokens.tokens[token].text),
      let secret = clusterInfo.secret(ofToken: parts.id)
    else { return }
    turn.calls[number].flag = true
    turn.calls[number].verdict = secret == parts.secret
  }

  /// I.2: the request has the Secret's UID as a precondition, so that a second one finds nothing.
  mutating func deleteSecret(_ number: UInt32, _ turn: inout Turn) {
    let secret = turn.calls[number].key
    if vanishing.contains(secret) || turn.facts.secret(secret) == nil {
      turn.calls[number].answer = .notFound
    } else {
      vanishing.append(secret)
    }
  }
}
