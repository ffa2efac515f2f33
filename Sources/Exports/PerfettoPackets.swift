import GRDB

/// Where an event is drawn.
enum PerfettoTrack {
  case component(Int64)
  case lane(component: Int64, Int)
  case nodes
  case node(Int64)

  /// The same for the same run, and for no two tracks.
  var id: UInt64 {
    switch self {
    case .component(let number): 0x100 + UInt64(number)
    case .lane(let component, let lane): 0x10_0000_0000 * UInt64(component + 1) + UInt64(lane)
    case .nodes: 0x01
    case .node(let number): 0x1_0000_0000 + UInt64(number)
    }
  }
}

/// An event as a slice or an instant.
struct PerfettoEvent {
  let id: Int64
  let time: Int64
  let component: Int64
  let node: Int64?
  let step: Int64?
  let value: Int64
  let name: String
  let category: String
  let notes: [(String, String)]
  let cause: Int64?
  /// The events that it led to.
  let effects: [UInt64]

  init(_ row: Row) {
    id = row[0]
    time = row[1]
    component = row[2]
    node = row[3]
    step = row[4]
    category = row[5]
    value = row[6]
    let request = [row[7] as String?, row[8], row[9]].compactMap(\.self).filter { !$0.isEmpty }
    let title: String? = row[10]
    let number = step
    name =
      title.map { "\(number ?? 0) \($0)" }
      ?? (request.isEmpty ? category : request.joined(separator: " "))
    let code: Int64? = row[11]
    let notes: [(String, String?)] = [
      ("code", code.map { "\($0)" }), ("reason", row[12]), ("csr", row[13]), ("user", row[14]),
    ]
    self.notes = notes.compactMap { key, text in
      text.flatMap { $0.isEmpty ? nil : (key, $0) }
    }
    cause = row[15]
    effects = (row[16] as String? ?? "").split(separator: " ").compactMap { UInt64($0) }
  }
}

/// Writes the packets of a trace.
struct PerfettoPackets {
  private let start: Int64
  private let output: ExportOutput

  init(start: Int64, _ output: ExportOutput) {
    self.start = start
    self.output = output
  }

  func addProcess(_ track: PerfettoTrack, name: String) throws {
    var process = ProtobufMessage()
    process.add(1, track.id)
    process.add(6, name)
    var descriptor = ProtobufMessage()
    descriptor.add(1, track.id)
    descriptor.add(3, process)
    try addDescriptor(descriptor)
  }

  func addTrack(_ track: PerfettoTrack, name: String, parent: PerfettoTrack) throws {
    var descriptor = ProtobufMessage()
    descriptor.add(1, track.id)
    descriptor.add(2, name)
    descriptor.add(5, parent.id)
    try addDescriptor(descriptor)
  }

  private func addDescriptor(_ descriptor: ProtobufMessage) throws {
    var packet = ProtobufMessage()
    packet.add(60, descriptor)
    try write(packet)
  }

  func addSlice(_ event: PerfettoEvent, on track: PerfettoTrack, from: Int64) throws {
    try add(event, type: 1, on: track, at: from)
    var end = ProtobufMessage()
    end.add(9, UInt64(2))
    end.add(11, track.id)
    try add(end, at: event.time)
  }

  func addInstant(_ event: PerfettoEvent, on track: PerfettoTrack) throws {
    try add(event, type: 3, on: track, at: event.time)
  }

  /// An arrow has the number of the event to which it goes.
  private func add(
    _ event: PerfettoEvent, type: UInt64, on track: PerfettoTrack, at time: Int64
  ) throws {
    var message = ProtobufMessage()
    message.add(9, type)
    message.add(11, track.id)
    message.add(22, event.category)
    message.add(23, event.name)
    for (key, text) in [("event", "\(event.id)")] + event.notes {
      var note = ProtobufMessage()
      note.add(10, key)
      note.add(6, text)
      message.add(4, note)
    }
    for effect in event.effects { message.add(47, fixed: effect) }
    if event.cause != nil { message.add(48, fixed: UInt64(event.id)) }
    try add(message, at: time)
  }

  private func add(_ event: ProtobufMessage, at time: Int64) throws {
    var packet = ProtobufMessage()
    packet.add(8, UInt64(start + time))
    packet.add(11, event)
    try write(packet)
  }

  /// All of one sequence: whoever wrote them did so in order.
  private func write(_ packet: ProtobufMessage) throws {
    var packet = packet
    packet.add(10, UInt64(1))
    var trace = ProtobufMessage()
    trace.add(1, packet)
    try output.write(trace.bytes)
  }
}
