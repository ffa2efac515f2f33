import Reporting

/// Columns of text, as Go's `text/tabwriter` aligns them.
///
/// A column is a run of adjacent lines that have a cell there which a tab ends; the last cell of a line
/// belongs to no column.
struct TextTable {
  /// The least width of a cell, with its padding; and the padding.
  let minimum: Int
  let padding: Int

  /// kubectl's tables. Source: k8s.io/cli-runtime `printers.GetNewTabWriter`: 6, 4, 3.
  static let list = TextTable(minimum: 6, padding: 3)
  /// `kubectl describe`. Source: k8s.io/kubectl `tabbedString`: 0, 8, 2.
  static let description = TextTable(minimum: 0, padding: 2)

  /// - Parameter lines: cells separated by tabs.
  func text(_ lines: [String]) -> String {
    let cells = lines.map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    var widths = cells.map { Array(repeating: 0, count: max(0, $0.count - 1)) }
    let most = widths.map(\.count).max() ?? 0
    for column in 0..<most {
      var line = 0
      while line < cells.count {
        var end = line
        while end < cells.count, widths[end].count > column { end += 1 }
        let longest = cells[line..<end].map { $0[column].count }.max() ?? 0
        for place in line..<end { widths[place][column] = max(minimum, longest + padding) }
        line = max(end, line + 1)
      }
    }
    return zip(cells, widths).map { cells, widths in
      zip(cells, widths).map { Text.left($0, $1) }.joined() + (cells.last ?? "")
    }.joined(separator: "\n")
  }
}
