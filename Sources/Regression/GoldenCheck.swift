import Foundation
import Inspection
import Reporting
import Scenarios
import SimulationKernel
import TLSBootstrap
import TraceStore

/// Plays scenarios and compares what they come to with their golden files.
package struct GoldenCheck: Sendable {
  package let folder: GoldenFolder
  /// Writes golden files instead of comparing.
  package var updates = false
  /// Also keeps a full trace beside each golden file, with which the first event that differs is named in
  /// runs of any size.
  package var keepsTraces = false
  /// Of bootsim, for the traces.
  package var version = ""
  /// Reads a scenario, which may take as long as who writes it.
  package var reading: @Sendable (() throws -> LoadedScenario) throws -> LoadedScenario = {
    try $0()
  }

  package init(_ folder: GoldenFolder) {
    self.folder = folder
  }

  /// - Returns: nil where it was interrupted.
  /// - Throws: `GoldenFailure` where a file cannot be written.
  package func check(
    _ path: String, isInterrupted: () -> Bool = { false }
  ) throws -> CheckedScenario? {
    let loaded: LoadedScenario
    do {
      loaded = try reading { try ScenarioFile.load(path: path) }
    } catch let errors as ScenarioErrors {
      return CheckedScenario(path: path, cases: Self.cases(of: errors), isWritten: false)
    }
    let (golden, mistake) = updates ? (nil, nil) : readGolden(of: path)
    let tally = EventTally(comparedWith: golden?.events)
    guard let played = try play(loaded, into: tally, isInterrupted) else { return nil }
    if let errors = ScenarioErrors(played.ending, of: played.world, file: path) {
      return CheckedScenario(path: path, cases: Self.cases(of: errors), isWritten: false)
    }
    let now = Golden(
      scenario: folder.name(of: path), loaded.inputs,
      RunReport(played.world, ending: played.ending), tally.events(played.world))
    var cases = Self.cases(of: loaded.expectations, Outcome(played.world))
    if updates {
      return CheckedScenario(path: path, cases: cases, isWritten: try update(now, loaded, path))
    }
    let difference = golden.flatMap { GoldenDifference($0, now, tally.firstDifference) }
    let finding =
      try mistake ?? (golden == nil ? missing(path) : difference.map { try told($0, loaded, path) })
    cases.append(CheckedScenario.Case(name: "golden", finding: finding))
    return CheckedScenario(path: path, cases: cases, isWritten: false)
  }

  private func readGolden(of path: String) -> (Golden?, Finding?) {
    do {
      return (try folder.read(path), nil)
    } catch {
      let file = folder.file(of: path)
      return (
        nil,
        Finding(
          .unreadableGolden, file,
          "\(file): cannot be read: \(GoldenFolder.problem(error)); write it anew with "
            + update(path))
      )
    }
  }

  private func update(_ path: String) -> String {
    "\(CheckReport.command(path, golden: folder.path)) --update"
  }

  private func missing(_ path: String) -> Finding {
    Finding(
      .missingGolden, path,
      "no golden file \(folder.file(of: path)); write it with \(update(path))")
  }
}

// MARK: Writing

extension GoldenCheck {
  /// Writes the golden file and what is kept beside it: both of them or none.
  private func update(_ now: Golden, _ loaded: LoadedScenario, _ path: String) throws -> Bool {
    guard keepsTraces else { return try folder.write(now, of: path) }
    let file = URL(fileURLWithPath: folder.file(of: path, extension: "sqlite"))
    let new = file.appendingPathExtension("new")
    defer { try? FileManager.default.removeItem(at: new) }
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try record(loaded, path: path, to: new.path)
    } catch let error as TraceError {
      throw GoldenFailure(
        description: "\(file.relativePath): \(error.problem); give a folder that has room and "
          + "can be written with --golden, or leave out --traces")
    } catch let error as CocoaError {
      throw GoldenFailure(description: "\(file.relativePath): \(FileTrouble.reason(error))")
    }
    if FileManager.default.isFolder(file.path) {
      throw GoldenFailure(description: "\(file.relativePath) is a folder; remove it")
    }
    let isWritten = try folder.write(now, of: path)
    // That takes no room on the disk.
    guard rename(new.path, file.path) == 0 else {
      throw GoldenFailure(description: "\(file.relativePath): \(String(cString: strerror(errno)))")
    }
    return isWritten
  }
}

// MARK: Playing

extension GoldenCheck {
  private func play(
    _ loaded: LoadedScenario, into sink: any TraceSink, _ isInterrupted: () -> Bool = { false }
  ) throws -> (world: World, ending: World.Ending)? {
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
    var target: (any TraceSink)? = sink
    let ending = try world.run(into: &target, isInterrupted: isInterrupted)
    return ending == .interrupted ? nil : (world, ending)
  }

