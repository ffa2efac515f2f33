import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// All that is told of one run.
struct RunColumn {
  private let timeline: RunTimeline
  private let number: Int
  private let isAlone: Bool
  /// Whether the other run has another axis.
  private let hasOwnAxis: Bool
  private let axis: TimeAxis
  private let table: NodeTable
  private let causes: Causes

  /// - Throws: `TraceError` where the run does not come out again as it was recorded.
  init(
    _ timeline: RunTimeline, number: Int, axis: TimeAxis, isAlone: Bool, hasOwnAxis: Bool
  ) throws {
    self.isAlone = isAlone
    self.hasOwnAxis = hasOwnAxis
    self.timeline = timeline
    self.number = number
    self.axis = axis
    table = try NodeTable(timeline.nodes)
    causes = try Causes(timeline.run, names: timeline.nodes.map(\.name))
  }

  private var report: RunReport { timeline.report }
  /// A run may have nothing but CSR clients.
  private var hasNodes: Bool { report.nodes.total > 0 }
  private var population: RunReport.Population { hasNodes ? report.nodes : report.clients }
  private var done: String { hasNodes ? "Ready" : "served" }

  var markup: HTML {
    """
    <article><section><h2>\(isAlone ? "What happened" : timeline.name)</h2><p class="lead">\(paragraph)</p>\(causes.limit)\
    \(figures)</section>
    <section><h2>Over time</h2>\(hasOwnAxis ? Self.ownAxis : .empty)\(curves)</section>
    <section><h2>Time to \(done)</h2>\(distribution)</section>
    <section><h2>Failures by cause</h2>\(causes.markup)</section>
    \(expectations)<section><h2>Step by step</h2>\(waterfalls)</section>
    \(search)<section><h2>\(isAlone ? "To repeat it" : "To repeat this run")</h2><pre>\(timeline.run.run.command)</pre>\
    <p class="quiet">Digest <code>\(report.digest)</code>, seed \(String(report.seed)), bootsim \
    \(timeline.run.run.version), \(Quantity.count(report.events)) events.</p></section></article>
    """
  }

  private static let ownAxis: HTML = """
    <p class="quiet">The two runs are of very different length, so that each has an axis of its own.</p>
    """

  /// What happened, in one paragraph.
  private var paragraph: String {
    let done = hasNodes ? "became Ready" : "got their certificate"
    let isDone = hasNodes ? "are Ready" : "have their certificate"
    var sentences = [
      "Of \(Quantity.count(population.total, hasNodes ? "node" : "client")), "
        + "\(Quantity.count(population.ready)) \(isDone), "
        + "\(Quantity.count(population.failed)) failed and \(Quantity.count(population.waiting)) still "
        + "waited after \(Text.length(report.length)) of virtual time."
    ]
    if let half = population.time(percent: 50), let all = population.time(percent: 100) {
      sentences.append(
        "Half of those that \(done) had done so \(Text.length(half)) after their start, the last "
          + "after \(Text.length(all)).")
    }
    if let (title, nodes) = causes.largest {
      sentences.append(
        "The most frequent cause of nodes that are not Ready: \(title), "
          + (nodes == 1 ? "once." : "\(Quantity.count(nodes)) times.")
      )
    }
    sentences.append("What limited it: \(report.bottleneck.text).")
    return sentences.joined(separator: " ")
  }

  private var figures: HTML {
    let time = { (percent: Int) in population.time(percent: percent).map(Text.length) ?? "–" }
    let entries: [(String, String, HTML)] = [
      (Quantity.count(population.ready), done, "good"),
      (Quantity.count(population.failed), "failed", population.failed > 0 ? "bad" : ""),
      (Quantity.count(population.waiting), "waiting", population.waiting > 0 ? "wait" : ""),
      (time(50), "p50 to \(done)", ""), (time(99), "p99 to \(done)", ""),
      (Quantity.count(report.statistics.approved.count), "approvals", ""),
      (Quantity.count(report.statistics.issued.count), "certificates", ""),
    ]
    let items = entries.map { value, name, kind -> HTML in
      "<li><b class=\"\(kind)\">\(value)</b>\(name)</li>"
    }
    return "<ul class=\"figures\">\(items.joined())</ul>"
  }

