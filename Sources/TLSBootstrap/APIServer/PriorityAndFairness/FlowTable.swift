/// The flow of each (kind of caller, call), found once at the start, like the answers of `Authorizer`.
struct FlowTable: Sendable {
  private let authorizer: Authorizer
  private var flows: [Flow] = []
  /// The hash of each flow whose key does not hang on the node.
  private var hashes: [UInt64] = []

  /// - Parameter isFair: false: `--enable-priority-and-fairness=false`.
  init(_ authorizer: Authorizer, isFair: Bool = true) {
    self.authorizer = authorizer
    // Few calls of a caller differ in their key, and a hash takes as long as all the rest. A list: the first
    // dictionary of a key of its own takes Swift 0.1 ms, which is the search for its `Hashable`.
    var known: [(key: Flow.Key, hash: UInt64)] = []
    let requests = Call.allCases.map {
      (call: $0, attributes: authorizer.attributes(of: $0, node: "", request: ""))
    }
    for profile in 0..<authorizer.profileCount {
      let identity = authorizer.identity(ofProfile: profile)
      let user = authorizer.user(identity, node: "")
      for (call, request) in requests {
        var flow =
          isFair
          ? Flow(request, by: user)
          : Flow(inFlight: call == .foreignRead ? "get" : request.verb, by: user)
        flow.permission = authorizer.permission(identity, call)
        flows.append(flow)
        let key = flow.key(of: request, by: user)
        if let hash = known.first(where: { $0.key == key })?.hash {
          hashes.append(hash)
        } else {
          hashes.append(key.hash)
          known.append((key, key.hash))
        }
      }
    }
  }

  @inline(__always)
  subscript(identity: Identity, call: Call) -> Flow { flows[place(identity, call)] }

  /// What `PriorityAndFairness` deals queues from; asked for only when a request has to wait.
  func hash(of identity: Identity, _ call: Call, nodeName: @autoclosure () -> String) -> UInt64 {
    guard identity.kind == .node else { return hashes[place(identity, call)] }
    let request = authorizer.attributes(of: call, node: "", request: "")
    return self[identity, call]
      .key(of: request, by: authorizer.user(identity, node: nodeName())).hash
  }

  @inline(__always)
  private func place(_ identity: Identity, _ call: Call) -> Int {
    authorizer.profile(of: identity) * Call.allCases.count + Int(call.rawValue)
  }
}

/// Where a request belongs; three bytes, because it is looked up for every request.
struct Flow: Hashable, Sendable {
  let level: PriorityLevel
  /// Whether it may be made, here for speed: one look-up for both.
  var permission = Permission.never
  /// The place of the schema in `FlowSchema.all`.
  let schema: UInt8

  /// K.1.
  init(_ request: RequestAttributes, by user: User) {
    let place = FlowSchema.place(of: request, by: user)
    level = FlowSchema.all[place].level
    schema = UInt8(place)
  }

  /// The counter of a server without priority and fairness (K.3). It counts no watch, and never
  /// refuses system:masters; theirs are not counted here, which the real one does below its limit.
  init(inFlight verb: String, by user: User) {
    schema = UInt8(FlowSchema.all.count - 1)
    level =
      switch verb {
      case _ where user.groups.contains("system:masters"): .exempt
      case "watch": .exempt
      case "get", "list": .readOnly
      default: .mutating
      }
  }

  /// What tells it from other flows.
  struct Key: Equatable, Sendable {
    let schema: UInt8
    let text: String

    var hash: UInt64 { FlowSchema.all[Int(schema)].hash(ofFlow: text) }
  }

  func key(of request: RequestAttributes, by user: User) -> Key {
    Key(schema: schema, text: FlowSchema.all[Int(schema)].flowKey(of: request, by: user))
  }
}
