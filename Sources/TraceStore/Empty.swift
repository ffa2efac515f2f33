import TLSBootstrap
public struct RunInputs { public init(scenario: String, seed: UInt64, inputs: [(path: String, text: String)], version: String, start: Int64) {} }
public struct RunOutcome { public init(virtualEnd: Int64, events: Int, digest: String) {} }
public final class SQLiteTrace: TraceSink {
  public init(path: String, run: RunInputs, level: TraceLevel, listsAnonymousRequests: Bool) throws {}
  public func record(_ events: UnsafeBufferPointer<TraceEvent>) throws {}
  public func record(_ requests: WaitingRequests) throws {}
  public func finish(directory: some TraceDirectory, outcome: RunOutcome) throws {}
  public func abandon() {}
}
