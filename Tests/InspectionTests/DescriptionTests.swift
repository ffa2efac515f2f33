import Foundation
import Scenarios
import SimulationKernel
import TestSupport
import TLSBootstrap
import Testing

@testable import Inspection

/// `describe` of the objects of a run.
struct DescriptionTests {
  @Test func `a CSR is described as kubectl does`() throws {
    let snapshot = try snapshot(at: 90)
    let name = try #require(ResourceView(snapshot, .requests).objects.first?.name)
    let text = described(snapshot, .requests, [name])
    #expect(
      text == """
        Name:               \(name)
        Labels:             <none>
        Annotations:        <none>
        CreationTimestamp:  Thu, 01 Jan 2026 00:00:00 +0000
        Requesting User:    system:bootstrap:abcdef
        Signer:             kubernetes.io/kube-apiserver-client-kubelet
        Status:             Approved,Issued
        Subject:
                 Common Name:    system:node:node-1
                 Serial Number:  
                 Organization:   system:nodes
        Events:  <none>
        """)
  }

  @Test(arguments: Resource.allCases)
  func `every object can be described`(resource: Resource) throws {
    let snapshot = try snapshot(at: 90)
    let objects = ResourceView(snapshot, resource, namespace: "").objects
    #expect(!objects.isEmpty)
    for object in objects {
      let text = described(snapshot, resource, [object.name], namespace: object.namespace)
      #expect(text.hasPrefix("Name:"))
      #expect(text.contains(object.name))
    }
  }

  /// kubernetes#137145, v1.36.
  @Test func `events are shown of a single object, of several where asked for`() throws {
    let snapshot = try snapshot(at: 90)
    #expect(described(snapshot, .nodes).contains("Events:\n  Type"))
    let pair = [ResourceSelection(.nodes), ResourceSelection(.requests)]
    let several = ResourceViews(snapshot, pair)
    #expect(!several.descriptions(showsEvents: false).contains("Events:"))
    #expect(several.descriptions(showsEvents: true).contains("Events:\n  Type"))
    #expect(several.descriptions(showsEvents: true).hasSuffix("\nEvents:  <none>"))
    let half = ResourceViews(snapshot, [ResourceSelection(.nodes, names: ["node-1", "node-2"])])
    #expect(half.missing.count == 1)
    #expect(!half.descriptions(showsEvents: false).contains("Events:"))
  }

  /// kubectl prints no kubeProxyVersion, which no kubelet has set since v1.33 (KEP-4004).
  @Test func `a node's system information ends with the kubelet's version`() throws {
    let text = try described(snapshot(at: 90), .nodes)
    #expect(text.contains("Kubelet Version:            v1.36.2\nNon-terminated Pods:"))
    #expect(!text.contains("Kube-Proxy"))
  }

  @Test func `anything else is described by its keys as words`() throws {
    let text = try described(snapshot(at: 90), .leases, ["node-1"])
    #expect(text.contains("API Version:  coordination.k8s.io/v1"))
    #expect(text.contains("  Owner References:\n    API Version:     v1\n"))
    #expect(text.contains("Spec:\n  Holder Identity:         node-1\n"))
  }

  @Test func `an Event is described by its keys in their order`() throws {
    let text = try described(snapshot(at: 90), .events, showsEvents: true)
    let first = text.components(separatedBy: "\n\n\n")[0].split(separator: "\n")
    let labels = first.filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
    #expect(
      labels == [
        "Name", "Namespace", "Labels", "Annotations", "API Version", "Count", "Event Time",
        "First Timestamp", "Involved Object", "Kind", "Last Timestamp", "Message", "Metadata",
        "Reason", "Reporting Component", "Reporting Instance", "Source", "Type", "Events",
      ])
  }

  /// Source: kubelet `nodeRef`; node-lifecycle `RecordNodeEvent`.
  @Test func `node-lifecycle's Events name the Node's UID, the kubelet's its name`() throws {
    let snapshot = try snapshot(at: 90)
    let node = try #require(ResourceView(snapshot, .nodes).objects.first)
    let uid = try #require(node.document["metadata"]?["uid"])
    for event in ResourceView(snapshot, .events).objects {
      let isControllers = event.cells[2] == "RegisteredNode"
      #expect(
        event.document["involvedObject"]?["uid"] == (isControllers ? uid : .string(node.name)))
    }
  }

  @Test func `an Event is kept for an hour`() throws {
    let counts = try [3_599, 3_601].map { second in
      try ResourceView(
        snapshot(at: Int64(second), overrides: ["spec.duration=2h", "spec.stopWhen=Never"]),
        .events
      ).objects.count
    }
    #expect(counts == [6, 0])
  }

  @Test func `a node's description has its conditions, Lease and events`() throws {
    let text = try described(snapshot(at: 90), .nodes, ["node-1"])
    #expect(text.contains("Unschedulable:      false"))
    #expect(text.contains("HolderIdentity:  node-1"))
    #expect(
      text.contains(/\n  Ready            True    Thu, 01 Jan 2026 \d\d:\d\d:\d\d \+0000   Thu/))
    #expect(text.contains("\nNon-terminated Pods:          (0 in total)\n  Namespace "))
    #expect(text.contains("\n  ephemeral-storage  0 (0%)    0 (0%)\nEvents:\n"))
    #expect(text.contains(/Normal +NodeReady +\d+s +kubelet +Node node-1 status is now: NodeReady/))
  }

  /// L.4: the messages of what is missing, in their order, several in brackets.
  @Test func `a node that is not Ready says what it waits for, as it said last`() throws {
    let message = { (second: Int64) in
      let node = try #require(
        ResourceView(
          try snapshot(at: second, overrides: ["spec.latency.networkReady=25s"]), .nodes
        ).objects.first)
      guard case .list(let conditions) = node.document["status"]?["conditions"] else { return "" }
      guard case .string(let text) = conditions[3]["message"] else { return "" }
      return text
    }
    let network = """
      container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady \
      message:Network plugin returns error: cni plugin not initialized
      """
    #expect(try message(5) == "[\(network), CSINode is not yet initialized]")
    #expect(try message(15) == network)
    #expect(try message(60) == "kubelet is posting ready status")
  }
}
