import Reporting
import Scenarios
import SimulationKernel

/// How many nodes took how long to Ready.
struct Histogram {
  let title: String
  let times: [Duration]

  private static let bars = 40

  var markup: HTML {
    guard let longest = times.last, let shortest = times.first else { return .empty }
    let axis = TimeAxis(end: .zero + longest)
    var counts = Array(repeating: 0, count: Self.bars)
    let width = max(1, longest.nanoseconds / Int64(Self.bars) + 1)
    for time in times { counts[min(Self.bars - 1, Int(time.nanoseconds / width))] += 1 }
    let scale = Scale(most: counts.max() ?? 1, top: 12, bottom: 240)
    let drawn = counts.enumerated().filter { $0.element > 0 }.map { place, count -> HTML in
      let from = Instant(nanoseconds: width * Int64(place))
      let to = Instant(nanoseconds: width * Int64(place + 1))
      let y = scale.y(count)
      let label = "\(Text.clock(from)) to \(Text.clock(to)): \(Quantity.count(count))"
      return """
        <rect x="\(Number(axis.x(from)).text)" y="\(Number(y).text)" \
        width="\(Number(max(1, axis.x(to) - axis.x(from) - 1)).text)" \
        height="\(Number(240 - y).text)" style="fill:var(--s1)"><title>\(label)</title></rect>
        """
    }
    return """
      <figure><h3>\(title)</h3><div class="chart"><svg viewBox="0 0 \(TimeAxis.width) 270" role="img" \
      aria-label="\(title)">\(axis.drawing(from: 12, to: 240))\(scale.drawing)\(drawn.joined())</svg></div>\
      <p class="quiet">From \(Text.length(shortest)) to \(Text.length(longest)), since the start of \
      each.</p></figure>
      """
  }
}
