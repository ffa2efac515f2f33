import Foundation
import Scenarios

/// A folder with recordings of a real control plane: audit events, kubelet logs, CSV files of runs.
package struct Recordings: Sendable {
  /// Relative to the working directory, or absolute.
  let folder: String

  /// - Throws: where there is no such folder.
  package init(folder: String) throws(RecordingError) {
    guard FileManager.default.isFolder(folder) else {
      throw RecordingError(path: folder, problem: "is no folder of recordings")
    }
    self.folder = folder
  }

  func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)")
  }

  /// What the files with this ending are called without it, in alphabetical order.
  func names(in part: String, ending: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)")) ?? []
    return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
  }

  func text(_ name: String) throws(RecordingError) -> String {
    let path = "\(folder)/\(name)"
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw RecordingError(path: path, problem: "cannot be read")
    }
  }

  /// A CSV file without quotes: its columns by name, empty fields as nil.
  func table(_ name: String) throws(RecordingError) -> RecordedTable {
    let path = "\(folder)/\(name)"
    let lines = try text(name).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let rows = lines.enumerated().filter { !$1.isEmpty }.map { number, line in
      RecordedTable.Row(
        line: number + 1,
        fields: line.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
    }
    guard let header = rows.first?.fields else {
      throw RecordingError(path: path, problem: "is empty")
    }
    if let odd = rows.first(where: { $0.fields.count != header.count }) {
      let count = Quantity.count(odd.fields.count, "field")
      throw RecordingError(
        path: path, problem: "has \(count) in line \(odd.line), and its header \(header.count)")
    }
    return RecordedTable(path: path, header: header, rows: Array(rows.dropFirst()))
  }
}

/// What is wrong with a recording.
package struct RecordingError: Error, CustomStringConvertible, Sendable {
  let path: String
  let problem: String
  var cure = "give the folder of the recordings"

  package var description: String { "\(path) \(problem); \(cure)" }
}

/// A CSV file of numbers and names.
struct RecordedTable {
  let path: String
  let header: [String]
  let rows: [Row]

  struct Row {
    /// In the file, from 1.
    let line: Int
    /// As many as the header has.
    let fields: [String]
  }

  /// 31 years, or a thousand million of what is counted. Assumption: no recording comes near it.
  private static let greatest = 1e9

  /// The rows in which none of these columns is empty.
  func rows(with columns: [String]) throws(RecordingError) -> RecordedTable {
    let places = try columns.map { (column) throws(RecordingError) in try place(of: column) }
    let complete = rows.filter { row in places.allSatisfy { !row.fields[$0].isEmpty } }
    return RecordedTable(path: path, header: header, rows: complete)
  }

  /// The numbers of a column, in the order of the file; at least one.
  func numbers(_ column: String) throws(RecordingError) -> [Double] {
    let index = try place(of: column)
    var numbers: [Double] = []
    for row in rows {
      let field = row.fields[index]
      guard let number = Double(field), abs(number) < Self.greatest else {
        let place = "in column “\(column)” in line \(row.line)"
        throw RecordingError(
          path: path, problem: "has no number \(place): “\(field.prefix(60))”")
      }
      numbers.append(number)
    }
    if numbers.isEmpty { throw RecordingError(path: path, problem: "has no rows") }
    return numbers
  }

  private func place(of column: String) throws(RecordingError) -> Int {
    guard let place = header.firstIndex(of: column) else {
      throw RecordingError(path: path, problem: "has no column “\(column)”")
    }
    return place
  }
}
