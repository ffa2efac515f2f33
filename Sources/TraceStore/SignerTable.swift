import GRDB
import TLSBootstrap

/// The ids of signers' names: those of kube-controller-manager are the vocabulary's, others follow as
/// they come.
struct SignerTable {
  private let database: Database
  private var ids: [String: Int64]

  init(_ database: Database) {
    self.database = database
    ids = Dictionary(
      uniqueKeysWithValues: SignerName.allCases.map { ($0.text, Int64($0.rawValue)) })
  }

  mutating func id(of name: String) throws -> Int64 {
    if let id = ids[name] { return id }
    let id = Int64(ids.count)
    try database.execute(sql: "INSERT INTO signer VALUES (?, ?)", arguments: [id, name])
    ids[name] = id
    return id
  }
}
