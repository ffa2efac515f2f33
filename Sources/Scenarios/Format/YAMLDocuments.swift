import Yams

/// The documents of one YAML text.
enum YAMLDocuments {
  /// How many values aliases may add to a text, so that aliases of aliases cannot fill the memory.
  ///
  /// Assumption: 200,000. Without aliases a text has fewer values than bytes.
  static let mostAliased = 200_000

  /// Every document that is not empty, up to the first mistake of syntax.
  static func parse(_ text: String, file: String) -> (documents: [YAMLValue], error: ScenarioError?)
  {
    if let error = forbiddenCharacter(in: text, file: file) { return ([], error) }
    var documents: [YAMLValue] = []
    var conversion = YAMLConversion(file: file, most: text.utf8.count + mostAliased)
    do {
      // A byte order mark is no part of the text.
      let bare = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
      // The basic resolver: what a plain text means is found where it is read, without the default one's
      // regular expressions, which were a tenth of the instructions of a small run.
      let parser = try Parser(yaml: bare, resolver: .basic, encoding: .utf8)
      while let root = try parser.nextRoot() {
        let value = try conversion.convert(root)
        if !value.isNull { documents.append(value) }
      }
    } catch let error as ScenarioError {
      return (documents, error)
    } catch let error as YamlError {
      return (documents, scenarioError(for: error, text: text, file: file))
    } catch {
      let start = Place(file: file, line: 1, column: 1)
      return (
        documents,
        ScenarioError(at: start, "not readable as YAML: \(error)", cure: "correct the syntax")
      )
    }
    return (documents, nil)
  }

  /// The first character that YAML forbids; most often the file is no text at all.
  private static func forbiddenCharacter(in text: String, file: String) -> ScenarioError? {
    var line = 1
    var column = 1
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A:
        line += 1
        column = 0
      case 0x09, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF:
        break
      default:
        return ScenarioError(
          at: Place(file: file, line: line, column: column),
          "control character U+\(String(scalar.value, radix: 16, uppercase: true))",
          cure: "give a YAML text file")
      }
      column += 1
    }
    return nil
  }

  private static func scenarioError(
    for error: YamlError, text: String, file: String
  ) -> ScenarioError {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      // libyaml names a function of its own.
      if problem.contains("nesting level") {
        return ScenarioError(
          at: Place(file: file, line: mark.line, column: mark.column),
          "nested too deeply", cure: "close the lists and mappings that begin here")
      }
      let while_ = context.map { " \($0.text) that begins on line \($0.mark.line)" } ?? ""
      return ScenarioError(
        at: Place(file: file, line: mark.line, column: mark.column),
        "YAML syntax: \(problem)\(while_)", cure: cure(for: problem))
    case .duplicatedKeysInMapping(let duplicates, let context):
      return duplicateKey(duplicates, first: context.mark, text: text, file: file)
    case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem),
      .representer(let problem):
      return ScenarioError(
        at: Place(file: file, line: 1, column: 1), "YAML syntax: \(problem)",
        cure: "give a YAML text file in UTF-8")
    case .no, .memory, .dataCouldNotBeDecoded:
      return ScenarioError(
        at: Place(file: file, line: 1, column: 1), "not readable as YAML",
        cure: "give a YAML text file in UTF-8")
    }
  }

  private static func cure(for problem: String) -> String {
    if problem.contains("start any token") { return "indent with spaces, not tabs; quote the text" }
    if problem.contains("alias") { return "define the anchor before its alias" }
    if problem.contains("mapping values") {
      return "put the text in quotes, or correct the indentation"
    }
    return "correct the indentation, quotes and brackets here"
  }

  private static func duplicateKey(
    _ duplicates: [String], first: Mark, text: String, file: String
  ) -> ScenarioError {
    let key = duplicates.first ?? ""
    let second = secondLine(of: key, after: first, in: text)
    let place = Place(file: file, line: second ?? first.line, column: first.column)
    let where_ =
      second == nil ? "written twice in this mapping" : "already set on line \(first.line)"
    return ScenarioError(at: place, "key “\(key)” is \(where_)", cure: "remove one of the two")
  }

  /// The next line that has the key in the same column, as block mappings have.
  private static func secondLine(of key: String, after first: Mark, in text: String) -> Int? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let indentation = first.column - 1
    guard first.line < lines.count else { return nil }
    for index in first.line..<lines.count {
      let line = lines[index]
      guard line.count > indentation else { continue }
      let rest = line.dropFirst(indentation)
      if rest.hasPrefix("\(key):") && line.prefix(indentation).allSatisfy({ $0 == " " }) {
        return index + 1
      }
    }
    return nil
  }
}

/// Turns nodes of Yams into values with places, follows merge keys, and counts what it makes.
private struct YAMLConversion {
  let file: String
  /// The most values.
  let most: Int
  private var count = 0

  init(file: String, most: Int) {
    self.file = file
    self.most = most
  }

  mutating func convert(_ node: Node) throws(ScenarioError) -> YAMLValue {
    let place = place(of: node)
    count += 1
    guard count <= most else {
      throw ScenarioError(
        at: place, "more than \(most) values once all aliases are followed",
        cure: "use fewer aliases")
    }
    switch node {
    case .scalar(let scalar):
      let isText =
        switch scalar.style {
        case .any, .plain: scalar.tag.rawValue == Tag.Name.str.rawValue
        case .singleQuoted, .doubleQuoted, .literal, .folded: true
        }
      return YAMLValue(content: .scalar(scalar.string, isText: isText), place: place)
    case .sequence(let sequence):
      var elements: [YAMLValue] = []
      elements.reserveCapacity(sequence.count)
      for element in sequence { elements.append(try convert(element)) }
      return YAMLValue(content: .sequence(elements), place: place)
    case .mapping(let mapping):
      return YAMLValue(content: .mapping(try entries(of: mapping)), place: place)
    case .alias:
      throw ScenarioError(at: place, "undefined alias", cure: "define the anchor before its alias")
    }
  }

  /// The entries in order; those of a merge key `<<` come last and yield to the mapping's own.
  private mutating func entries(
    of mapping: Node.Mapping
  ) throws(ScenarioError) -> [YAMLValue.Entry] {
    var entries: [YAMLValue.Entry] = []
    var merged: [YAMLValue] = []
    for (key, value) in mapping {
      let keyPlace = place(of: key)
      guard case .scalar(let scalar) = key else {
        throw ScenarioError(at: keyPlace, "a key that is no text", cure: "write the key as a word")
      }
      let converted = try convert(value)
      if scalar.string == "<<", scalar.style == .plain {
        merged.append(converted)
      } else {
        entries.append(YAMLValue.Entry(key: scalar.string, keyPlace: keyPlace, value: converted))
      }
    }
    guard !merged.isEmpty else { return entries }
    var known = Set(entries.map(\.key))
    for source in merged.flatMap({ $0.elements ?? [$0] }) {
      guard let inherited = source.entries else {
        throw ScenarioError(
          at: source.place, "a merge key that names no mapping", cure: "write `<<: *anchor`")
      }
      entries += inherited.filter { known.insert($0.key).inserted }
    }
    return entries
  }

  private func place(of node: Node) -> Place {
    Place(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }
}
