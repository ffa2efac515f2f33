import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// The explanation of one node, for people.
extension NodeExplanation {
  package var text: String {
    let head = "\(node.name), of \(node.group): \(stateText)"
    let told = causes.flatMap { [""] + $0.rows(isDelay: isReady) }
    let none =
      causes.isEmpty && isReady
      ? ["", Rows.row("Held up by", "nothing that failed")] : []
    return ([head] + told + none + passageRows + chainRows).joined(separator: "\n")
  }

  private var isReady: Bool { node.settlement == .ready }

  private var stateText: String {
    let done = node.kind == .kubelet ? "Ready" : "served"
    guard let ready = node.ready else { return "not \(done): \(node.settlement.text)" }
    let took = Text.length(ready - node.started)
    let starts = node.restarts == 0 ? "" : ", " + Quantity.count(node.restarts, "restart")
    return isReady
      ? "\(done) at \(Text.clock(ready)), \(took) after its start\(starts)"
      : "not \(done) any more (it was, at \(Text.clock(ready))): \(node.settlement.text)"
  }

  private var passageRows: [String] {
    guard let ready = node.ready else { return [] }
    let whole = (ready - node.started).nanoseconds
    let shown = passages.filter { $0.took > .zero || $0.step != 0 }
    let longest = passages.max { $0.took < $1.took }
    let columns: [(ended: String, took: String)] =
      [("ended", "took")]
      + shown.map {
        (Text.clock($0.ended), Text.length($0.took))
      }
    // Days take more room than seconds.
    let widths = (
      ended: max(13, 2 + (columns.map(\.ended.count).max() ?? 0)),
      took: max(15, 2 + (columns.map(\.took.count).max() ?? 0))
    )
    let lines = columns.map {
      Text.right($0.ended, widths.ended) + Text.right($0.took, widths.took)
    }
    let shares = ["share"] + shown.map { "\(whole > 0 ? $0.took.nanoseconds * 100 / whole : 0) %" }
    let texts =
      [Text.left("step", 5) + "what"]
      + shown.map { passage in
        Text.left(passage.step == 0 ? "" : "\(passage.step)", 5)
          + (passage.count > 1 ? "\(Quantity.count(passage.count)) × " : "") + passage.text
      }
    return [
      Rows.row("Longest wait", longest.map { "\(Text.length($0.took)): \($0.text)" } ?? ""), "",
      "Where the \(Text.length(ready - node.started)) to Ready went, by what ended each wait",
    ]
      + zip(lines, zip(shares, texts)).map { line, rest in
        line + Text.right(rest.0, 8) + "  " + rest.1
      }
  }

  private var chainRows: [String] {
    chain.isEmpty ? [] : ["", "The events that led there, each by its cause"] + chain
  }
}

extension NodeExplanation.Cause {
  fileprivate func rows(isDelay: Bool) -> [String] {
    let name = isDelay ? "Held up by" : "Root cause"
    let seen = observations.enumerated().flatMap { number, observation in
      [Rows.row(number == 0 ? "Seen" : "", "\(observation.place), \(observation.timeText)")]
        + Rows.indented(observation.text)
    }
    return [Rows.row(name, Rule.name(number, title))] + seen
      + [
        Rows.row("Clock", clock?.text ?? "no clock decided"), Rows.row("Needed", needed),
      ] + remedy.rows
  }
}

extension Observation {
  package var timeText: String {
    count == 1
      ? "at \(Text.clock(first))"
      : "\(Quantity.count(count)) × from \(Text.clock(first)) to \(Text.clock(last))"
  }
}

extension ClockVerdict {
  /// `worker-1's, 2 h 00 min 00 s ahead, showed … at …: after … of …; the right time would …`.
  package var text: String {
    let amount = Text.length(Duration(nanoseconds: Int64(offset.nanoseconds.magnitude)))
    let error =
      offset == .zero ? "right" : amount + (offset > .zero ? " ahead" : " behind")
    let side = reading > limitTime ? "after" : "before"
    return "\(owner)'s decided; it is \(error) and showed \(Timestamp.text(reading)) at "
      + "\(Text.clock(instant)), \(side) \(limit), \(Timestamp.text(limitTime))"
      + (isDecisive ? "; the right time is on the other side" : "")
  }
}

extension Remedy {
  /// What may be done, the lines of each as they are typed.
  package var ways: [[String]] { [typed, applied].filter { !$0.isEmpty } }

  /// Lines of one host follow a remark that names it.
  private var typed: [String] {
    var host = ""
    return commands.flatMap { command in
      let line = command.text.hasPrefix("#") ? command.text : "$ \(command.text)"
      defer { host = command.place }
      return command.place == host ? [line] : ["# on \(command.place)", line]
    }
  }

  private var applied: [String] {
    if manifest.isEmpty { return [] }
    let lines = manifest.split(separator: "\n").map(String.init)
    return ["# on \(Host.administrator.rawValue)", "kubectl apply -f - <<'EOF'"] + lines + ["EOF"]
  }

  /// For the scenario; nil: nothing of it says the cure.
  package var settings: String? {
    overrides.isEmpty ? nil : ShellWord.options(overrides).joined(separator: " ")
  }

  var rows: [String] {
    let fixes = ways.enumerated().flatMap { way, lines in
      lines.enumerated().map { number, line in
        Rows.row(number > 0 ? "" : way == 0 ? "Fix" : "or", line)
      }
    }
    return fixes + (settings.map { [Rows.row("Scenario", $0)] } ?? [])
  }
}

/// Rows with a name before them.
enum Rows {
  static func row(_ name: String, _ text: String) -> String { Text.left(name, 13) + text }

  static func indented(_ text: String) -> [String] {
    text.split(separator: "\n").map { Text.left("", 15) + $0 }
  }
}
