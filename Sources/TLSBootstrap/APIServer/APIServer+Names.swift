import SimulationKernel

/// What CSRs are called, and which one has a name.
extension APIServer {
  func name(of index: Int, _ clients: ClientTable, _ chance: Chance) -> String {
    let request = requests[index]
    if request.shape != 0 { return clients.shape(request.shape).name(generating: request.name) }
    if !request.isNamedByKey { return "csr-" + GeneratedSuffix.text(of: request.name) }
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    var stream = chance.stream(
      .key, UInt32(request.name >> 32), UInt32(truncatingIfNeeded: request.name) | 0x8000_0000)
    var name = "node-csr-"
    for _ in 0..<43 { name.append(alphabet[Int(stream.next(below: 64))]) }
    return name
  }

  /// Another CSR that has the name of this one, which was deleted; nil: none has (O29).
  ///
  /// Takes the turn `inout`, because facts that are lent are copied, 2.4 kB.
  func namesake(of request: UInt32, _ turn: inout Turn) -> UInt32? {
    let wanted = name(of: Int(request), turn.facts.clients, turn.chance)
    let found = requests.indices.last {
      $0 != Int(request) && !isDeleted(UInt32($0))
        && name(of: $0, turn.facts.clients, turn.chance) == wanted
    }
    return found.map(UInt32.init)
  }

  /// A request that names its CSR, and says nothing of a UID, is for the CSR that has the name now.
  func findByName(_ number: UInt32, _ turn: inout Turn) {
    let request = turn.calls[number].request
    guard request != TraceEvent.none, isDeleted(request),
      let namesake = namesake(of: request, &turn)
    else { return }
    turn.calls[number].request = namesake
  }
}
