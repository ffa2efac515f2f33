import GRDB
import SimulationKernel
import TLSBootstrap
import TraceStore

/// The same figures from a trace alone, which may be of a build that plays otherwise.
extension RunFigures {
  init(_ trace: TraceFile) throws {
    try trace.reading { database in
      try readPopulations(database)
      for kind in [NodeRecord.Kind.kubelet, .csrClient] {
        self[kind].seconds = try Percentiles(
          sorted: Int64.fetchAll(
            database,
            sql: """
              SELECT ready_ns - started_ns FROM node
              WHERE kind = ? AND ready_ns IS NOT NULL ORDER BY 1
              """, arguments: [kind.rawValue]
          ).map(Duration.init(nanoseconds:)))
      }
      approvals = try Self.rate(of: "approved_ns", database)
      certificates = try Self.rate(of: "issued_ns", database)
    }
  }

  private mutating func readPopulations(_ database: Database) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT n.kind, s.name, s.text, count(*) FROM node n JOIN settlement s ON s.id = n.settlement
        GROUP BY n.kind, s.name, s.text
        """)
    while let row = try rows.next() {
      let count: Int = row[3]
      let kind = NodeRecord.Kind(rawValue: row[0]) ?? .kubelet
      self[kind].total += count
      switch row[1] as String {
      case "\(Settlement.ready)": self[kind].ready += count
      case "\(Settlement.waiting)": self[kind].waiting += count
      default:
        self[kind].failed += count
        failures[row[2], default: 0] += count
      }
    }
  }

  private static func rate(of column: String, _ database: Database) throws -> Rate {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT count(\(column)), coalesce(min(\(column)), 0), coalesce(max(\(column)), 0) FROM csr
        """)
    return row.map { Rate(count: $0[0], first: $0[1], last: $0[2]) } ?? Rate()
  }

  private subscript(kind: NodeRecord.Kind) -> Population {
    get { kind == .kubelet ? nodes : clients }
    set {
      switch kind {
      case .kubelet: nodes = newValue
      case .csrClient: clients = newValue
      }
    }
  }
}
