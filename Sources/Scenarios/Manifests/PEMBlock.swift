/// The first block of a PEM text, found as Go finds it.
///
/// Source: Go 1.26, encoding/pem `Decode`: BEGIN and END stand at the beginning of lines, of several BEGINs the
/// last one before an END counts, lines with a colon are headers, and what is no block is passed over.
struct PEMBlock: Equatable {
  var type: String
  var bytes: [UInt8]
  var hasHeaders: Bool
  /// Where the text goes on.
  var end: Int

  private static let begin = Array("-----BEGIN ".utf8)
  private static let end = Array("\n-----END ".utf8)
  private static let dashes = Array("-----".utf8)
  private static let newline = UInt8(ascii: "\n")

  /// - Parameter start: where to begin.
  static func first(in text: [UInt8], from start: Int = 0) -> PEMBlock? {
    var rest = text[start...]
    while let end = rest.firstRange(of: Self.end) {
      switch block(in: rest, before: end) {
      case .found(let block): return block
      case .textIsOver: return nil
      case .none: rest = rest[end.upperBound...]
      }
    }
    return nil
  }

  private enum Try {
    case found(PEMBlock)
    case none
    /// Every line after a BEGIN is a header.
    case textIsOver
  }

  /// The block that ends at this END, if one does.
  private static func block(in text: ArraySlice<UInt8>, before end: Range<Int>) -> Try {
    guard let begin = text[..<end.lowerBound].lastRange(of: Self.begin),
      begin.lowerBound == text.startIndex || text[begin.lowerBound - 1] == newline
    else { return .none }
    let (typeLine, start) = line(text[begin.upperBound...])
    guard typeLine.hasSuffix(dashes) else { return .none }
    let type = typeLine.dropLast(dashes.count)
    var body = text[start...]
    while true {
      if body.isEmpty { return .textIsOver }
      let (header, next) = line(body)
      guard header.contains(UInt8(ascii: ":")) else { break }
      body = text[next...]
    }
    // Without headers the END may follow at once; the newline before it is the one after the BEGIN then.
    let hasHeaders = body.startIndex > start
    if hasHeaders, body.startIndex > end.lowerBound { return .none }
    let (ending, next) = line(text[end.upperBound...])
    guard ending.elementsEqual(Array(type) + dashes) else { return .none }
    let inner = body.startIndex < end.lowerBound ? body[..<end.lowerBound] : []
    let written = inner.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    guard case .success(let bytes) = Base64Text.decode(written) else { return .none }
    return .found(
      PEMBlock(
        type: String(decoding: type, as: UTF8.self), bytes: bytes, hasHeaders: hasHeaders, end: next
      ))
  }

  /// The first line without the white space at its end, and where the next one begins.
  private static func line(_ text: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, next: Int) {
    let newline = text.firstIndex(of: Self.newline)
    var line = text[..<(newline ?? text.endIndex)]
    if newline != nil, line.last == UInt8(ascii: "\r") { line.removeLast() }
    while let last = line.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
      line.removeLast()
    }
    return (line, newline.map { $0 + 1 } ?? text.endIndex)
  }
}

extension ArraySlice<UInt8> {
  fileprivate func hasSuffix(_ bytes: [UInt8]) -> Bool { suffix(bytes.count).elementsEqual(bytes) }

  fileprivate func firstRange(of bytes: [UInt8]) -> Range<Int>? {
    firstStart(of: bytes, in: indices)
  }

  fileprivate func lastRange(of bytes: [UInt8]) -> Range<Int>? {
    firstStart(of: bytes, in: indices.reversed())
  }

  private func firstStart(of bytes: [UInt8], in starts: some Sequence<Int>) -> Range<Int>? {
    starts.first { self[$0...].starts(with: bytes) }.map { $0..<($0 + bytes.count) }
  }
}
