import Inspection
import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// Why nodes are not Ready, or were late, by root cause: what is seen of it, and what cures it.
struct Causes {
  private let explanation: RunExplanation
  private let failures: [Told]

  /// A root cause, with how one of its nodes shows it.
  private struct Told {
    let group: RunExplanation.Group
    /// nil: of the causes after `mostExplained`.
    let cause: NodeExplanation.Cause?
    /// The first nodes that it keeps from being Ready.
    let names: [String]
  }

  /// How many causes are explained in full, each by playing the run once more: the largest.
  private static let mostExplained = 12
  private static let mostNames = 3

  /// - Throws: `TraceError` where the run does not come out again as it was recorded.
  init(_ run: RecordedRun, names: [String]) throws {
    explanation = try RunExplanation(run)
    failures = try explanation.failures.enumerated().map { place, group in
      let cause =
        place < Self.mostExplained
        ? try NodeExplanation(run, node: group.example).causes.first : nil
      return Told(
        group: group, cause: cause, names: group.nodes.prefix(Self.mostNames).map { names[$0] })
    }
  }

  /// The root cause of the most nodes, and how many these are.
  var largest: (title: String, nodes: Int)? {
    explanation.failures.first.map { ($0.title, $0.nodes.count) }
  }

  var markup: HTML {
    let told = failures.isEmpty ? "<p>None.</p>" : failures.map(markup).joined()
    return told + delays + others
  }

  private func markup(_ told: Told) -> HTML {
    let group = told.group
    let more = group.nodes.count > told.names.count ? " …" : ""
    let rows: [HTML] =
      (told.cause.map { [Self.seen($0), Self.row("Clock", Self.clock($0))] } ?? []) + [
        Self.row("Needed", "\(group.needed)"), Self.fix(group.remedy),
        group.remedy.settings.map { Self.row("In the scenario", "<pre>\($0)</pre>") } ?? .empty,
        Self.row("Such as", "\(told.names.joined(separator: ", ") + more)"),
        group.first.map { Self.row("First", "\($0.text)") } ?? .empty,
      ]
    return """
      <section class="cause"><h3><span class="bad">\(Quantity.count(group.nodes.count)) ×</span> \
      \(group.title) <span class="quiet">\(group.number == "-" ? "" : group.number)</span></h3>\
      <dl>\(rows.joined())</dl></section>
      """
  }

  private static func row(_ name: HTML, _ value: HTML) -> HTML {
    "<dt>\(name)</dt><dd>\(value)</dd>"
  }

  private static func seen(_ cause: NodeExplanation.Cause) -> HTML {
    let observations = cause.observations.map { observation -> HTML in
      "<p>\(observation.place), \(observation.timeText)</p><pre>\(observation.text)</pre>"
    }
    return observations.isEmpty ? .empty : row("Seen", observations.joined())
  }

  private static func clock(_ cause: NodeExplanation.Cause) -> HTML {
    "\(cause.clock?.text ?? "no clock decided")"
  }

  private static func fix(_ remedy: Remedy) -> HTML {
    remedy.ways.enumerated().map { number, lines -> HTML in
      row(number == 0 ? "Fix" : "or", "<pre>\(lines.joined(separator: "\n"))</pre>")
    }.joined()
  }

  private var delays: HTML {
    Self.table(
      "Ready, but held up or otherwise worth a look",
      explanation.delays.map { ($0.nodes.count, "\($0.title), such as \($0.example)", $0.number) })
  }

  private var others: HTML {
    Self.table(
      "Of other clients",
      explanation.others.map {
        ($0.count, "\($0.text), first at \(Text.clock($0.first))", $0.number)
      })
  }

  private static func table(_ title: HTML, _ rows: [(count: Int, text: String, number: String)])
    -> HTML
  {
    if rows.isEmpty { return .empty }
    let lines = rows.map { count, text, number -> HTML in
      """
      <tr><td class="number">\(Quantity.count(count)) ×</td><td class="text">\(text)</td>\
      <td>\(number)</td></tr>
      """
    }
    return "<h3>\(title)</h3><div class=\"scroll\"><table>\(lines.joined())</table></div>"
  }

  /// What bound, from when to when, and what twice that would bring.
  var limit: HTML {
    let throughput = explanation.throughput
    guard let binding = throughput.binding else { return .empty }
    var text =
      "\(binding.name) bound from \(Text.clock(binding.span.from)) to "
      + "\(Text.clock(binding.span.to))."
    if !throughput.doubling.isEmpty {
      let gain =
        throughput.sooner.map { "would end that about \(Text.length($0)) sooner; " }
        ?? "may bring more than can be said, because it bound to the end of the run; "
      text +=
        " Twice that (\(throughput.settings)) \(gain)bootsim explain RUN --what-if plays it."
    }
    return "<p>\(text)</p>"
  }
}
