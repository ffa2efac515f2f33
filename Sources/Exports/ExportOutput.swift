/// Where an export goes: texts and bytes in order, handed on in large pieces.
///
/// A class, because every exporter writes into the same buffer.
package final class ExportOutput {
  private var buffer: [UInt8] = []
  private let receive: (ArraySlice<UInt8>) throws -> Void

  /// 256 KiB.
  private static let capacity = 1 << 18

  /// - Parameter receive: takes each piece, the last one when `finish` is called.
  package init(_ receive: @escaping (ArraySlice<UInt8>) throws -> Void) {
    self.receive = receive
    buffer.reserveCapacity(Self.capacity + 4_096)
  }

  func write(_ text: String) throws {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.capacity { try finish() }
  }

  func write(_ bytes: some Sequence<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try finish() }
  }

  package func finish() throws {
    if !buffer.isEmpty { try receive(buffer[...]) }
    buffer.removeAll(keepingCapacity: true)
  }
}
