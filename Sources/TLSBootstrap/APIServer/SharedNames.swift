/// Nodes of one name have one Node, one Lease and one CSINode (protocol.md O26).
///
/// A Lease is updated with the resource version that its kubelet read or wrote last; who holds an older one
/// is answered 409 (L.5).
struct SharedNames: Hashable, Sendable {
  /// By node, the first one of its name; empty where no name may be given twice.
  private var first: [UInt32] = []
  /// By node: the resource version of its Lease, and the one that its kubelet knows.
  private var stored: [UInt32] = []
  private var known: [UInt32] = []

  init(_ facts: Facts) {
    guard facts.scenario.allowsDuplicateNodeNames else { return }
    var nodes: [String: UInt32] = [:]
    for index in facts.groupOfNode.indices {
      let name = facts.name(of: NodeID(index))
      let node = nodes[name] ?? UInt32(index)
      nodes[name] = node
      first.append(node)
    }
    stored = Array(repeating: 0, count: first.count)
    known = stored
  }

  /// Where the objects of a node's name are.
  @inline(__always)
  func place(of node: UInt32) -> Int { first.isEmpty ? Int(node) : Int(first[Int(node)]) }

  mutating func leaseWasRead(by node: UInt32) {
    guard !first.isEmpty else { return }
    known[Int(node)] = stored[place(of: node)]
  }

  mutating func leaseWasWritten(by node: UInt32) {
    guard !first.isEmpty else { return }
    stored[place(of: node)] += 1
    leaseWasRead(by: node)
  }

  func knowsLease(_ node: UInt32) -> Bool {
    first.isEmpty || known[Int(node)] == stored[place(of: node)]
  }
}
