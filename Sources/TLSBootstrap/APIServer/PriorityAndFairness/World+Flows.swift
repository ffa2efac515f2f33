/// What people ask of priority and fairness who look at a world; no component asks it.
extension World {
  /// Which flow schema and priority level a request belongs to (K.1), and whether the level has queues; nil:
  /// the API server goes without priority and fairness.
  public func flow(
    of call: Call, by identity: Identity
  ) -> (schema: String, level: String, hasQueues: Bool)? {
    guard scenario.apiServer.enablePriorityAndFairness else { return nil }
    let authorizer = turn.facts.authorizer
    let schema = FlowSchema.all[
      FlowSchema.place(
        of: authorizer.attributes(of: call, node: "", request: ""),
        by: authorizer.user(identity, node: turn.facts.callerName(identity)))]
    return (
      schema.name, schema.level.name, LevelSettings(schema.level, total: totalSeats).queues > 0
    )
  }

  /// The seats due to each priority level of all API servers (K.2); empty without priority and fairness.
  public var nominalSeats: [(level: String, seats: Int)] {
    guard scenario.apiServer.enablePriorityAndFairness else { return [] }
    return PriorityLevel.sharing.map { level in
      let settings = LevelSettings(level, total: totalSeats)
      return (level.name, settings.nominal * scenario.apiServer.replicas)
    }
  }

  private var totalSeats: Int {
    scenario.apiServer.maxRequestsInFlight + scenario.apiServer.maxMutatingRequestsInFlight
  }
}
