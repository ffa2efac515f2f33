import Reporting
import Scenarios
import SimulationKernel

/// Curves over virtual time, with faults and failed expectations on the axis.
struct Chart {
  struct Series {
    let name: String
    /// Of the CSS variables `--s1` to `--s7`.
    let color: Int
    /// One value for each of the timeline's bins: at its end, or the most in it.
    let values: [Int]
  }

  let title: String
  let unit: String
  let axis: TimeAxis
  let series: [Series]
  var marks: [Mark] = []

  private static let top = 12
  private static let bottom = 240
  private static let rowsOfLetters = 5

  /// Something that happened to the cluster, or that was expected by a time.
  struct Mark {
    let name: String
    let from: Instant
    /// nil: an instant.
    let to: Instant?
    var isBroken = false
  }

  var markup: HTML {
    let most = max(1, series.flatMap(\.values).max() ?? 1)
    let scale = Scale(most: most, top: Self.top, bottom: Self.bottom)
    return """
      <figure><h3>\(title)</h3><div class="chart"><svg viewBox="0 0 \(TimeAxis.width) 270" role="img" \
      aria-label="\(title)">\(marks.enumerated().map { drawing($1, place: $0) }.joined())\
      \(axis.drawing(from: Self.top, to: Self.bottom))\(scale.drawing)\
      \(series.map { curve($0, scale) }.joined())</svg></div>\(legend)</figure>
      """
  }

  private func curve(_ series: Series, _ scale: Scale) -> HTML {
    let bins = max(1, series.values.count)
    var path = ""
    var last: Int?
    for (place, value) in series.values.enumerated() {
      // A level stretch is drawn by its ends.
      let next = place + 1 < series.values.count ? series.values[place + 1] : nil
      if value == last, value == next { continue }
      let instant = Instant(nanoseconds: axis.end.nanoseconds / Int64(bins) * Int64(place + 1))
      let point = "\(Number(axis.x(instant)).text) \(Number(scale.y(value)).text)"
      path += path.isEmpty ? "M\(point)" : "L\(point)"
      last = value
    }
    return """
      <path class="series" style="stroke:var(--s\(series.color))" d="\(path)">\
      <title>\(series.name)</title></path>
      """
  }

  /// With its letter in the legend; those of neighbours stand one below the other.
  private func drawing(_ mark: Mark, place: Int) -> HTML {
    let from = Number(axis.x(mark.from)).text
    let kind = mark.isBroken ? "mark broken" : "mark"
    let height = Self.bottom - Self.top
    let band: HTML =
      mark.to.map { to in
        let width = Number(max(1, axis.x(to) - axis.x(mark.from))).text
        return """
          <rect class="fault" x="\(from)" y="\(Self.top)" width="\(width)" height="\(height)">\
          <title>\(mark.name)</title></rect>
          """
      } ?? .empty
    return """
      \(band)<line class="\(kind)" x1="\(from)" x2="\(from)" y1="\(Self.top)" y2="\(Self.bottom)">\
      <title>\(mark.name)</title></line>\
      <text class="letter" x="\(Number(axis.x(mark.from) + 3).text)" \
      y="\(Self.top + 11 + place % Self.rowsOfLetters * 13)">\(Self.letter(place))</text>
      """
  }

  /// `A` to `Z`, then `A2`.
  private static func letter(_ place: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(place % 26)))
    return place < 26 ? letter : "\(letter)\(place / 26 + 1)"
  }

  private var legend: HTML {
    let entries = series.map { series -> HTML in
      """
      <li><i style="background:var(--s\(series.color))"></i>\(series.name), most \
      \(Quantity.count(series.values.max() ?? 0)) \(unit)</li>
      """
    }
    let acts = marks.enumerated().map { place, mark -> HTML in
      let color: HTML = mark.isBroken ? "bad" : "fault"
      return """
        <li><i style="background:var(--\(color))"></i><b>\(Self.letter(place))</b> \(mark.name)</li>
        """
    }
    return "<ul class=\"legend\">\((entries + acts).joined())</ul>"
  }
}

/// A vertical axis from 0 to a round number.
struct Scale {
  let top: Int
  let bottom: Int
  private let step: Int
  private let end: Int

  init(most: Int, top: Int, bottom: Int) {
    self.top = top
    self.bottom = bottom
    var step = 1
    var factors = [2, 5, 10]
    var base = 1
    while step * 5 < most {
      step = base * factors.removeFirst()
      if factors.isEmpty {
        base *= 10
        factors = [2, 5, 10]
      }
    }
    self.step = step
    end = (most + step - 1) / step * step
  }

  func y(_ value: Int) -> Double {
    Double(bottom) - Double(bottom - top) * Double(value) / Double(max(1, end))
  }

  var drawing: HTML {
    stride(from: 0, through: end, by: step).map { value -> HTML in
      let y = Number(y(value)).text
      return """
        <line class="axis" x1="\(TimeAxis.left)" x2="\(TimeAxis.width - TimeAxis.right)" \
        y1="\(y)" y2="\(y)"/><text x="\(TimeAxis.left - 6)" y="\(y)" text-anchor="end" \
        dominant-baseline="middle">\(Quantity.count(value))</text>
        """
    }.joined()
  }
}
