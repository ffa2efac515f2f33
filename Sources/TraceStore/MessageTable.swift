import Foundation
import GRDB
import TLSBootstrap

/// The messages of what failed, each once: the names of the node and of the CSR are left open as
/// `{node}` and `{csr}`, and the views fill them in. Thousands of nodes then share one text.
struct MessageTable<Directory: TraceDirectory> {
  private let directory: Directory
  private let texts: TextTable
  private var known: [Key: Int] = [:]

  /// What decides an HTTP answer's message, but for names.
  private struct Key: Hashable {
    let answer: Answer
    let call: Call
    /// The identity, but for the number of a node.
    let identity: UInt32
  }

  init(_ texts: TextTable, _ directory: Directory) {
    self.texts = texts
    self.directory = directory
  }

  /// Nil where nothing failed.
  mutating func id(of event: TraceEvent) throws -> Int? {
    let key = key(event.answer, event.call, event.actor)
    let isShared =
      event.answer.code != 0
      && (event.kind == .requestAnswered || event.kind == .authorizationFailed)
    if isShared, let id = known[key] { return id }
    guard let text = directory.message(of: event) else { return nil }
    let id = try texts.id(of: template(text, node: event.node, request: event.request))
    if isShared { known[key] = id }
    return id
  }

  mutating func id(of requests: WaitingRequests) throws -> Int? {
    let key = key(requests.answer, requests.call, .anonymous)
    let isShared = requests.answer.code != 0
    if isShared, let id = known[key] { return id }
    guard let text = directory.message(of: requests) else { return nil }
    let id = try texts.id(of: template(text, node: requests.node, request: TraceEvent.none))
    if isShared { known[key] = id }
    return id
  }

  private func key(_ answer: Answer, _ call: Call, _ identity: Identity) -> Key {
    let isNode = identity.kind == .node
    return Key(
      answer: answer, call: call,
      identity: isNode ? Identity(.node, 0).packed : identity.packed)
  }

  /// Names stand in quotes, alone or after `system:node:`; one that is also a resource stays.
  private func template(_ text: String, node: UInt32, request: UInt32) -> String {
    var text = text
    if node != TraceEvent.none {
      let name = directory.node(at: Int(node)).name
      if !Self.resources.contains(name) {
        text = text.replacingOccurrences(of: "\"\(name)\"", with: "\"{node}\"")
          .replacingOccurrences(of: "system:node:\(name)\"", with: "system:node:{node}\"")
      }
    }
    if request != TraceEvent.none {
      let name = directory.request(at: Int(request)).name
      text = text.replacingOccurrences(of: "\"\(name)\"", with: "\"{csr}\"")
    }
    return text
  }

  private static var resources: Set<String> {
    Set(Call.allCases.map(\.shape.resource) + ["csr-"])
  }
}
