import GRDB
import TLSBootstrap

/// The tables of a trace; docs/TRACE.md documents each column.
package enum TraceSchema {
  /// `btls` in ASCII, in the header of every trace.
  static let applicationID: Int32 = 0x6274_6C73
  package static let version: Int32 = 1

  /// The speed of a bare file, because a file under construction is thrown away on any failure.
  ///
  /// 16 KiB pages: as fast as 64 KiB (both 2.3 M rows/s), and a trace of one node is four times
  /// smaller. Cache: 64 MiB, a trace of 5,000 nodes. Deleted content is zeroed, so that a page never
  /// holds what was in memory before.
  static let settings = """
    PRAGMA page_size = 16384;
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA cache_size = -65536;
    PRAGMA secure_delete = ON;
    """

  static func create(_ database: Database) throws {
    try database.execute(
      sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version);")
    try database.execute(sql: runTables)
    try database.execute(sql: dictionaryTables)
    try database.execute(sql: objectTables)
    try database.execute(sql: eventTables)
    try database.execute(sql: views)
  }

  private static let runTables = """
    CREATE TABLE run (
      scenario TEXT NOT NULL,
      seed INTEGER NOT NULL,
      version TEXT NOT NULL,
      level TEXT NOT NULL,
      command TEXT NOT NULL,
      virtual_start TEXT NOT NULL,
      start_unix_ns INTEGER NOT NULL,
      virtual_end_ns INTEGER,
      events INTEGER,
      digest TEXT,
      status TEXT NOT NULL);
    CREATE TABLE input (
      id INTEGER PRIMARY KEY,
      path TEXT NOT NULL,
      sha256 TEXT NOT NULL,
      text TEXT NOT NULL);
    """

  private static let dictionaryTables = """
    CREATE TABLE component (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE kind (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      outcome TEXT NOT NULL,
      unit TEXT NOT NULL);
    CREATE TABLE step (id INTEGER PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL);
    CREATE TABLE call (
      id INTEGER PRIMARY KEY,
      verb TEXT NOT NULL,
      api_group TEXT NOT NULL,
      resource TEXT NOT NULL,
      subresource TEXT NOT NULL,
      namespace TEXT NOT NULL,
      path TEXT NOT NULL,
      object TEXT NOT NULL);
    CREATE TABLE answer (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      code INTEGER NOT NULL,
      reason TEXT NOT NULL);
    CREATE TABLE settlement (id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE signer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE message (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE user_agent (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE user (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      client INTEGER NOT NULL,
      user_agent INTEGER REFERENCES user_agent);
    CREATE TABLE user_call (
      user INTEGER NOT NULL REFERENCES user,
      call INTEGER NOT NULL REFERENCES call,
      user_agent INTEGER NOT NULL REFERENCES user_agent,
      PRIMARY KEY (user, call));
    CREATE TABLE asked (
      id INTEGER PRIMARY KEY REFERENCES user,
      verb TEXT NOT NULL,
      api_group TEXT NOT NULL,
      resource TEXT NOT NULL,
      subresource TEXT NOT NULL,
      namespace TEXT NOT NULL,
      name TEXT NOT NULL,
      path TEXT NOT NULL);
    CREATE TABLE failure (
      kind INTEGER NOT NULL REFERENCES kind,
      call INTEGER NOT NULL REFERENCES call,
      answer INTEGER NOT NULL REFERENCES answer,
      client INTEGER NOT NULL,
      message INTEGER NOT NULL REFERENCES message,
      PRIMARY KEY (kind, call, answer, client));
    """

  private static let objectTables = """
    CREATE TABLE node (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      node_group TEXT NOT NULL,
      rotate_certificates INTEGER NOT NULL,
      started_ns INTEGER,
      ready_ns INTEGER,
      settlement INTEGER NOT NULL REFERENCES settlement,
      attempts INTEGER NOT NULL,
      restarts INTEGER NOT NULL,
      kind TEXT NOT NULL);
    CREATE TABLE csr (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      node INTEGER REFERENCES node,
      signer INTEGER NOT NULL REFERENCES signer,
      requestor INTEGER NOT NULL REFERENCES user,
      created_ns INTEGER NOT NULL,
      approved_ns INTEGER,
      denied_ns INTEGER,
      failed_ns INTEGER,
      issued_ns INTEGER,
      condition INTEGER REFERENCES message,
      reason INTEGER REFERENCES message,
      message INTEGER REFERENCES message);
    CREATE TABLE certificate (
      id INTEGER PRIMARY KEY,
      serial TEXT NOT NULL,
      csr INTEGER NOT NULL REFERENCES csr,
      node INTEGER REFERENCES node,
      signed_ns INTEGER NOT NULL,
      not_before_unix_ns INTEGER NOT NULL,
      not_after_unix_ns INTEGER NOT NULL);
    """

  private static let eventTables = """
    CREATE TABLE event (
      id INTEGER PRIMARY KEY,
      time_ns INTEGER NOT NULL,
      component INTEGER NOT NULL REFERENCES component,
      node INTEGER REFERENCES node,
      attempt INTEGER,
      step INTEGER REFERENCES step,
      kind INTEGER NOT NULL REFERENCES kind,
      cause INTEGER REFERENCES event,
      ended_by INTEGER REFERENCES event,
      csr INTEGER REFERENCES csr,
      call INTEGER REFERENCES call,
      answer INTEGER REFERENCES answer,
      user INTEGER REFERENCES user,
      value INTEGER NOT NULL);
    CREATE TABLE event_message (
      event INTEGER PRIMARY KEY REFERENCES event,
      message INTEGER NOT NULL REFERENCES message);
    CREATE TABLE waiting_request (
      id INTEGER PRIMARY KEY,
      node INTEGER REFERENCES node,
      attempt INTEGER NOT NULL,
      call INTEGER NOT NULL REFERENCES call,
      answer INTEGER NOT NULL REFERENCES answer,
      count INTEGER NOT NULL,
      first_ns INTEGER NOT NULL,
      last_ns INTEGER NOT NULL,
      cause INTEGER REFERENCES event,
      message INTEGER REFERENCES message);
    CREATE TABLE anonymous_request (
      id INTEGER PRIMARY KEY,
      time_ns INTEGER NOT NULL,
      node INTEGER REFERENCES node,
      call INTEGER NOT NULL REFERENCES call,
      answer INTEGER NOT NULL REFERENCES answer);
    """

  /// Built after the rows, which is several times faster than with them.
  ///
  /// None on `node` of all events nor on `cause`: each would take 11 or 12 bytes for each event, a
  /// fifth of the file, and a third of the time of recording, where a look through all events of 5,000
  /// nodes takes 30 ms.
  static let indexes = """
    CREATE INDEX step_by_node ON event (node) WHERE step IS NOT NULL;
    """
}
