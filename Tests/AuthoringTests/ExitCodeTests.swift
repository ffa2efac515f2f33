import Testing

@testable import bootsim

/// What a command throws, as its exit code.
struct ExitCodeTests {
  private struct Unexpected: Error {}

  @Test func `what no command expects is a bug, and never an expectation that failed`() throws {
    let code = #expect(throws: (any Error).self) {
      try withExitCodes { throw Unexpected() }
    }
    #expect("\(try #require(code))".contains("70"))
  }
}
