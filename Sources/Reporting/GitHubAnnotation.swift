/// What GitHub Actions shows at a line of a file.
package struct GitHubAnnotation {
  /// `error`, `warning` or `notice`.
  package var level: String
  package var file: String
  package var line: Int?
  package var column: Int?
  package var title: String
  package var text: String

  package init(
    level: String, file: String, line: Int? = nil, column: Int? = nil, title: String, text: String
  ) {
    self.level = level
    self.file = file
    self.line = line
    self.column = column
    self.title = title
    self.text = text
  }

  /// The workflow command that makes it.
  package var command: String {
    let line = line.map { ",line=\($0)" } ?? ""
    let column = column.map { ",col=\($0)" } ?? ""
    return "::\(level) file=\(Self.property(file))\(line)\(column),title=\(Self.property(title))::"
      + Self.data(text)
  }

  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}
