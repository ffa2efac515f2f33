/// The priority levels of kube-apiserver, each with seats of its own (protocol.md K.2).
enum PriorityLevel: UInt8, CaseIterable, Hashable, Sendable {
  case exempt
  case leaderElection
  case nodeHigh
  case system
  case workloadHigh
  case workloadLow
  case globalDefault
  case catchAll
  // The two counters of a server without priority and fairness (K.3).
  case readOnly
  case mutating

  var name: String {
    switch self {
    case .exempt: "exempt"
    case .leaderElection: "leader-election"
    case .nodeHigh: "node-high"
    case .system: "system"
    case .workloadHigh: "workload-high"
    case .workloadLow: "workload-low"
    case .globalDefault: "global-default"
    case .catchAll: "catch-all"
    case .readOnly: "read-only"
    case .mutating: "mutating"
    }
  }

  /// Those that share out the seats of the server.
  static let sharing = allCases.filter { $0 != .readOnly && $0 != .mutating }
}

/// What a level may use, computed from the seats of the whole server (K.2).
struct LevelSettings: Hashable, Sendable {
  let level: PriorityLevel
  /// The seats due to it by its shares.
  let nominal: Int
  /// What is left when others have borrowed all that it lends.
  let minimum: Int
  /// What it has when it has borrowed as much as it may.
  let maximum: Int
  /// 0: a request that finds no seat is refused at once.
  let queues: Int
  /// How many queues a flow may use.
  let hand: Int

  /// Requests that may wait in one queue.
  ///
  /// 50. Source: K.2.
  static let queueLength = 50

  var isExempt: Bool { level == .exempt }
  /// What a level has before the first computation, which follows at once: half of what it lends.
  var initial: Int { nominal - (nominal - minimum) / 2 }
}

extension LevelSettings {
  /// - Parameter total: `--max-requests-inflight` + `--max-mutating-requests-inflight`.
  init(_ level: PriorityLevel, total: Int) {
    precondition(total > 0, "a server with \(total) seats")
    let given = Self.configuration(of: level)
    let nominal = Self.ceiling(total * given.shares, over: Self.allShares)
    let lendable = (nominal * given.lendablePercent + 50) / 100
    self.level = level
    self.nominal = nominal
    minimum = nominal - lendable
    maximum = nominal + total
    queues = given.queues
    hand = given.hand
  }

  /// One of the two counters of a server without priority and fairness; 0: no limit.
  init(inFlight level: PriorityLevel, limit: Int) {
    self.level = level
    nominal = limit == 0 ? .max : limit
    minimum = nominal
    maximum = nominal
    queues = 0
    hand = 0
  }

  private struct Configuration {
    var shares: Int
    var lendablePercent = 0
    var queues = 0
    var hand = 0
  }

  private static let allShares = PriorityLevel.sharing.reduce(0) {
    $0 + configuration(of: $1).shares
  }

  /// Source: K.2, after k8s.io/apiserver `pkg/apis/flowcontrol/bootstrap/default.go`.
  private static func configuration(of level: PriorityLevel) -> Configuration {
    switch level {
    case .system: Configuration(shares: 30, lendablePercent: 33, queues: 64, hand: 6)
    case .nodeHigh: Configuration(shares: 40, lendablePercent: 25, queues: 64, hand: 6)
    case .leaderElection: Configuration(shares: 10, queues: 16, hand: 4)
    case .workloadHigh: Configuration(shares: 40, lendablePercent: 50, queues: 128, hand: 6)
    case .workloadLow: Configuration(shares: 100, lendablePercent: 90, queues: 128, hand: 6)
    case .globalDefault: Configuration(shares: 20, lendablePercent: 50, queues: 128, hand: 6)
    case .catchAll: Configuration(shares: 5)
    case .exempt, .readOnly, .mutating: Configuration(shares: 0)
    }
  }

  private static func ceiling(_ dividend: Int, over divisor: Int) -> Int {
    (dividend + divisor - 1) / divisor
  }
}