  private var curves: HTML {
    let common: [(BootstrapStep, Int)] = [
      (.createsRequest, 3), (.requestIsApproved, 4), (.fetchesCertificate, 6),
    ]
    let steps = hasNodes ? [(.kubeletStarts, 1)] + common + [(.nodeIsReady, 2)] : common
    let nodes = Chart(
      title: hasNodes ? "Nodes by step" : "Clients by step", unit: hasNodes ? "nodes" : "clients",
      axis: axis,
      series: steps.map { step, color in
        Chart.Series(
          name: "\(step.rawValue) \(step.title)", color: color,
          values: stretched(timeline.reached[step] ?? [], .last))
      }, marks: timeline.marks)
    let queue = Chart(
      title: "CSRs that wait, and requests that wait for a token of a limiter", unit: "at once",
      axis: axis,
      series: [
        Chart.Series(
          name: "waiting for approval", color: 3, values: stretched(timeline.pending)),
        Chart.Series(
          name: "approved, waiting for their certificate", color: 6,
          values: stretched(timeline.unsigned)),
        Chart.Series(
          name: "requests waiting for a token", color: 4,
          values: stretched(timeline.waitingForToken)),
      ], marks: timeline.marks)
    let limiter = Chart(
      title: "How long a request waited for its token, at most", unit: "ms", axis: axis,
      series: [
        Chart.Series(
          name: "longest wait for a token that ended then, ms", color: 4,
          values: stretched(timeline.longestWaitForToken, .most, afterwards: 0))
      ], marks: timeline.marks)
    let colors = [0: 7, 200: 1, 201: 2, 401: 3, 403: 4, 404: 6, 409: 3, 429: 5, 504: 5]
    let answers = Chart(
      title: "Requests answered, by code", unit: "in a 400th of the run", axis: axis,
      series: timeline.answers.map { code, counts in
        Chart.Series(
          name: code == 0 ? "no answer" : String(code), color: colors[code] ?? 7,
          values: stretched(counts, .sum, afterwards: 0))
      }, marks: timeline.marks)
    let limiters = timeline.longestWaitForToken.contains { $0 > 0 } ? [limiter] : []
    return ([nodes, queue] + limiters + [answers]).map(\.markup).joined()
  }

  /// The most at once in each part; after the end of the run, how many were left.
  private func stretched(_ crowd: Crowd) -> [Int] {
    stretched(crowd.most, .most, afterwards: crowd.last.last)
  }

  private func stretched(
    _ values: [Int], _ way: Stretch.Way, afterwards: Int? = nil
  ) -> [Int] {
    Stretch(own: timeline.run.run.end, longest: axis.end.nanoseconds)
      .values(values, way, afterwards: afterwards)
  }

  private var distribution: HTML {
    let times = population.times
    if times.isEmpty { return hasNodes ? "<p>No node became Ready.</p>" : "<p>None.</p>" }
    return Histogram(
      title: "How many \(hasNodes ? "nodes" : "clients") took how long", times: times
    ).markup
  }

  private var expectations: HTML {
    guard !timeline.expectations.isEmpty else { return .empty }
    let rows = timeline.expectations.map { expectation, failure -> HTML in
      let state: HTML =
        failure.map { "<span class=\"bad\">broken: \($0)</span>" }
        ?? "<span class=\"good\">held</span>"
      return "<tr><td class=\"text\">\(expectation.text)</td><td class=\"text\">\(state)</td></tr>"
    }
    return """
      <section><h2>Expectations</h2><div class="scroll"><table>\(rows.joined())</table></div></section>

      """
  }

  /// The slowest, the median, one of each kind of failure, and one that waits.
  private var waterfalls: HTML {
    let ready = timeline.nodes.filter { $0.ready != nil }
      .sorted { ($0.timeToReady ?? .zero, $0.name) < ($1.timeToReady ?? .zero, $1.name) }
    var shown: [HTML] = []
    if let slowest = ready.last {
      shown.append(Waterfall(title: "The slowest", node: slowest).markup)
    }
    if ready.count > 2 {
      shown.append(Waterfall(title: "The median", node: ready[(ready.count - 1) / 2]).markup)
    }
    for (settlement, _) in report.failures {
      guard let node = timeline.nodes.first(where: { $0.settlement == settlement }) else {
        continue
      }
      shown.append(Waterfall(title: "Failed", node: node).markup)
    }
    // The one that has waited longest; one that has not started has nothing to show.
    let waiting = timeline.nodes.filter { node in
      node.ready == nil && !report.failures.contains { $0.settlement == node.settlement }
    }.min { $0.started < $1.started }
    if let waiting { shown.append(Waterfall(title: "Still waiting", node: waiting).markup) }
    return shown.isEmpty ? "<p>No node reached a step.</p>" : shown.joined()
  }

  private var search: HTML {
    let rest: HTML =
      table.short == 0
      ? .empty
      : "<p class=\"quiet\">Of \(Quantity.count(table.short)) nodes the steps are left out.</p>"
    let id: HTML = "nodes-\(number)"
    return """
      <section class="search" data-run="\(id)"><h2>Find a node</h2><label>Part of its name \
      <kbd>/</kbd><br><input type="search" autocomplete="off" spellcheck="false"></label>\
      <p class="say quiet" role="status"></p><ul class="found"></ul><div class="shown" aria-live="polite"></div>\(rest)\
      <script type="application/json" id="\(id)">\(HTML(stringLiteral: table.json))</script></section>

      """
  }
}
