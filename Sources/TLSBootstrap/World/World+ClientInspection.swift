/// What people ask of other clients (`spec.requests`) who look at a world; no component asks it.
extension World {
  /// The entry of an `Identity` of the kind `client`, and whether its certificate is what it is known by.
  public func client(
    of identity: Identity
  ) -> (request: ClientRequest, presentsCertificate: Bool) {
    let entry = ClientTable.entry(of: identity)
    return (scenario.requests[entry], identity == ClientTable.byCertificate(entry))
  }

  /// The CSRs that an entry created under its own name, in order.
  public func requests(ofClient name: String) -> [Int] {
    server.requests.indices.filter { index in
      let requestor = server.requests[index].requestor
      return requestor.kind == .client
        && scenario.requests[ClientTable.entry(of: requestor)].name == name
    }
  }
}
