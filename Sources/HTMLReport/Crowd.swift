import SimulationKernel

/// How many of something there are at once, in equal parts of time.
struct Crowd {
  /// By the end of each part.
  private(set) var last: [Int] = []
  /// The most within each part.
  private(set) var most: [Int] = []

  /// - Parameters:
  ///   - starts: when each came, and `ends` when each went, in any order; who never went has no end.
  ///   - part: in which an instant is.
  init(_ starts: [Instant], _ ends: [Instant], parts: Int, part: (Instant) -> Int) {
    let (starts, ends) = (starts.sorted(), ends.sorted())
    var (come, gone) = (0, 0)
    for number in 0..<parts {
      var most = come - gone
      while come < starts.count, part(starts[come]) <= number {
        // Who goes when another comes was not there with it.
        while gone < ends.count, ends[gone] <= starts[come], gone < come { gone += 1 }
        come += 1
        most = max(most, come - gone)
      }
      while gone < ends.count, part(ends[gone]) <= number { gone += 1 }
      last.append(max(0, come - gone))
      self.most.append(most)
    }
  }
}
