import SimulationKernel
import TLSBootstrap

/// Nodes whose token ended while something else kept them from their certificate.
extension Rule {
  /// The same with a new token in its cure, or what kept the node from its certificate before its token expired; nil:
  /// the token is all that is the matter, or is not.
  ///
  /// - Parameter last: the rule that holds by how the node ended.
  static func beforeTokenEnded(_ node: NodeCase, _ last: Rule) -> Rule? {
    let end = node.record.settlement
    if end != .tokenRefused {
      return bootstrapsAnew.contains(end) && node.tokenHasEnded ? last.withToken(end) : nil
    }
    guard isExpired(node) else { return nil }
    if !tokenRules.contains(where: { $0.title == last.title }) {
      return makesToken(last.remedy(node)) ? nil : last.withToken(end)
    }
    guard ["O10", "O14"].contains(last.number) else { return nil }
    // Without a CSR it waited for nobody.
    let others: [Settlement?] = last.number == "O14" ? [.waiting] : []
    for settlement in ([node.settlementBeforeTokenEnded] + others).compactMap({ $0 }) {
      let earlier = node.ending(settlement)
      if let rule = firstThatHolds(earlier), rule.outlivesTokens(settlement) {
        return rule.withToken(settlement)
      }
    }
    return nil
  }

  /// Ends in which a kubelet does not ask with its token, but will once it is cured.
  private static let bootstrapsAnew: Set<Settlement> = [
    .certificateCorrupt, .keyCorrupt, .certificateRefused, .containerRuntimeMissing,
    .serverUnreachable, .serverNotTrusted,
  ]

  /// Whether it goes on however long a token lives.
  ///
  /// - Parameter settlement: how the node stood then: settled, or still waiting, for others or in a queue.
  private func outlivesTokens(_ settlement: Settlement) -> Bool {
    settlement != .waiting
      || ["O17", "O18", "O19", "O20", "O21", "O22", "O23", "O24", "O32"].contains(number)
      || title == Rule.lacksApprover
  }

  /// - Parameter settlement: how the node ended, as this rule looks at it.
  private func withToken(_ settlement: Settlement) -> Rule {
    let rule = self
    return Rule(
      number: number, title: title + ", and its token has expired", settlements: settlements,
      holds: holds,
      clues: clues + Rule.tokenClues.filter { token in !clues.contains { $0.covers(token) } },
      faults: faults, clock: clock,
      needed: { rule.needed($0.ending(settlement)) + "; and a token that lives" },
      remedy: { Rule.addingToken($0, to: rule.remedy($0.ending(settlement)), of: rule) })
  }

  private static func makesToken(_ remedy: Remedy) -> Bool {
    remedy.commands.contains { $0.text.contains("kubeadm token create") }
  }

  private static func addingToken(_ node: NodeCase, to remedy: Remedy, of rule: Rule) -> Remedy {
    let token =
      makesToken(remedy) ? [] : prolongs(node, []) ?? writesBootstrapKubeconfig(node)
    // Without the other trouble its CSR would have been signed while the token lived, unless there was none yet, it
    // had to wait for those before it, or its certificate is gone and it has to ask for another.
    let hadRequest = node.had(.requestAnswered, .createRequest, .created)
    let life = hadRequest ? longerLife(node) : "8760h"
    let asksAgain = node.had(.certificateStored)
    let isInTime = hadRequest && !asksAgain && rule.number != "O32"
    return Remedy(
      remedy.commands + token, manifest: remedy.manifest,
      overrides: remedy.overrides
        + (isInTime ? [] : setting(node, "ttl", life, of: \.expiration)))
  }
}

extension NodeCase {
  /// How it was settled last before its token was refused for good, apart from what a CSR that it created later shows
  /// to be over; nil: it was not.
  fileprivate var settlementBeforeTokenEnded: Settlement? {
    let ends = sightings.all.filter { $0.kind == .settled }
    let refused = ends.first { Settlement($0) == .tokenRefused }?.first.id ?? .max
    let created = sightings.last(.requestAnswered, .createRequest, .created)?.last.id ?? 0
    let earlier = ends.filter { end in
      let isOver = end.last.id < created && !(Settlement(end)?.isOfRequest ?? false)
      return end.first.id < refused && !isOver
    }.max { $0.last.id < $1.last.id }
    return earlier.flatMap { Settlement($0) }.flatMap {
      [.ready, .waiting, .tokenRefused].contains($0) ? nil : $0
    }
  }
}

extension Settlement {
  /// Whether it is the fate of a CSR, which awaits the next one, too.
  fileprivate var isOfRequest: Bool {
    [.nobodyApproves, .denied, .refusedBySigner, .nobodySigns].contains(self)
  }
}
