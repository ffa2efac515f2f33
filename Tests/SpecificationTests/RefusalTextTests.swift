import Testing

@testable import TLSBootstrap

/// How a 403 prints what clients wrote (protocol.md D.4).
struct RefusalTextTests {
  private func message(
    _ change: (inout ForeignRequest) -> Void, by user: String? = nil
  ) -> String? {
    var request = ForeignRequest()
    change(&request)
    let entry = Clients.entry(.ask(request)) {
      $0 = .anonymous
      $0.user = user
    }
    let answer = Clients.answers(Clients.play([entry])).first
    #expect(answer?.code == 403)
    return answer?.message
  }

  /// Source: apiserver pkg/endpoints/handlers/responsewriters/errors.go, `sanitizer`.
  @Test func `D.4 what looks like HTML in a path is escaped`() {
    #expect(
      message { $0.path = "/a<b>&c\"" }
        == #"forbidden: User "system:anonymous" cannot get path "/a&lt;b&gt;&amp;c\"""#)
  }

  @Test func `D.4 it is in the sentence, and not in the name of the object`() {
    let text = message(
      {
        $0.resource = "nodes"; $0.name = "x<\"y"
      }, by: "u\"&")
    #expect(
      text?.hasPrefix(
        #"nodes "x<\"y" is forbidden: User "u\"&amp;" cannot get resource "nodes" in API group "" "#
          + "at the cluster scope") == true, "\(text ?? "")")
  }
}
