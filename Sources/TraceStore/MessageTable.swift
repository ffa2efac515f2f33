import GRDB
import TLSBootstrap

/// The messages of what failed, each once: the names of the node and of the CSR are left open as
/// `{node}` and `{csr}`, and the views fill them in. Thousands of nodes then share one text.
struct MessageTable<Directory: TraceDirectory> {
  private let directory: Directory
  private let texts: TextTable
  /// Words in quotes that are no node's name, even where a node has it.
  private let resources = Set(Call.allCases.map(\.shape.resource) + ["csr-"])

  init(_ texts: TextTable, _ directory: Directory) {
    self.texts = texts
    self.directory = directory
  }

  /// Nil where nothing failed.
  func id(of event: TraceEvent) throws -> Int? {
    guard let text = directory.message(of: event) else { return nil }
    return try texts.id(of: template(text, node: event.node, request: event.request))
  }

  func id(of requests: WaitingRequests) throws -> Int? {
    guard let text = directory.message(of: requests) else { return nil }
    return try texts.id(of: template(text, node: requests.node, request: TraceEvent.none))
  }

  func id(of example: FailureSorts.Example) throws -> Int? {
    switch example {
    case .event(let event): try id(of: event)
    case .requests(let requests): try id(of: requests)
    }
  }

  /// Names stand in quotes, alone or after `system:node:`; one that is also a resource stays.
  private func template(_ text: String, node: UInt32, request: UInt32) -> String {
    // Looking for names took most of the time of a run with millions of failures that have none.
    guard text.utf8.contains(UInt8(ascii: "\"")) else { return text }
    var text = text
    if node != TraceEvent.none {
      let name = directory.node(at: Int(node)).name
      if !resources.contains(name) {
        text = text.replacing("\"\(name)\"", with: "\"{node}\"")
          .replacing("system:node:\(name)\"", with: "system:node:{node}\"")
      }
    }
    if request != TraceEvent.none {
      let name = directory.request(at: Int(request)).name
      text = text.replacing("\"\(name)\"", with: "\"{csr}\"")
    }
    return text
  }
}
