import TLSBootstrap

/// When the CSRs of kubelets' client certificates were created, approved and issued, as audit logs tell
/// it; unlike a profile it grows with their number.
package struct CSRTimes: Sendable {
  private var rows: [Row] = []
  private var places: [String: Int] = [:]
  /// CSRs for other signers.
  private var others: Set<String> = []

  /// Of one CSR, in nanoseconds since 1970.
  private struct Row {
    let name: String
    /// The end of its creation.
    var created: Int64?
    /// The first read of it, with which its creator begins to wait: at level `Metadata` the creation of a
    /// CSR whose name the server makes does not tell the name.
    var read: Int64?
    var approved: Int64?
    var issued: Int64?

    /// Nil: before the logs begin.
    var start: Int64? {
      let start = created ?? read
      return [approved, issued].contains { $0 ?? .max < start ?? .max } ? nil : start
    }
  }

  /// Takes a request that succeeded.
  mutating func note(_ event: AuditEvent, received: Int64, staged: Int64) {
    guard event.isForCSRs, !event.query.contains("dryRun=") else { return }
    let named = event.answer.flatMap { $0.name.isEmpty ? nil : $0.name }
    let name = named ?? (event.name.isEmpty ? Self.selected(by: event.query) : event.name)
    guard !name.isEmpty else { return }
    if let signer = event.answer?.signerName, !signer.isEmpty,
      SignerName(text: signer) != .kubeAPIServerClientKubelet
    {
      others.insert(name)
    }
    let place = place(of: name)
    switch (event.verb, event.subresource) {
    case ("create", ""): rows[place].created = staged
    case (_, "approval"):
      guard event.answer?.isApproved ?? true else { return }
      rows[place].approved = min(rows[place].approved ?? .max, staged)
    case (_, "status"):
      guard event.answer?.hasCertificate ?? true else { return }
      rows[place].issued = min(rows[place].issued ?? .max, staged)
    default: rows[place].read = min(rows[place].read ?? .max, received)
    }
  }

  private mutating func place(of name: String) -> Int {
    if let place = places[name] { return place }
    places[name] = rows.count
    rows.append(Row(name: name))
    return rows.count - 1
  }

  /// As who waits for one CSR lists and watches it: `fieldSelector=metadata.name%3Dcsr-7xk2p`.
  private static func selected(by query: Substring) -> String {
    let selector = "fieldSelector=metadata.name%3D"
    let parameter = query.split(separator: "&").first { $0.hasPrefix(selector) }
    return parameter.map { String($0.dropFirst(selector.count)) } ?? ""
  }
}

extension CSRTimes {
  /// How many CSRs there are, approved ones, and certificates.
  package var counts: (created: Int, approved: Int, issued: Int) {
    let rows = told
    return (rows.count, rows.count { $0.approved != nil }, rows.count { $0.issued != nil })
  }

  /// A line for each CSR, its times in seconds after the first creation; what did not happen is empty.
  package var csv: String {
    let rows = told
    let start = rows.first?.start ?? 0
    let lines = rows.map { row in
      let times = [row.start, row.approved, row.issued].map { time in
        time.map { Self.seconds($0 - start) } ?? ""
      }
      return ([row.name] + times).joined(separator: ",")
    }
    return ([Self.header] + lines).joined(separator: "\n") + "\n"
  }

  /// The first line, by which an earlier file is known.
  package static let header = "csr,t_create,t_approved,t_issued"

  /// Those of one signer, in the order of their creation.
  private var told: [Row] {
    rows.filter { $0.start != nil && !others.contains($0.name) }
      .sorted { ($0.start ?? 0, $0.name) < ($1.start ?? 0, $1.name) }
  }

  /// To the microsecond, as audit logs tell times.
  private static func seconds(_ nanoseconds: Int64) -> String {
    let microseconds = nanoseconds / 1_000
    let digits = String(1_000_000 + microseconds % 1_000_000).dropFirst()
    return "\(microseconds / 1_000_000).\(digits)"
  }
}
