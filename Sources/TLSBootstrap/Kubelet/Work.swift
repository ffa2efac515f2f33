import SimulationKernel

/// The kubelet's other loops: registration, Node status, Lease, CSINode, informers (protocol.md L).
struct Work: Hashable, Sendable {
  /// When the loops began; `.never` before.
  var began = Instant.never
  /// The event after which the loops began without a certificate; nil: they are played.
  var waitCause: UInt32?
  /// Whether the requests of the wait reach the API server's queues: there is a connection, and no 401.
  var loadsServer = false
  var state: State = .runtimeAnswers
  /// What the latest status that was sent said.
  var reported: State = []
  /// Number of the sleep before the next try.
  var registrationTry: UInt32 = 0
  var leaseTry: UInt32 = 0
  var csiNodeTry: UInt32 = 0
  /// Cycles of each reflector: nodes, services, CSIDrivers, RuntimeClasses.
  var reflectorCycles = SIMD4<UInt32>.zero
  /// Of each one's backoff series (A.11): the steps since it last started anew, and when it did.
  var reflectorSteps = SIMD4<UInt32>.zero
  var reflectorRestarts = SIMD4<Int64>.zero
  /// Reflectors whose watch is open: bit n is the n-th one's. Bit 4: that of pods is being opened.
  var openWatches: UInt8 = 0
  static let opensPods: UInt8 = 1 << 4
  /// An informer has been answered by the connection that is open: the API server's certificate is not looked
  /// at again (M.1 row 6).
  var isConnected = false
  /// Requests that it waits for, counted so that hardly any close of its connections looks for them.
  var requests: UInt8 = 0
  /// Of a kubelet that waits again, by place in `PlayedTries`: loops whose timer is still to fire, and which is that of
  /// their next try.
  var openTimers: UInt8 = 0
  /// When the 10 s status loop runs next.
  var statusLoop = Instant.never
  /// The planned status update: one that says what is ready now, or a report.
  var statusUpdate = Instant.never
  /// Tries of the status update, and of the Lease renewal, that failed.
  var statusFailures: UInt8 = 0
  var renewalFailures: UInt8 = 0

  struct State: OptionSet, Hashable, Sendable {
    let rawValue: UInt16
    static let registered = State(rawValue: 1)
    static let nodeInformerSynced = State(rawValue: 2)
    static let csiNodeCreated = State(rawValue: 4)
    static let networkReady = State(rawValue: 8)
    static let statusSent = State(rawValue: 16)
    static let ready = State(rawValue: 32)
    static let csiNodePolled = State(rawValue: 64)
    static let leaseHeld = State(rawValue: 128)
    /// Its last answer is not too long ago.
    static let runtimeAnswers = State(rawValue: 256)

    /// What Ready=True needs (L.4).
    static let prerequisites: State = [
      .registered, .csiNodeCreated, .networkReady, .statusSent, .runtimeAnswers,
    ]
    /// What a Node's Ready condition names as long as it is missing (L.4).
    static let blockers: State = [.csiNodeCreated, .networkReady, .runtimeAnswers]

    /// Whether the Ready condition says something else than the status that was sent.
    func hasNews(since reported: State) -> Bool {
      contains(.statusSent)
        && intersection(.blockers) != reported.intersection(.blockers)
    }
  }
}

/// The constants of the loops.
enum WorkLoops {
  /// L.2: the sleep before try n, from 0: 100 ms doubling to 7 s.
  static func registrationSleep(_ number: UInt32) -> Duration {
    doubling(.milliseconds(100), number, most: .seconds(7))
  }
  /// L.2: the sleep after failure n, from 0: 200 ms doubling to 7 s.
  static func leaseSleep(_ number: UInt32) -> Duration {
    doubling(.milliseconds(200), number, most: .seconds(7))
  }
  /// A.11, before the factor U[1, 2).
  static func reflectorBackoff(_ number: UInt32) -> Duration {
    doubling(.milliseconds(800), number, most: .seconds(30))
  }
  /// A.11: the series restarts when more than 2 min passed since its last restart.
  static let reflectorReset = Duration.minutes(2)
  /// L.2.
  static let csiNodePoll = Duration.seconds(1)
  /// Recorded (first-node.md): the gaps of the four tries inside one try, 10 ms × 5ⁿ.
  static func csiNodeInnerGap(_ number: UInt32) -> Duration {
    switch number {
    case 0: .milliseconds(10)
    case 1: .milliseconds(50)
    default: .milliseconds(250)
    }
  }
  /// L.4: 0.03 s × 8ⁿ between the six tries.
  static func csiNodeOuterGap(_ number: UInt32) -> Duration {
    Duration.milliseconds(30) * (1 << (3 * Int64(number)))
  }
  /// L.4: the fast path's period and how long it lasts.
  static let fastStatusPeriod = Duration.milliseconds(100)
  static let fastStatusEnd = Duration.seconds(120)

  private static func doubling(_ first: Duration, _ number: UInt32, most: Duration) -> Duration {
    number > 20 ? most : min(most, first * (1 << Int64(number)))
  }
}
