import GRDB
import TLSBootstrap

/// The tables that spell the vocabulary: the same in every trace of a version.
enum DictionaryTables {
  static func write(to database: Database) throws {
    try insert(TraceEvent.ComponentName.allCases, into: "component", database) { [$0.text] }
    try insert(TraceEvent.Kind.allCases, into: "kind", database) {
      [$0.text, $0.outcome.rawValue, $0.unit]
    }
    try insert(BootstrapStep.allCases, into: "step", database) { ["\($0)", $0.title] }
    try insert(Settlement.allCases, into: "settlement", database) { ["\($0)", $0.text] }
    try insert(SignerName.allCases, into: "signer", database) { [$0.text] }
    try insert(Answer.allCases, into: "answer", database) { ["\($0)", Int($0.code), $0.reason] }
    try insert(Call.allCases, into: "call", database) { call in
      let shape = call.shape
      return [
        shape.verb, shape.group, shape.resource, shape.subresource, shape.namespace, shape.path,
        objectName(shape),
      ]
    }
  }

  /// The table that has what the call names, or the name itself.
  private static func objectName(_ shape: Call.Shape) -> String {
    switch shape.object {
    case .none: ""
    case .node: "node"
    case .request: "csr"
    case .serviceAccount, .configMap, .leaderLease: shape.name
    }
  }

  private static func insert<Word: RawRepresentable>(
    _ words: [Word], into table: String, _ database: Database,
    columns: (Word) -> [any DatabaseValueConvertible]
  ) throws where Word.RawValue == UInt8 {
    for word in words {
      let values = [Int64(word.rawValue)] + columns(word)
      let places = repeatElement("?", count: values.count).joined(separator: ", ")
      try database.execute(
        sql: "INSERT INTO \(table) VALUES (\(places))", arguments: StatementArguments(values))
    }
  }
}
