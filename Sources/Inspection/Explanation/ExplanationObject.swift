import Foundation
import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap

/// What explanations print as JSON; times in seconds since the start of the run.
enum ExplanationObject {
  struct Node: Encodable {
    let run, node, group, settlement: String
    let isReady: Bool
    let startedSeconds: Double
    let readySeconds: Double?
    let attempts, restarts: Int
    let causes: [Cause]
    let passages: [Passage]
    let chain: [String]
    let whatIf: [WhatIf]
  }
  struct Cause: Encodable {
    let number, title, needed: String
    let seen: [Seen]
    let clock: Clock?
    let fix: Fix
  }
  struct Seen: Encodable {
    let place, text: String
    let count: Int
    let firstSeconds, lastSeconds: Double
  }
  struct Clock: Encodable {
    let owner, reading, limit, limitTime: String
    let atSeconds, offsetSeconds: Double
    let isDecisive: Bool
  }
  struct Fix: Encodable {
    let commands: [Command]
    let manifest: String?
    let overrides: [String]
  }
  struct Command: Encodable {
    /// The line, and where it is typed.
    let command, on: String
  }
  struct Passage: Encodable {
    let endedSeconds, tookSeconds: Double
    let step: Int?
    let count: Int
    let text: String
  }
  struct Run: Encodable {
    let run, scenario: String
    let nodes, ready, failed, waiting: Int
    let failures, delays: [Group]
    let others: [Other]
    let limit: Limit
    let whatIf: [WhatIf]
  }
  struct Group: Encodable {
    let number, title, example, settlement, needed: String
    let nodes: Int
    let first: First?
    let fix: Fix
  }
  struct First: Encodable {
    let node: String
    let seconds: Double
  }
  struct Other: Encodable {
    let number, text: String
    let count: Int
    let firstSeconds: Double
  }
  struct Limit: Encodable {
    let text: String
    let bound: String?
    let fromSeconds, toSeconds: Double?
    let doubling: [String]
    let soonerSeconds: Double?
  }
  struct WhatIf: Encodable {
    let subjects: [String]
    let overrides: [String]
    let manifest, problem: String?
    let nodes, becomeReady: Int
    let before: Side
    let after: Side?
  }
  struct Side: Encodable {
    let ready, failed, waiting: Int
    let p50Seconds, p99Seconds, maxSeconds, approvalsPerSecond: Double?
    let limitedBy: String
  }
}

extension NodeExplanation {
  package func json(_ whatIf: [WhatIf]) throws -> String {
    try JSONText.pretty(
      ExplanationObject.Node(
        run: run, node: node.name, group: node.group, settlement: node.settlement.text,
        isReady: node.settlement == .ready,
        startedSeconds: node.started.seconds,
        readySeconds: node.ready.map(\.seconds), attempts: node.attempts,
        restarts: node.restarts, causes: causes.map(\.object),
        passages: passages.map { passage in
          ExplanationObject.Passage(
            endedSeconds: passage.ended.seconds,
            tookSeconds: passage.took.seconds,
            step: passage.step == 0 ? nil : Int(passage.step), count: passage.count,
            text: passage.text)
        }, chain: chain, whatIf: whatIf.map(\.object)))
  }
}

extension NodeExplanation.Cause {
  fileprivate var object: ExplanationObject.Cause {
    ExplanationObject.Cause(
      number: number, title: title, needed: needed,
      seen: observations.map { seen in
        ExplanationObject.Seen(
          place: seen.place, text: seen.text, count: seen.count,
          firstSeconds: seen.first.seconds,
          lastSeconds: seen.last.seconds)
      },
      clock: clock.map { clock in
        ExplanationObject.Clock(
          owner: clock.owner, reading: Timestamp.text(clock.reading), limit: clock.limit,
          limitTime: Timestamp.text(clock.limitTime),
          atSeconds: clock.instant.seconds,
          offsetSeconds: clock.offset.seconds, isDecisive: clock.isDecisive)
      }, fix: remedy.object)
  }
}

extension Remedy {
  fileprivate var object: ExplanationObject.Fix {
    ExplanationObject.Fix(
      commands: commands.map { ExplanationObject.Command(command: $0.text, on: $0.place) },
      manifest: manifest.isEmpty ? nil : manifest, overrides: overrides)
  }
}

extension RunExplanation {
  package func json(_ whatIf: [WhatIf]) throws -> String {
    let binding = throughput.binding
    return try JSONText.pretty(
      ExplanationObject.Run(
        run: run, scenario: scenario, nodes: report.nodes.total, ready: report.nodes.ready,
        failed: report.nodes.failed, waiting: report.nodes.waiting,
        failures: failures.map(\.object), delays: delays.map(\.object),
        others: others.map { other in
          ExplanationObject.Other(
            number: other.number, text: other.text, count: other.count,
            firstSeconds: other.first.seconds)
        },
        limit: ExplanationObject.Limit(
          text: throughput.text, bound: binding?.name,
          fromSeconds: binding.map { $0.span.from.seconds },
          toSeconds: binding.map { $0.span.to.seconds },
          doubling: throughput.doubling,
          soonerSeconds: throughput.sooner.map(\.seconds)),
        whatIf: whatIf.map(\.object)))
  }
}

extension RunExplanation.Group {
  fileprivate var object: ExplanationObject.Group {
    ExplanationObject.Group(
      number: number, title: title, example: example, settlement: settlement.text, needed: needed,
      nodes: nodes.count,
      first: first.map {
        ExplanationObject.First(node: $0.node, seconds: $0.time.seconds)
      }, fix: remedy.object)
  }
}

extension WhatIf {
  fileprivate var object: ExplanationObject.WhatIf {
    let (ended, problem): (After?, String?) =
      switch after {
      case .success(let ended): (ended, nil)
      case .failure(let error): (nil, "\(error)")
      }
    return ExplanationObject.WhatIf(
      subjects: subjects, overrides: overrides, manifest: manifest.isEmpty ? nil : manifest,
      problem: problem, nodes: nodes.count, becomeReady: ended?.cured ?? 0,
      before: Self.side(before), after: ended.map { Self.side($0.report) })
  }

  private static func side(_ report: RunReport) -> ExplanationObject.Side {
    let time = { report.nodes.time(percent: $0).map(\.seconds) }
    return ExplanationObject.Side(
      ready: report.nodes.ready, failed: report.nodes.failed, waiting: report.nodes.waiting,
      p50Seconds: time(50), p99Seconds: time(99), maxSeconds: time(100),
      approvalsPerSecond: RunReport.rate(report.statistics.approved),
      limitedBy: report.bottleneck.text)
  }
}
