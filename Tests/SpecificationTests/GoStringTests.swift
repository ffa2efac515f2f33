import Testing

@testable import TLSBootstrap

/// Go's `%q` and JSON, in which the API server prints what clients wrote.
struct GoStringTests {
  /// Source: Go, strconv `Quote`.
  @Test(arguments: [
    ("csr-abcde", #""csr-abcde""#), (#"a"b\c"#, #""a\"b\\c""#), ("a<b>&'", #""a<b>&'""#),
    ("\u{07}\u{08}\t\n\u{0B}\u{0C}\r", #""\a\b\t\n\v\f\r""#),
    ("\u{00}\u{1B}\u{7F}", #""\x00\x1b\x7f""#),
    ("é世😀", #""é世😀""#), ("\u{A0}\u{200B}\u{FEFF}", #""\u00a0\u200b\ufeff""#),
    ("\u{E000}\u{E0001}", #""\ue000\U000e0001""#),
  ])
  func `strings are quoted as strconv does`(text: String, quoted: String) {
    #expect(GoString.quoted(text) == quoted)
  }

  /// Source: Go, encoding/json `appendString`.
  @Test(arguments: [
    ("client auth", #""client auth""#), (#"a"b\c"#, #""a\"b\\c""#),
    ("a<b>&'", #""a\u003cb\u003e\u0026'""#),
    ("\u{08}\t\n\u{0B}\u{0C}\r\u{00}\u{7F}", "\"\\b\\t\\n\\u000b\\f\\r\\u0000\u{7F}\""),
    ("é\u{2028}\u{2029}\u{A0}", "\"é\\u2028\\u2029\u{A0}\""),
  ])
  func `other values are JSON, with HTML escaped`(text: String, quoted: String) {
    #expect(GoString.json(text) == quoted)
  }
}