  /// - Throws: `TraceError`.
  private func record(_ loaded: LoadedScenario, path: String, to file: String) throws {
    let recorder = try SQLiteTrace(
      path: file,
      run: RunInputs(loaded, version: version, command: "bootsim run \(ShellWord.quoted(path))"),
      level: .full)
    guard let played = try play(loaded, into: recorder) else { return }
    try recorder.finish(directory: played.world, outcome: RunOutcome(played.world))
  }
}

// MARK: What does not hold

extension GoldenCheck {
  /// One for each file that has mistakes.
  private static func cases(of errors: ScenarioErrors) -> [CheckedScenario.Case] {
    let files = Dictionary(grouping: errors.errors, by: \.file)
    let rule: Finding.Rule = errors.isUnreadableFile ? .unreadableScenario : .scenario
    let notes = errors.notes.map { "note: \($0)" }
    return files.sorted { $0.key < $1.key }.enumerated().map { number, mistakes in
      let first = mistakes.value[0]
      let isOne = mistakes.value.count == 1
      return CheckedScenario.Case(
        name: "can be played",
        finding: Finding(
          rule, at: first.place,
          isOne ? "\(first.problem); \(first.cure)" : "\(mistakes.value.count) mistakes",
          (isOne ? [] : mistakes.value.map(\.description)) + (number == 0 ? notes : [])))
    }
  }

  private static func cases(
    of expectations: [Expectation], _ outcome: Outcome
  ) -> [CheckedScenario.Case] {
    expectations.map { expectation in
      CheckedScenario.Case(
        name: "expects \(expectation.text)",
        finding: expectation.broken(by: outcome).map {
          Finding(.expectation, at: expectation.place, $0)
        })
    }
  }

  /// Plays the scenario again, into a trace, so that what led to an event can be told.
  private func told(
    _ difference: GoldenDifference, _ loaded: LoadedScenario, _ path: String
  ) throws -> Finding {
    let golden = difference.golden
    let inputs = golden.changedInputs(difference.now)
    var title = difference.title
    var lines: [String] = []
    if let range = difference.range {
      lines = try withTrace(of: loaded, path) { now in
        if let divergence = try divergence(golden, inputs?.then, path, now) {
          title = GoldenDifference.title(event: Int(divergence.id))
          return divergence.lines(left: "golden", right: "this run")
        }
        let (lines, isExact) = try GoldenDifference.lines(in: range, golden, now)
        return isExact ? lines : lines + tracesNeeded(for: path)
      }
    }
    let changes = inputs.map { InputChange.all($0.then, $0.now) } ?? []
    return Finding(
      .golden, path, "\(title); if it is meant, \(update(path))",
      changes.flatMap { ["  \($0.path):"] + $0.lines.map { "    " + $0 } } + lines
        + difference.changeLines)
  }

  /// How the event is named on both sides: only who wrote the golden file can still play that run.
  private func tracesNeeded(for path: String) -> [String] {
    [
      "  to have it named on both sides: with the bootsim and the scenario that the golden file is of",
      "    \(update(path)) --traces",
      "  then this check again; golden files that are written so from the start have it named at once",
    ]
  }

  /// Where the golden run and this one part, if that one can be had: from the trace beside its file, or
  /// played again from the inputs in it.
  private func divergence(
    _ golden: Golden, _ inputs: [InputText]?, _ path: String, _ now: TraceFile
  ) throws -> TraceDivergence? {
    if let kept = goldenTrace(of: path, golden) { return try TraceDivergence(kept, now) }
    // They may be no scenario any more, for another bootsim.
    guard let inputs,
      let earlier = try? ScenarioFile.load(
        stored: inputs.map { ($0.path, $0.text) }, seed: golden.seed)
    else { return nil }
    return try withTrace(of: earlier, path) { trace in
      // Another bootsim may have played it.
      try trace.run().digest == golden.digest ? TraceDivergence(trace, now) : nil
    }
  }

  /// A full trace of the scenario, which is there as long as the body runs.
  private func withTrace<Result>(
    of loaded: LoadedScenario, _ path: String, _ body: (TraceFile) throws -> Result
  ) throws -> Result {
    let file = FileManager.default.temporaryDirectory.appending(path: "bootsim-\(UUID()).sqlite")
    defer { try? FileManager.default.removeItem(at: file) }
    do {
      try record(loaded, path: path, to: file.path)
    } catch {
      throw GoldenFailure(description: "\(error)")
    }
    return try body(TraceFile(path: file.path))
  }

  /// The trace beside the golden file, if it is of the same run.
  private func goldenTrace(of path: String, _ golden: Golden) -> TraceFile? {
    let file = folder.file(of: path, extension: "sqlite")
    guard let trace = try? TraceFile(path: file), let run = try? trace.run(),
      run.digest == golden.digest, run.level == .full
    else { return nil }
    return trace
  }
}
