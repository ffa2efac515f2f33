import SimulationKernel

/// Text as Go quotes it in messages.
package enum GoString {
  /// `%q`: of names and other strings.
  ///
  /// Source: Go, strconv `Quote`.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{07}": quoted += "\\a"
      case "\u{08}": quoted += "\\b"
      case "\u{0C}": quoted += "\\f"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{0B}": quoted += "\\v"
      case _ where isPrintable(scalar): quoted += String(scalar)
      case _ where scalar.isASCII: quoted += "\\x" + UInt8(scalar.value).hexadecimal
      case _ where scalar.value < 0x1_0000: quoted += "\\u" + UInt16(scalar.value).hexadecimal
      default: quoted += "\\U" + scalar.value.hexadecimal
      }
    }
    return quoted + "\""
  }

  /// As JSON: of values of other types.
  ///
  /// Source: Go, encoding/json `appendString`, with HTML escaped.
  package static func json(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{08}": quoted += "\\b"
      case "\u{0C}": quoted += "\\f"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{00}"..<" ", "<", ">", "&", "\u{2028}", "\u{2029}":
        quoted += "\\u" + UInt16(scalar.value).hexadecimal
      default: quoted += String(scalar)
      }
    }
    return quoted + "\""
  }

  /// Source: Go, strconv `IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
      .paragraphSeparator:
      return false
    default: return true
    }
  }
}
