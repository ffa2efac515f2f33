import Foundation

/// Objects as JSON for people and programs: keys sorted, so that equal objects give equal bytes.
package enum JSONText {
  package static func pretty(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    // As Foundation writes a list of nothing.
    return text == "[\n\n]" ? "[]" : text
  }
}
