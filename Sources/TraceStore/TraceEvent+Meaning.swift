import TLSBootstrap

/// What the trace says of each kind of event.
extension TraceEvent.Kind {
  enum Outcome: String {
    case done
    /// A step of MODE-B that is reached before those with smaller numbers.
    case early
    case failed
  }

  /// How a step ended that an event of this kind marks.
  var outcome: Outcome {
    switch self {
    case .kubeconfigWrittenEarly, .kubeletRunsEarly:
      .early
    case .bootstrapKubeconfigUnusable, .authenticationFailed, .authorizationFailed,
      .connectionFailed, .reviewRefused, .notRecognized,
      .signingFailed, .waitEnded, .attemptFailed, .certificateExpired, .kubeletExited, .nodeLost,
      .kubeconfigUnusable, .storedPairUnusable, .temporaryKeyUnusable, .tokenUnavailable,
      .storeFailed, .requestNotSent, .shapeRefused, .joinFailed, .managerKilled, .managerExited,
      .deletionSeen, .replacementSeen, .nodeUnknown, .containerRuntimeMissing,
      .runtimeLost:
      .failed
    case .kubeletStarted, .kubeconfigMissing, .kubeconfigExpired, .kubeconfigValid,
      .bootstrapKubeconfigLoaded, .credentialsRead, .serverAwaited,
      .limiterWaited, .authenticated, .authorized,
      .requestAnswered, .keyTaken,
      .keyDone, .reviewAllowed, .retryScheduled, .certificateSigned,
      .approvalSeen, .certificateFetched, .certificateStored, .kubeconfigWritten,
      .connectionsClosed, .backedOff, .rotationPlanned, .rotationStarted,
      .kubeletRestartPlanned, .nodeRegistered, .nodeAdopted, .informerSynced,
      .leaseCreated, .leaseSkipped, .csiNodeCreated, .networkReady, .statusPatched, .nodeReady,
      .administratorLooked, .administratorDecided, .ignored, .settled, .kubeconfigLoaded,
      .tokenAwaited, .tokenStored, .faultBegan, .faultEnded, .requestSent, .joinStarted,
      .bootstrapKubeconfigWritten, .bootstrapKubeconfigDeleted, .nodeJoined, .seatAwaited,
      .retryAfterWaited, .writeCommitted, .managerStarted, .managerRestartPlanned,
      .managerPaused, .managerResumed, .leaderElected, .controllersStarted, .tokenRemoved,
      .clusterInfoSigned, .nodeKnown, .csrClientStarted, .connectionOpened, .runtimeRegained,
      .informerResynced:
      .done
    }
  }

  /// What `value` counts; empty where it is always 0.
  package var unit: String {
    switch self {
    case .serverAwaited, .limiterWaited, .requestAnswered,
      .keyTaken, .keyDone, .retryScheduled, .waitEnded, .backedOff, .rotationPlanned,
      .kubeletRestartPlanned, .nodeReady, .tokenAwaited, .tokenStored, .seatAwaited,
      .retryAfterWaited, .writeCommitted, .managerRestartPlanned, .nodeUnknown, .nodeKnown,
      .kubeletExited, .runtimeLost, .connectionFailed:
      "ns"
    case .certificateSigned: "unix ns"
    case .kubeletStarted, .administratorLooked, .controllersStarted, .tokenRemoved,
      .clusterInfoSigned, .informerResynced:
      "count"
    case .settled: "settlement"
    case .kubeconfigUnusable: "check"
    case .faultBegan, .faultEnded: "fault"
    case .joinFailed: "failure"
    case .managerStarted, .managerKilled, .managerExited, .managerPaused, .managerResumed,
      .leaderElected, .connectionOpened:
      "replica"
    case .kubeconfigMissing, .kubeconfigExpired, .kubeconfigValid, .bootstrapKubeconfigLoaded,
      .bootstrapKubeconfigUnusable, .credentialsRead, .kubeconfigWrittenEarly, .kubeletRunsEarly,
      .authenticated, .authenticationFailed,
      .authorized, .authorizationFailed,
      .reviewAllowed, .reviewRefused, .notRecognized,
      .signingFailed, .approvalSeen, .certificateFetched,
      .certificateStored, .kubeconfigWritten, .connectionsClosed, .attemptFailed,
      .rotationStarted, .certificateExpired, .nodeRegistered,
      .nodeAdopted, .informerSynced, .leaseCreated, .leaseSkipped, .csiNodeCreated,
      .networkReady, .statusPatched, .nodeLost, .administratorDecided, .ignored, .kubeconfigLoaded,
      .storedPairUnusable, .temporaryKeyUnusable, .tokenUnavailable, .storeFailed, .requestSent,
      .requestNotSent, .shapeRefused, .joinStarted, .bootstrapKubeconfigWritten,
      .bootstrapKubeconfigDeleted, .nodeJoined, .deletionSeen, .replacementSeen,
      .csrClientStarted, .containerRuntimeMissing, .runtimeRegained:
      ""
    }
  }

  /// Whether an answer that succeeded is one, rather than the absence of an answer.
  var carriesAnswer: Bool { self == .requestAnswered }
}
