import Foundation
import Testing

/// A text that a test holds; `UPDATE_GOLDEN=1` writes it anew.
struct GoldenFile {
  /// In the folder `Golden`.
  let name: String

  func hold(_ text: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    let difference = zip(
      text.split(separator: "\n", omittingEmptySubsequences: false),
      golden.split(separator: "\n", omittingEmptySubsequences: false)
    ).first { $0 != $1 }
    if let (now, before) = difference {
      Issue.record("first difference of \(name):\n  golden: \(before)\n  now:    \(now)")
    }
    #expect(text == golden)
  }
}
