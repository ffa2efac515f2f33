#if canImport(Glibc)
  import Glibc
#endif

/// Memory for a run in large pages, where the kernel gives them to who asks.
///
/// The first touch of each small page is a fault; some 1,300 of them took 5 % of the time of the
/// 5,000-worker run.
enum LargePages {
  /// Smaller runs need few pages; the arrays of larger ones are no part of malloc's heap, as it maps blocks
  /// of 32 MiB and more by themselves.
  private static let nodes = 2_000...20_000
  /// Source: results/whole-runs.md, with room for the trace.
  private static let bytesPerNode = 1_500
  /// Of x86-64, and of arm64 with small pages of 4 KiB.
  private static let pageSize = 2 << 20

  /// Extends the heap by what so many nodes need, and asks for large pages there.
  static func reserve(nodes count: Int) {
    #if canImport(Glibc)
      guard nodes.contains(count) else { return }
      let size = count * bytesPerNode + 2 * pageSize
      // malloc maps the first block by itself, and learns from its return to take such blocks from the heap,
      // where the second stays.
      _ = askForPages(size)
      // What is in front of the first large page is never used.
      smallPages = malloc(askForPages(size))
    #endif
  }

  #if canImport(Glibc)
    nonisolated(unsafe) private static var smallPages: UnsafeMutableRawPointer?

    /// Returns how much of a block that was free is in front of its first large page.
    private static func askForPages(_ size: Int) -> Int {
      guard let block = malloc(size) else { return 0 }
      let start = (Int(bitPattern: block) + pageSize - 1) & ~(pageSize - 1)
      let end = (Int(bitPattern: block) + size) & ~(pageSize - 1)
      // Where it is refused, all stays as it was.
      _ = madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE)
      free(block)
      return start - Int(bitPattern: block)
    }
  #endif
}
