import GRDB
import TestSupport

extension Recording {
  /// Changes the file behind bootsim's back.
  func change(_ sql: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    try DatabaseQueue(path: path, configuration: configuration).write { try $0.execute(sql: sql) }
  }

  func has(_ column: String, in table: String) throws -> Bool {
    try DatabaseQueue(path: path).read { try $0.columns(in: table).contains { $0.name == column } }
  }
}
