import Reporting
import SimulationKernel
import TLSBootstrap

/// Where one node's time went: a bar for each step, as long as the node took to it.
struct Waterfall {
  let title: String
  let node: RunTimeline.Node

  var markup: HTML {
    let reached = node.reached
    guard let last = reached.last else {
      return "<h3>\(title): \(node.name)</h3><p>It reached no step.</p>"
    }
    let start = min(node.started, reached.first?.at ?? node.started)
    let axis = TimeAxis(end: .zero + (last.at - start))
    var before = Instant.zero
    var bars: [HTML] = []
    for (row, step) in reached.enumerated() {
      let at = Instant.zero + (step.at - start)
      bars.append(bar(row, step.step, from: before, to: at, axis))
      before = at
    }
    let height = reached.count * 22 + 8
    return """
      <figure><h3>\(title): \(node.name)</h3><div class="chart">\
      <svg viewBox="0 0 \(TimeAxis.width) \(height + 24)" role="img" aria-label="Steps of \(node.name)">\
      \(axis.drawing(from: 4, to: height))\(bars.joined())</svg></div>\
      <p class="quiet">\(node.outcome)</p></figure>
      """
  }

  private func bar(
    _ row: Int, _ step: BootstrapStep, from: Instant, to: Instant, _ axis: TimeAxis
  ) -> HTML {
    let x = axis.x(from)
    let end = axis.x(to)
    let y = row * 22 + 6
    let label = "\(step.rawValue) \(step.title), \(Text.length(to - from))"
    // The words stand where there is room for them.
    let isRight = end < Double(TimeAxis.width) * 0.55
    let place = isRight ? end + 6 : x - 6
    return """
      <rect x="\(Number(x).text)" y="\(y)" width="\(Number(max(2, end - x)).text)" height="16" rx="2" \
      style="fill:var(--s\(1 + row % 7));opacity:.75"/><text class="name" \
      x="\(Number(isRight || x > 330 ? place : end - 6).text)" y="\(y + 8)" dominant-baseline="middle" \
      text-anchor="\(isRight ? "start" : "end")">\(label)</text>
      """
  }
}
