import Foundation
import TestSupport
import Testing

@testable import TLSBootstrap
@testable import TraceStore

/// docs/TRACE.md, read as a program.
struct DocumentationTests {
  let folder = TemporaryFolder()

  init() throws {
    try folder.record(SyntheticRun(nodes: 5))
  }

  static let page = (try? Repository.text("docs/TRACE.md")) ?? ""

  /// The blocks marked `sql`.
  static var queries: [String] {
    page.components(separatedBy: "```sql\n").dropFirst().map { block in
      block.components(separatedBy: "\n```")[0]
    }
  }

  @Test func `the page has the eleven queries of its heading`() {
    #expect(Self.queries.count == 11)
    #expect(Self.page.contains("\n## Eleven questions\n"))
  }

  @Test(arguments: queries)
  func `each query finds something`(query: String) throws {
    #expect(try !folder.rows(query).isEmpty)
  }

  @Test(.enabled(if: Program.isPresent("sqlite3")), arguments: queries)
  func `sqlite3 gives the same rows`(query: String) throws {
    let here = try folder.rows(query)
    let ended = try Program.run(
      "/usr/bin/env", ["sqlite3", "-readonly", "-list", "-nullvalue", "NULL", folder.file(), query])
    let there = ended.output.split(separator: "\n").map(String.init)
    #expect(here.count == there.count)
    for (one, other) in zip(here, there) { #expect(isEqual(one, other), "\(one) and \(other)") }
  }

  /// Programs round decimals differently at the 15th digit.
  private func isEqual(_ one: String, _ other: String) -> Bool {
    let cells = zip(one.components(separatedBy: "|"), other.components(separatedBy: "|"))
    return cells.allSatisfy { one, other in
      if one == other { return true }
      guard let one = Double(one), let other = Double(other) else { return false }
      return abs(one - other) <= 1e-12 * abs(one)
    }
  }

  @Test(.enabled(if: Portability.isPossible))
  func `DuckDB and Datasette give the same rows`() throws {
    let ended = try Program.run(
      "/usr/bin/env",
      [Program.python, "-c", Portability.script, folder.file()] + Self.queries)
    #expect(ended.output == "\(Self.queries.count) queries agree\n", "\(ended)")
  }

  @Test func `every table, view and column is on the page`() throws {
    let columns = try folder.rows(
      "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
        + " WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%'")
    let names = Set(columns.flatMap { $0.components(separatedBy: "|") })
    #expect(names.isSuperset(of: ["event", "steps", "requests", "duration_ns"]))
    for name in names.sorted() { #expect(Self.page.contains("`\(name)`"), "\(name)") }
  }
}
