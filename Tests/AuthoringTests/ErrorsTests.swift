import Foundation
import Testing
import TestSupport

/// docs/ERRORS.md: each command prints what the page says, and ends with the exit code that it says.
struct ErrorsTests {
  private static let file = "docs/ERRORS.md"
  private static let fence = "```console\n"

  @Test func `each error is as the page says`() throws {
    let text = try Repository.text(Self.file)
    let parts = text.components(separatedBy: Self.fence)
    var written = parts[0]
    #expect(parts.count > 40)
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: Repository.root.appendingPathComponent("scenarios"),
        to: folder.appendingPathComponent("scenarios"))
      for part in parts.dropFirst() {
        let block = try #require(part.range(of: "```"))
        let command = String(try #require(part.split(separator: "\n").first).dropFirst(2))
        let transcript = "$ \(command)\n" + (try run(command, in: folder))
        written += Self.fence + transcript + part[block.lowerBound...]
        guard !Repository.isUpdating else { continue }
        #expect(part[..<block.lowerBound] == transcript)
      }
    }
    if Repository.isUpdating {
      try written.write(
        to: Repository.root.appendingPathComponent(Self.file), atomically: true, encoding: .utf8)
    }
  }

  @Test func `no error is a crash, and each exit code of the table is seen`() throws {
    let text = try Repository.text(Self.file)
    let codes = text.split(separator: "\n").filter { $0.hasPrefix("exit code ") }
      .map { $0.dropFirst("exit code ".count) }
    #expect(Set(codes) == ["0", "1", "64", "65", "74"])
    #expect(!text.contains("Fatal error"))
  }

  /// What both streams print, and the exit code.
  private func run(_ command: String, in folder: URL) throws -> String {
    let path = Program.bootsim.deletingLastPathComponent().path + ":/usr/bin:/bin"
    let ended = try Program.run(
      "/usr/bin/env", ["bash", "-c", "exec 2>&1\n\(command)"], in: folder,
      environment: ["PATH": path])
    let output = ended.output
    let line = output.isEmpty || output.hasSuffix("\n") ? "" : "\n"
    return output + line + "exit code \(ended.code)\n"
  }
}
