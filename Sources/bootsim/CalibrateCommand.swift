import ArgumentParser
import Calibration
import Foundation
import Reporting
import Scenarios

struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Reads audit logs of a cluster and writes how long its requests took.",
    discussion: """
      A log has one audit.k8s.io/v1 Event a line, of level Metadata or above, plain or gzip; several \
      logs, as rotation leaves them, come in any order. A scenario names what is written in \
      spec.latency.profile.

      --csr-times keeps for each CSR of a kubelet's client certificate when it was created, approved and \
      issued, in seconds: what spec.nodes[].start.csv and bootsim conformance read. Where the log is of \
      level Metadata, which does not tell the name of a new CSR, its creator's first read of it counts.

      Exit codes: 0 good, 64 usage, 65 a log without anything to use, 70 a bug of bootsim, 74 input \
      or output failed.
      """)

  @Argument(help: "Audit logs, plain or gzip.", completion: .file())
  var logs: [String]

  @Option(help: "Where the latency profile goes; without it nothing is written.")
  var output: String?

  @Option(
    name: .customLong("csr-times"),
    help: "Where the times of each CSR go, as CSV; without it they are not kept.",
    completion: .file())
  var csrTimes: String?

  @OptionGroup var printed: PrintedFormat

  func validate() throws {
    try OutputFile.checkDiffer(["--output": output, "--csr-times": csrTimes])
  }

  func run() throws {
    try withExitCodes(calibrate)
  }

  private func calibrate() throws {
    var tally = AuditTally(listsCSRs: csrTimes != nil)
    for log in logs where try tally.read(path: log) == 0 {
      Console.tell("note: \(log): no audit event")
    }
    guard let profile = LatencyProfile(tally) else {
      tellFaults(of: tally)
      throw ScenarioErrors([
        ScenarioError(
          at: Place(file: logs[0]), "no request whose time could be used",
          cure: "log at level Metadata or above, with the stage ResponseComplete")
      ])
    }
    if profile.requests.allSatisfy({ $0.resource != "certificatesigningrequests" }) {
      Console.tell(
        "note: no request for CertificateSigningRequests; log a time in which nodes joined, at level "
          + "Metadata or above")
    }
    if let output {
      try OutputFile.check(output, reads: logs, replaces: "kind: LatencyProfile")
    }
    if let csrTimes, let times = tally.csrTimes { try check(times, csrTimes) }
    if let output { try write(profile, to: output) }
    if let csrTimes, let times = tally.csrTimes {
      try OutputFile.write(times.csv, to: csrTimes, option: "--csr-times")
    }
    let report = CalibrationReport(tally, profile, output: output, csrTimes: csrTimes)
    switch printed.format {
    case .summary: print(report.text)
    case .json: print(try report.json())
    }
  }

  private func tellFaults(of tally: AuditTally) {
    for (reason, places) in tally.places.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let count = tally.unused[reason] ?? 0
      Console.tell("\(places[0]): \(Quantity.count(count)) \(reason.text(of: count))")
    }
  }

  private func check(_ times: CSRTimes, _ path: String) throws {
    try OutputFile.check(path, reads: logs, replaces: CSRTimes.header)
    guard times.counts.created == 0 else { return }
    throw ScenarioErrors([
      ScenarioError(
        at: Place(file: logs[0]), "no creation of a kubelet's CSR",
        cure: "log a time in which nodes joined, CSRs at level RequestResponse")
    ])
  }

  private func write(_ profile: LatencyProfile, to path: String) throws {
    guard profile.latencies.contains(where: { $0.distribution != nil }) else {
      throw ScenarioErrors([
        ScenarioError(
          at: Place(file: logs[0]),
          "of no latency of a scenario there are \(LatencyProfile.fewest) requests",
          cure: "give logs of a longer time, in which nodes joined")
      ])
    }
    let names = logs.map { ShellWord.quoted(URL(fileURLWithPath: $0).lastPathComponent) }
    let file = URL(fileURLWithPath: path).lastPathComponent
    let command =
      "bootsim calibrate \(names.joined(separator: " ")) --output " + ShellWord.quoted(file)
    try OutputFile.write(
      profile.yaml(command: command), to: path, option: "--output")
  }
}
