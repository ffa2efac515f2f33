import Foundation
import SimulationKernel

/// Marks of the running digest, by which a later run finds its first event that is another.
///
/// A run of up to `most` events has one at each, so that the event itself is found; a longer one at every
/// second, fourth, … event.
struct EventTrail: Hashable, Sendable {
  /// The most marks: 22 kB of a golden file.
  static let most = 8_192

  /// A mark is set after each `every`-th event.
  private(set) var every = 1
  /// `marks[k]` is that of the digest over the first (k + 1) × `every` events: its first 16 bits. One in 65,536
  /// other events has the same, and then the next mark is another.
  private(set) var marks: [UInt16] = []

  init() {}

  mutating func note(_ digest: Digest, after count: Int) {
    guard count % every == 0 else { return }
    marks.append(Self.mark(of: digest))
    if marks.count > Self.most { thin() }
  }

  static func mark(of digest: Digest) -> UInt16 { UInt16(truncatingIfNeeded: digest.prefix >> 48) }

  /// Every other mark is left: those at multiples of twice the distance.
  private mutating func thin() {
    marks = marks.indices.filter { $0 % 2 == 1 }.map { marks[$0] }
    every *= 2
  }

  /// The mark after so many events; nil: there is none.
  func mark(after count: Int) -> UInt16? {
    let place = count / every - 1
    return count % every == 0 && marks.indices.contains(place) ? marks[place] : nil
  }
}

// MARK: The file

extension EventTrail: Codable {
  private enum Key: CodingKey { case every, marks }

  /// Marks a line.
  private static let lineLength = 36

  /// Two bytes a mark, the greater first, in base64: 96 characters a line.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(every, forKey: .every)
    let lines = stride(from: 0, to: marks.count, by: Self.lineLength).map { start in
      let line = marks[start..<min(start + Self.lineLength, marks.count)]
      return Data(line.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }).base64EncodedString()
    }
    try container.encode(lines, forKey: .marks)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    every = try container.decode(Int.self, forKey: .every)
    let lines = try container.decode([String].self, forKey: .marks)
    let bytes = lines.map { Data(base64Encoded: $0) }
    guard every > 0, bytes.allSatisfy({ $0.map { $0.count % 2 == 0 } ?? false }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .marks, in: container, debugDescription: "no marks of events")
    }
    marks = bytes.compactMap(\.self).flatMap { bytes in
      stride(from: 0, to: bytes.count, by: 2).map {
        UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
      }
    }
  }
}
