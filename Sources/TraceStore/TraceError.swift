import GRDB

/// A trace that cannot be written or read, with the cure where there is one.
public struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let problem: String
  /// What the user can do; empty where nothing is known to help.
  public let cure: String
  /// Whether it is the file itself that cannot be read or written, rather than what is in it that cannot be
  /// used.
  public let isInputOutput: Bool

  public init(path: String, problem: String, cure: String = "", isInputOutput: Bool = false) {
    self.path = path
    self.problem = problem
    self.cure = cure
    self.isInputOutput = isInputOutput
  }

  public var description: String {
    "\(path): \(problem)" + (cure.isEmpty ? "" : "; \(cure)")
  }

  /// Says what SQLite or the file system said; a `TraceError` stays what it is.
  init(path: String, cause: any Error) {
    if let error = cause as? TraceError {
      self = error
    } else if let error = cause as? DatabaseError {
      let problem = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
      self.init(
        path: path, problem: problem, cure: Self.cure(of: error.resultCode),
        isInputOutput: Self.isInputOutput(error.resultCode))
    } else if cause is RowDecodingError {
      self.init(
        path: path, problem: "a column has what bootsim never writes there: it is damaged",
        cure: "record it again")
    } else {
      self.init(path: path, problem: "\(cause)")
    }
  }

  private static func isInputOutput(_ code: ResultCode) -> Bool {
    let codes: [ResultCode] = [
      .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_PERM, .SQLITE_READONLY,
    ]
    return codes.contains(code)
  }

  private static func cure(of code: ResultCode) -> String {
    switch code {
    case .SQLITE_FULL: "free disk space, or record less with --trace steps"
    case .SQLITE_CANTOPEN: "choose a folder that exists and can be written with --output"
    case .SQLITE_IOERR: "check the disk, or choose another folder with --output"
    case .SQLITE_NOTADB: "give a trace, as bootsim run writes it"
    // A table or column is missing, of a file that was written to by others.
    case .SQLITE_CORRUPT, .SQLITE_ERROR: "record it again"
    default: ""
    }
  }
}
