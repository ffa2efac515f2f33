import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// The explanation of a run, for people.
extension RunExplanation {
  package var text: String {
    ([headline] + failureRows + delayRows + otherRows + [""] + throughputRows)
      .joined(separator: "\n")
  }

  private var headline: String {
    let populations = [("node", "Ready", report.nodes), ("CSR client", "served", report.clients)]
    let texts = populations.filter { $0.2.total > 0 }.map { name, done, all in
      "\(Quantity.count(all.total, name)): \(Quantity.count(all.ready)) \(done), "
        + "\(Quantity.count(all.failed)) failed, \(Quantity.count(all.waiting)) still waiting"
    }
    return "\(scenario): \(texts.joined(separator: "; "))"
  }

  private var failureRows: [String] {
    let rows = failures.flatMap { group in
      [
        "",
        Rows.row("\(Quantity.count(group.nodes.count)) ×", Rule.name(group.number, group.title)),
        Rows.row("", "such as \(group.example): \(command(explaining: group.example))"),
      ] + (group.first.map { [Rows.row("First", $0.text)] } ?? [])
        + [Rows.row("Needed", group.needed)] + group.remedy.rows
    }
    return failures.isEmpty ? [] : ["", "Not Ready, by root cause"] + rows
  }

  private func command(explaining node: String) -> String {
    "bootsim explain \(ShellWord.quoted(run)) \(ShellWord.quoted("node/\(node)"))"
  }

  private var delayRows: [String] {
    let rows = delays.map { group in
      Rows.row("\(Quantity.count(group.nodes.count)) ×", Rule.name(group.number, group.title))
        + ", such as \(group.example)"
    }
    return delays.isEmpty ? [] : ["", "Ready, but held up or otherwise worth a look", ""] + rows
  }

  private var otherRows: [String] {
    let rows = others.map { other in
      Rows.row("\(Quantity.count(other.count)) ×", "\(other.number): \(other.text)")
        + ", first at \(Text.clock(other.first))"
    }
    return others.isEmpty ? [] : ["", "Of other clients", ""] + rows
  }

  private var throughputRows: [String] {
    var rows = [Rows.row("Limited by", throughput.text)]
    if let binding = throughput.binding { rows.append(Rows.row("Bound", binding.text)) }
    if !throughput.doubling.isEmpty {
      let gain = throughput.sooner.map { " would end that about \(Text.length($0)) sooner" }
      rows.append(
        Rows.row(
          "Twice that",
          throughput.settings
            + (gain ?? "") + "; --what-if plays it"))
    }
    return rows
  }
}

extension RunExplanation.First {
  package var text: String { "\(node), at \(Text.clock(time))" }
}

extension WhatIf {
  /// Where there is no cause whose fix can be played, and nothing that limits.
  package static let nothing = Rows.row(
    "What if",
    "there is nothing to play: no node lacks a fix that a scenario can say, and no setting doubles what "
      + "limits")

  package var text: String {
    let change =
      manifest.isEmpty
      ? ShellWord.options(overrides).joined(separator: " ")
      : "the manifest is applied before the start"
    let causes = subjects.enumerated().map { Rows.row($0 == 0 ? "for" : "", $1) }
    return ([Rows.row("What if", change)] + causes + told).joined(separator: "\n")
  }

  private var told: [String] {
    switch after {
    case .failure(let error): return [Rows.row("", "cannot be played: \(error)")]
    case .success(let after):
      let table = Comparison([
        (name: "before", report: before), (name: "after", report: after.report),
      ])
      return fate(after) + ["", table.text]
    }
  }

  /// What becomes of the nodes that it is about; of those that are Ready either way, how soon is in the table.
  private func fate(_ after: After) -> [String] {
    if isOfReady, after.left.isEmpty { return [] }
    let text: String
    switch nodes.count {
    case 0: return gain(after)
    case 1: text = "\(nodes[0]) \(after.cured == 1 ? "becomes" : "does not become") Ready"
    default:
      text =
        "\(Quantity.count(after.cured)) of these \(Quantity.count(nodes.count)) nodes become Ready"
    }
    return ([text] + after.left.prefix(Self.mostLeft)).map { Rows.row("", $0) }
  }

  /// What was said of the last that waited, beside what became of the last node.
  private func gain(_ after: After) -> [String] {
    guard let promised, let earlier = before.nodes.time(percent: 100),
      let now = after.report.nodes.time(percent: 100),
      before.nodes.ready == after.report.nodes.ready
    else { return [] }
    let change =
      now <= earlier
      ? "\(Text.length(earlier - now)) sooner" : "\(Text.length(now - earlier)) later"
    return [
      Rows.row("", "the last node is Ready \(change); expected were about \(Text.length(promised))")
    ]
  }

  /// How many nodes that are still not Ready are named.
  private static let mostLeft = 5
}
