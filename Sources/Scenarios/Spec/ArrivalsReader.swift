import SimulationKernel
import TLSBootstrap

/// Reads `start` of a group of nodes.
struct ArrivalsReader {
  let reading: Reading
  let folder: String

  /// When the nodes start, and for how many nodes that is, if it is for a number.
  func arrivals(_ group: Section) -> (arrivals: NodeGroup.Arrivals, count: Located<Int>?) {
    let none: (NodeGroup.Arrivals, Located<Int>?) = (.atOnce(.zero), nil)
    guard let start = group.section("start") else { return none }
    switch start.one(of: ["at", "uniform", "poisson", "times", "csv"], needed: true) {
    case "at":
      return (.atOnce(start.duration("at")?.value ?? .zero), nil)
    case "uniform":
      guard let uniform = start.section("uniform"), let range = reading.range(uniform) else {
        return none
      }
      return (.uniform(from: range.lowerBound, to: range.upperBound), nil)
    case "poisson":
      guard let poisson = start.section("poisson") else { return none }
      if poisson["perSecond"] == nil { poisson.lacks("perSecond", cure: "give the mean rate") }
      let from = poisson.duration("from")?.value ?? .zero
      let rate = poisson.rate("perSecond")?.value ?? 1_000
      return (.poisson(from: from, milliRate: rate), nil)
    case "times":
      if let times = start["times"], times.elements?.isEmpty == true {
        reading.fail(times.place, "`times` is an empty list", cure: "give at least one time")
        return none
      }
      let times = start.list("times").compactMap { reading.duration($0, "times")?.value }
      return (.times(times), Located(times.count, at: start.place(of: "times")))
    case "csv":
      guard let csv = start.section("csv"), let times = times(csv) else { return none }
      return (.times(times), Located(times.count, at: csv.place))
    default:
      return none
    }
  }

  /// The column of a CSV file, in seconds.
  private func times(_ csv: Section) -> [Duration]? {
    for key in ["file", "column"] where csv[key] == nil {
      csv.lacks(key, cure: "give `file` and `column`")
    }
    guard let file = csv.string("file"), let column = csv.string("column") else { return nil }
    let path = FilePath.resolve(file.value, in: folder)
    guard let text = reading.text(of: path, namedAt: file.place) else { return nil }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
    let first = Place(file: path, line: 1, column: 1)
    guard let header = fields(lines.popFirst() ?? "", at: first) else { return nil }
    guard header.count(where: { $0 == column.value }) < 2 else {
      reading.fail(
        first, "two columns “\(column.value.prefix(60))”", cure: "give each a name of its own")
      return nil
    }
    guard let index = header.firstIndex(of: column.value) else {
      let known = header.filter { !$0.isEmpty }.prefix(20)
      reading.fail(
        column.place, "\(path) has no column “\(column.value.prefix(60))”",
        cure: "name one of \(KeyTable.list(Array(known)))")
      return nil
    }
    var times: [Duration] = []
    for number in lines.indices where !lines[number].allSatisfy(\.isWhitespace) {
      let place = Place(file: path, line: number + 1, column: 1)
      guard let fields = fields(lines[number], at: place) else { return nil }
      guard fields.count <= header.count else {
        reading.fail(
          place, "\(fields.count) fields, and the header has \(header.count)",
          cure: "write a comma in a field in quotes: \"a,b\"")
        return nil
      }
      guard let time = seconds(index < fields.count ? fields[index] : "", at: place) else {
        return nil
      }
      times.append(time)
    }
    if times.isEmpty {
      reading.fail(first, "no row below the header", cure: "give at least one row")
      return nil
    }
    return times
  }

  private func fields(_ line: Substring, at place: Place) -> [String]? {
    let fields = CSV.fields(line)
    if fields == nil {
      reading.fail(place, "a quote that is not closed", cure: "close it on its line")
    }
    return fields
  }

  private func seconds(_ text: String, at place: Place) -> Duration? {
    guard let nanoseconds = Quantity.scaled(Substring(text), by: 1_000_000_000) else {
      reading.fail(
        place, "“\(text.prefix(60))” is no number of seconds", cure: "write it like `12.5`")
      return nil
    }
    guard nanoseconds <= Quantity.longest.nanoseconds else {
      reading.fail(place, "“\(text.prefix(60))” s is more than 100 years", cure: "give less")
      return nil
    }
    return Duration(nanoseconds: nanoseconds)
  }
}

enum CSV {
  /// The fields of a line; quotes around a field and spaces around it are dropped.
  ///
  /// - Returns: nil where a quote is not closed.
  static func fields(_ line: Substring) -> [String]? {
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        fields.append(trimmed(field))
        field = ""
      default: field.append(character)
      }
    }
    return isQuoted ? nil : fields + [trimmed(field)]
  }

  private static func trimmed(_ text: String) -> String {
    let rest = text.drop { $0 == " " || $0 == "\u{FEFF}" }
    return String(rest.reversed().drop { $0 == " " }.reversed())
  }
}
