/// Reads `count` and `names` of a group of nodes.
struct NodeNamesReader {
  let reading: Reading
  /// How many nodes may still come.
  let room: Int

  /// The names in order; nil after a mistake.
  ///
  /// - Parameter times: The number of nodes that the start times are for, with its place.
  func names(_ section: Section, group: String, times: Located<Int>?) -> [String]? {
    if let names = section["names"], names.elements?.isEmpty == true {
      reading.fail(names.place, "`names` is an empty list", cure: "give at least one name")
      return nil
    }
    let list = names(listedIn: section)
    let count = section.integer("count")
    guard section["count"] == nil || count != nil else { return nil }
    let wanted = count.map { Int($0.value) } ?? list?.value.count ?? times?.value ?? 1
    if let list, list.value.count != wanted {
      reading.fail(
        list.place,
        "\(Quantity.count(list.value.count, "name")) for \(Quantity.count(wanted, "node"))",
        cure: "give one name a node, or leave `count` out")
      return nil
    }
    if let times, times.value != wanted {
      reading.fail(
        times.place,
        "\(Quantity.count(times.value, "start time")) for \(Quantity.count(wanted, "node"))",
        cure: "give one time a node")
      return nil
    }
    guard wanted <= room else {
      reading.fail(
        section.place(of: "count"),
        "more than \(Quantity.count(NodeGroupReader.mostNodes)) nodes in all",
        cure: "lower `count`")
      return nil
    }
    if let list { return list.value }
    return generated(section, group: group, count: wanted)
  }

  private func names(listedIn section: Section) -> Located<[String]>? {
    guard let value = section["names"], let elements = value.elements else { return nil }
    let names = elements.compactMap { element -> String? in
      guard let name = reading.string(element, "names") else { return nil }
      KubernetesName.check(name, "name of a node", reading)
      return name.value
    }
    return Located(names, at: value.place)
  }

  private func generated(_ section: Section, group: String, count: Int) -> [String]? {
    let isGiven = section["names"] != nil
    let pattern =
      isGiven ? section.string("names") : Located("\(group)-{1}", at: section.place(of: "name"))
    guard let pattern else { return nil }
    guard let parsed = Pattern(pattern.value) else {
      if count == 1, isGiven, !pattern.value.contains("{") {
        KubernetesName.check(pattern, "name of a node", reading)
        return [pattern.value]
      }
      reading.fail(
        pattern.place, "“\(pattern.value.prefix(60))” is no pattern of names",
        cure: "write it like `worker-{00001}`: the first number, in its width")
      return nil
    }
    if isGiven {
      KubernetesName.check(Located(parsed.name(0), at: pattern.place), "name of a node", reading)
    }
    return (0..<count).map(parsed.name)
  }

  /// `prefix{00001}suffix`.
  private struct Pattern {
    let prefix: String
    let first: Int
    let width: Int
    let suffix: String

    init?(_ text: String) {
      guard let open = text.firstIndex(of: "{"), let close = text.firstIndex(of: "}"),
        open < close
      else { return nil }
      let digits = text[text.index(after: open)..<close]
      let rest = text[text.index(after: close)...]
      guard (1...12).contains(digits.count), digits.allSatisfy(Quantity.isDigit),
        let first = Int(digits), !rest.contains("{"), !rest.contains("}")
      else { return nil }
      prefix = String(text[..<open])
      self.first = first
      width = digits.count
      suffix = String(rest)
    }

    func name(_ index: Int) -> String {
      let number = String(first + index)
      var name = prefix
      for _ in 0..<max(0, width - number.utf8.count) { name += "0" }
      name += number
      name += suffix
      return name
    }
  }
}
