import Inspection
import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap
import TraceStore

/// One run, or two side by side, as one HTML file that needs nothing else.
package struct ReportPage {
  package let text: String

  /// - Parameter runs: one or two.
  /// - Throws: `TraceError` where a run does not come out again as it was recorded.
  package init(_ runs: [RecordedRun]) throws {
    let timelines = try runs.map { try RunTimeline($0, name: Self.name(of: $0, among: runs)) }
    let ends = Self.ends(runs.map { Instant(nanoseconds: $0.run.end) })
    let columns = try timelines.enumerated().map { number, timeline in
      try RunColumn(
        timeline, number: number, axis: TimeAxis(end: ends[number]), isAlone: runs.count == 1,
        hasOwnAxis: Set(ends).count > 1
      ).markup
    }
    let title = timelines.map(\.name).joined(separator: " and ")
    let layout: HTML = runs.count > 1 ? "runs two" : "runs"
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">\
      <meta name="viewport" content="width=device-width, initial-scale=1">\
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
      style-src 'unsafe-inline'; script-src 'unsafe-inline'">\
      <title>\(title) · bootsim</title><style>\(Self.resource(PackageResources.report_css))</style></head>
      <body><header><h1>\(title)</h1><div class="controls"><button id="theme" type="button">Light or \
      dark</button></div></header>
      <main>\(runs.count > 1 ? Self.comparison(timelines) : .empty)<div class="\(layout)">\(columns.joined())</div>\
      \(runs.count > 1 ? Self.commands(runs) : .empty)</main>
      <footer><p class="quiet">Made by bootsim. Times are virtual, from the start of the run.</p></footer>
      <script>\(Self.resource(PackageResources.report_js))</script></body></html>

      """
    text = page.text
  }

  /// Of the axes: the same for both runs, unless the shorter one would be a line at its very beginning.
  static func ends(_ runs: [Instant]) -> [Instant] {
    let longest = runs.max() ?? .zero
    let isOne = runs.allSatisfy { $0.nanoseconds >= longest.nanoseconds / 10 }
    return isOne ? runs.map { _ in longest } : runs
  }

  /// The scenario, and where two have the same, which file it is.
  private static func name(of run: RecordedRun, among runs: [RecordedRun]) -> String {
    let isAlone = runs.allSatisfy { $0.path == run.path || $0.run.scenario != run.run.scenario }
    if isAlone { return "\(run.run.scenario), seed \(run.run.seed)" }
    let file = run.path.split(separator: "/").last.map(String.init) ?? run.path
    return "\(run.run.scenario) (\(file))"
  }

  private static func comparison(_ timelines: [RunTimeline]) -> HTML {
    let head = timelines.map { "<th class=\"number\">\($0.name)</th>" as HTML }
    let rows = Comparison(timelines.map { (name: $0.name, report: $0.report) }).rows
      .map { name, values -> HTML in
        let cells = values.map { "<td class=\"number\">\($0)</td>" as HTML }
        return "<tr><td>\(name)</td>\(cells.joined())</tr>"
      }
    return """
      <section><h2>Side by side</h2><div class="scroll"><table><tr><th></th>\(head.joined())</tr>\
      \(rows.joined())</table></div></section>
      """
  }

  /// What records both runs again and writes this page.
  private static func commands(_ runs: [RecordedRun]) -> HTML {
    let paths = runs.map { ShellWord.quoted($0.path) }
    let records = zip(runs, paths).map { "\($0.run.command) --output \($1)" }
    let lines = records + ["bootsim report \(paths.joined(separator: " "))"]
    return """
      <section><h2>To repeat this report</h2><pre>\(lines.joined(separator: "\n"))</pre></section>
      """
  }

  private static func resource(_ bytes: [UInt8]) -> HTML {
    HTML(stringLiteral: String(decoding: bytes, as: UTF8.self))
  }
}
