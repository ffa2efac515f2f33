import Scenarios
import SimulationKernel
import TLSBootstrap

extension Analysis.Binding {
  /// What bound, and when.
  package var text: String {
    "\(name), from \(Text.clock(span.from)) to \(Text.clock(span.to))"
      + (isLasting ? ", the end of the run" : "")
  }
}

/// The analysis for people.
extension Analysis {
  package var text: String {
    (["Analysis, over \(Text.length(length)) of virtual time", ""] + placeRows + [""] + limiterRows
      + ["", Text.left("Binds", 15) + bindingText]).joined(separator: "\n")
  }

  private var placeRows: [String] {
    let head = row(
      "Little's law", ["arrivals", "λ /s", "mean W s", "mean L", "most", "busy", "L = λW"])
    return [head]
      + places.map { place in
        row(
          place.name,
          [
            Quantity.count(place.totals.entered), Self.decimal(place.arrivalRate(in: length)),
            Self.decimal(place.meanStay), Self.decimal(place.meanNumber(in: length)),
            Quantity.count(place.totals.most),
            place.utilisation(in: length).map(Self.percent) ?? "",
            place.totals.followsLittlesLaw ? "exactly" : "BROKEN",
          ])
      }
  }

  private var limiterRows: [String] {
    let head = row("Limiter", ["tokens", "/s", "of possible", "waited", "binding s", "binding"])
    return [head]
      + limiters.map { limiter in
        let flow = limiter.flow
        let rate = length > .zero ? Double(flow.tokens) * 1e9 / Double(length.nanoseconds) : 0
        return row(
          limiter.name,
          [
            Quantity.count(flow.tokens), Self.decimal(rate),
            Self.percent(limiter.utilisation(in: length)), Quantity.count(flow.waiting.entered),
            Text.seconds3(flow.waiting.occupied.nanoseconds),
            Self.percent(limiter.bindingShare(in: length)),
          ])
      }
  }

  private var bindingText: String {
    binding?.text ?? "nothing: no node waited for a worker or a token"
  }

  private func row(_ name: String, _ cells: [String]) -> String {
    Text.left(name, 44) + cells.map { Text.right($0, 12) }.joined()
  }

  private static func decimal(_ value: Double) -> String {
    let thousandths = Int64((value * 1_000).rounded())
    return "\(thousandths / 1_000).\(Text.pad(thousandths % 1_000, 3))"
  }

  private static func percent(_ share: Double) -> String {
    "\(Int64((share * 100).rounded())) %"
  }
}

// MARK: JSON

extension Analysis {
  struct Object: Encodable {
    struct Place: Encodable {
      let name: String
      let arrivals, present, most: Int
      let arrivalsPerSecond, meanSeconds, meanNumber, longestSeconds, occupiedSeconds: Double
      let followsLittlesLaw: Bool
      let workers: JSONReport.Nullable<Int>
      let utilisation: JSONReport.Nullable<Double>
    }
    struct Limiter: Encodable {
      let name: String
      let qps: Double
      let burst: Int64
      let tokens, waited: Int
      let utilisation, bindingSeconds, bindingShare: Double
    }
    struct Binding: Encodable {
      let name: String
      let fromSeconds, toSeconds: Double
      let isLasting: Bool
    }
    let queues: [Place]
    let limiters: [Limiter]
    let binds: JSONReport.Nullable<Binding>
  }

  var object: Object {
    Object(
      queues: places.map { place in
        Object.Place(
          name: place.name, arrivals: place.totals.entered, present: place.totals.present,
          most: place.totals.most, arrivalsPerSecond: place.arrivalRate(in: length),
          meanSeconds: place.meanStay, meanNumber: place.meanNumber(in: length),
          longestSeconds: place.totals.longest.seconds,
          occupiedSeconds: place.totals.occupied.seconds,
          followsLittlesLaw: place.totals.followsLittlesLaw,
          workers: JSONReport.Nullable(value: place.workers),
          utilisation: JSONReport.Nullable(value: place.utilisation(in: length)))
      },
      limiters: limiters.map { limiter in
        Object.Limiter(
          name: limiter.name, qps: Double(limiter.milliRate) / 1_000,
          burst: limiter.burst, tokens: limiter.flow.tokens,
          waited: limiter.flow.waiting.entered, utilisation: limiter.utilisation(in: length),
          bindingSeconds: limiter.flow.waiting.occupied.seconds,
          bindingShare: limiter.bindingShare(in: length))
      },
      binds: JSONReport.Nullable(
        value: binding.map {
          Object.Binding(
            name: $0.name, fromSeconds: $0.span.from.seconds,
            toSeconds: $0.span.to.seconds, isLasting: $0.isLasting)
        }))
  }
}
