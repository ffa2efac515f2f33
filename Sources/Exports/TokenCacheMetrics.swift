import SimulationKernel
import TLSBootstrap

/// What the API servers' caches of bearer tokens did: of bootstrap tokens and of service accounts' (protocol.md
/// C.2, C.4), for which there is one.
///
/// Source: kubernetes `staging/src/k8s.io/apiserver/pkg/authentication/token/cache/stats.go` and
/// `cached_token_authenticator.go`: a request whose token is not cached is a miss, and fetches it; failures are
/// not cached.
struct TokenCacheMetrics {
  /// A counter, and at which times it grew, by `status`.
  typealias Counted = (family: MetricFamily, times: [(status: String, [Instant])])

  let families: [Counted]

  private struct Entry: Hashable {
    let server: UInt32
    let token: TokenLookup.Token
  }

  /// - Parameter world: at its end, with its lookups.
  init(_ world: World) {
    var cachedUntil: [Entry: Instant] = [:]
    var carriesToken: [UInt32: Bool] = [:]
    var (hits, fetched, failed): ([Instant], [Instant], [Instant]) = ([], [], [])
    var misses: [Instant] = []
    for lookup in world.tokenLookups {
      let holder = lookup.token.holder
      let isToken =
        carriesToken[holder.packed]
        ?? (holder.kind == .bootstrapToken
          || world.username(of: holder).hasPrefix("system:serviceaccount:"))
      carriesToken[holder.packed] = isToken
      guard isToken else { continue }
      let entry = Entry(server: lookup.server, token: lookup.token)
      if let end = cachedUntil[entry], lookup.time < end {
        hits.append(lookup.time)
        continue
      }
      misses.append(lookup.time)
      if lookup.isKnown {
        fetched.append(lookup.time)
        cachedUntil[entry] = lookup.time + lookup.lifetime
      } else {
        failed.append(lookup.time)
      }
    }
    families = [
      (
        Self.counter("request", "Requests with a bearer token, by whether it was cached."),
        [("hit", hits), ("miss", misses)]
      ),
      (
        Self.counter("fetch", "Lookups of bearer tokens that were not cached."),
        [("error", failed), ("ok", fetched)]
      ),
    ]
  }

  private static func counter(_ what: String, _ help: String) -> MetricFamily {
    MetricFamily(
      name: "authentication_token_cache_\(what)_total", type: .counter, help: help,
      labels: ["status"], query: "")
  }
}
