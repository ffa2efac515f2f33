import Foundation

/// Where a benchmark leaves its figures: JSON for programs, a Markdown table for people.
struct Results {
  /// The directory of `--output`; nil prints the table only.
  let directory: String?

  init(options: [String]) {
    let flag = options.firstIndex(of: "--output")
    directory = flag.flatMap { $0 + 1 < options.count ? options[$0 + 1] : nil }
  }

  func write(_ report: some Encodable, markdown: String, name: String) throws {
    print(markdown)
    guard let directory else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    let base = URL(fileURLWithPath: directory, isDirectory: true)
    try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
    try (encoder.encode(report) + Data("\n".utf8))
      .write(to: base.appendingPathComponent("\(name).json"))
    try Data(markdown.utf8).write(to: base.appendingPathComponent("\(name).md"))
  }
}

extension Double {
  /// With so many digits behind the point.
  func rounded(to digits: Int) -> String {
    String(format: "%.\(digits)f", self)
  }
}
