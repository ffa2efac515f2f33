import SimulationKernel

/// The hold model: a queue of constant size, of which each step pops one event and pushes one.
struct Hold {
  let pending: Int
  /// Steps before the clock starts, so that the spread of the pending events is the steady one.
  let warmUp: Int
  let steps: Int
  let seed: UInt64

  /// 24 bytes: with its instant, an entry of the queue has 32, as the C++ event has.
  struct Event {
    var sequence: UInt64
    var payload: (UInt64, UInt64)
  }

  struct Result {
    let seconds: Double
    /// Over the order in which events left.
    let checksum: UInt64
  }

  func runEventQueue<I: Increment>(_ increment: I.Type) -> Result {
    var held = HeldQueue<I>(generator: Generator(state: seed))
    for _ in 0..<pending { held.push(payload: (held.sequence, seed)) }
    held.step(warmUp)
    let clock = ContinuousClock()
    let start = clock.now
    held.step(steps)
    return Result(seconds: (clock.now - start).seconds, checksum: held.checksum)
  }
}

/// The queue under measurement, with the source of its events.
private struct HeldQueue<I: Increment> {
  var queue = EventQueue<Hold.Event>()
  var generator: Generator
  var sequence: UInt64 = 0
  var checksum: UInt64 = 0

  mutating func push(payload: (UInt64, UInt64)) {
    let instant = queue.now + Duration(nanoseconds: I.nanoseconds(generator.next()))
    queue.push(Hold.Event(sequence: sequence, payload: payload), at: instant)
    sequence += 1
  }

  mutating func step(_ count: Int) {
    for _ in 0..<count {
      guard let event = queue.pop() else { return }
      checksum = checksum &* 31 &+ event.sequence
      push(payload: event.payload)
    }
  }
}

extension Swift.Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
