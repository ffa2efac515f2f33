import SimulationKernel

/// One process of kube-apiserver: what each has of its own. What they store they share.
struct APIServerReplica: Hashable, Sendable {
  /// How many outages overlap now.
  private(set) var outages: UInt8 = 0
  /// When the latest one began.
  private(set) var wentDown = Instant.never
  /// The number of its latest start, among those of all replicas: its watch caches begin there.
  private(set) var start: UInt32 = 1
  /// Per token: until when a success stays cached, from its first use (C.4).
  var cachedUntil: [Instant]
  /// The tokens as its informer of Secrets saw them last, while it sees nothing new (O42).
  private(set) var staleTokens: [TokenTable.Token]?
  private var delays: UInt8 = 0
  var restarts = RestartBackOff()
  /// How many faults have the process paused, since when, and how often it was.
  private var pauses: UInt8 = 0
  private(set) var pausedSince = Instant.never
  private(set) var pauseCount: UInt32 = 0

  /// From the start of a process until it listens. Source: recorded, (k), 2.5 s.
  static let startUp = Duration.milliseconds(2_500)

  init(_ facts: Facts) {
    cachedUntil = Array(repeating: .zero, count: facts.tokens.tokens.count)
  }

  /// A token as its informer of Secrets has it.
  ///
  /// - Parameter current: all tokens, as they are stored.
  func token(_ number: Int, of current: [TokenTable.Token]) -> TokenTable.Token {
    staleTokens?[number] ?? current[number]
  }

  /// Nothing listens.
  var isDown: Bool { outages > 0 }

  var isPaused: Bool { pauses > 0 }

  /// - Returns: whether it went on until now.
  mutating func pause(at now: Instant) -> Bool {
    if isDown { return false }
    pauses += 1
    guard pauses == 1 else { return false }
    pausedSince = now
    pauseCount += 1
    return true
  }

  /// One of its pauses is over, if the process that was paused lives.
  mutating func resume() {
    if isPaused { pauses -= 1 }
  }

  mutating func goDown(at now: Instant) {
    outages += 1
    wentDown = now
    // It is killed all the same.
    pauses = 0
    // The next process looks tokens up anew.
    for token in cachedUntil.indices { cachedUntil[token] = .zero }
  }

  /// - Parameter number: of this start.
  /// - Returns: whether it runs now.
  mutating func comeUp(as number: UInt32) -> Bool {
    outages -= 1
    if isDown { return false }
    start = number
    return true
  }

  /// A new process lists the Secrets; then its cache stays as it is, where it did before.
  mutating func listSecrets(_ tokens: [TokenTable.Token]) {
    if staleTokens != nil { staleTokens = tokens }
  }

  /// Its cache of Secrets stays as it is.
  mutating func freezeSecrets(_ tokens: [TokenTable.Token]) {
    delays += 1
    if staleTokens == nil { staleTokens = tokens }
  }

  mutating func thawSecrets() {
    delays -= 1
    if delays == 0 { staleTokens = nil }
  }
}
