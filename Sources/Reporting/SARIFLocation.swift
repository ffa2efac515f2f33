import Foundation
import SimulationKernel

/// A file as SARIF names it: below the root of the sources by a relative reference, as code scanning needs it,
/// and anywhere else by an URI of its own.
struct SARIFLocation: Encodable, Hashable {
  let uri: String
  let uriBaseId: String?

  /// - Parameters:
  ///   - path: relative to the working directory, or absolute.
  ///   - root: an absolute path.
  init(_ path: String, below root: String) {
    let file = URL(fileURLWithPath: path).standardizedFileURL.path
    let folder = URL(fileURLWithPath: root).standardizedFileURL.path
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    let isInside = file.hasPrefix(prefix)
    uri =
      isInside ? Self.spelled(file.dropFirst(prefix.count)) : "file://" + Self.spelled(file[...])
    uriBaseId = isInside ? "%SRCROOT%" : nil
  }

  /// What a path has and an URI cannot is spelled in per cent.
  private static func spelled(_ path: Substring) -> String {
    path.addingPercentEncoding(withAllowedCharacters: .unreserved.union(["/"])) ?? String(path)
  }
}

/// By what a finding is known again in a later log, when figures and lines have changed.
struct SARIFFingerprint: Hashable {
  private let rule: String
  private let uri: String
  private let start: String

  /// - Parameter message: `problem; cure`, or more lines.
  init(rule: String, uri: String, message: String) {
    self.rule = rule
    self.uri = uri
    start = Self.start(of: message)
  }

  /// 32 hexadecimal digits; those of a rule in a file that begin alike are told apart by their order.
  func text(occurrence: Int) -> String {
    let parts = [rule, uri, start, "\(occurrence)"].joined(separator: "\0")
    return String(SHA256.hexadecimal(of: Array(parts.utf8)).prefix(32))
  }

  /// Up to the first colon or semicolon and without numbers, but for what stands in backticks.
  private static func start(of message: String) -> String {
    var start = ""
    var isQuoted = false
    for character in message {
      if character == "`" { isQuoted.toggle() }
      if !isQuoted, [":", ";", "\n"].contains(character) { break }
      let isNumber = !isQuoted && (character.isNumber || character == "," || character == ".")
      if !isNumber {
        start.append(character)
      } else if start.last != "#", character.isNumber {
        start.append("#")
      }
    }
    return start
  }
}
