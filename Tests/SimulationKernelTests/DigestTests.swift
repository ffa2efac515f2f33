import SimulationKernel
import Testing

@Suite struct DigestTests {
  @Test func `the digest of known words never changes`() {
    var digest = Digest()
    #expect(digest.text == "ee6a9ea029f09108b5236d46c956711d")
    digest.absorb(1)
    digest.absorb(.max)
    digest.absorb("bootsim".utf8)
    #expect(digest.text == "f2503b3b6a72f87da6ddca3b8ec857be")
  }

  @Test func `one flipped bit of any word changes every digest`() {
    let words: [UInt64] = [0, 1, .max, 0x0123_4567_89AB_CDEF]
    var seen: Set<String> = [text(of: words)]
    for index in words.indices {
      for bit in 0..<64 {
        var flipped = words
        flipped[index] ^= 1 << UInt64(bit)
        seen.insert(text(of: flipped))
      }
    }
    #expect(seen.count == 1 + 4 * 64)
  }

  @Test func `about half of the digest's bits follow each bit of its input`() {
    var changed = 0
    for bit in 0..<64 {
      changed += differingBits(text(of: [5, 6, 7]), text(of: [5, 6 ^ (1 << UInt64(bit)), 7]))
    }
    #expect((60...68).contains(changed / 64))
  }

  @Test func `the digest of known pairs never changes`() {
    var digest = Digest()
    digest.absorb(1, .max)
    digest.absorb(0, 0x0123_4567_89AB_CDEF)
    #expect(digest.text == "395997298acf6a6b51f88fc09f714a91")
  }

  @Test func `one flipped bit of any pair changes about half of the bits of every digest`() {
    let words: [UInt64] = [0, 1, .max, 0x0123_4567_89AB_CDEF]
    let whole = text(ofPairs: words)
    var seen: Set<String> = [whole]
    var changed = 0
    for index in words.indices {
      for bit in 0..<64 {
        var flipped = words
        flipped[index] ^= 1 << UInt64(bit)
        let text = text(ofPairs: flipped)
        seen.insert(text)
        changed += differingBits(text, whole)
      }
    }
    #expect(seen.count == 1 + 4 * 64)
    #expect((60...68).contains(changed / (4 * 64)))
  }

  @Test func `swapped words and swapped pairs change it`() {
    let orders: [[UInt64]] = [
      [1, 2, 3, 4], [2, 1, 3, 4], [1, 2, 4, 3], [3, 4, 1, 2], [1, 3, 2, 4],
    ]
    #expect(Set(orders.map { text(ofPairs: $0) }).count == orders.count)
    #expect(text(ofPairs: [1, 2]) != text(of: [1, 2]))
  }

  @Test func `pairs of zeros count, and words that meet what the digest holds`() {
    var digest = Digest()
    var seen: Set<String> = [digest.text]
    for _ in 0..<1_000 {
      digest.absorb(0, 0)
      seen.insert(digest.text)
    }
    #expect(seen.count == 1_001)
    // The first word is what the first lane begins with, which makes its product zero.
    for second: UInt64 in 0..<100 { seen.insert(text(ofPairs: [0x243F_6A88_85A3_08D3, second])) }
    #expect(seen.count == 1_101)
  }

  @Test func `two swapped words change it`() {
    #expect(text(of: [1, 2, 3]) != text(of: [1, 3, 2]))
    #expect(text(of: [1, 2, 3]) != text(of: [2, 1, 3]))
  }

  @Test func `a prefix has another digest`() {
    var digest = Digest()
    var seen: Set<String> = [digest.text]
    for _ in 0..<1_000 {
      digest.absorb(0)
      seen.insert(digest.text)
    }
    #expect(seen.count == 1_001)
  }

  @Test func `bytes count with their length and in their order`() {
    var seen: Set<String> = []
    for length in 0..<40 { seen.insert(text(ofBytes: [UInt8](repeating: 0, count: length))) }
    for length in 1..<40 { seen.insert(text(ofBytes: [UInt8](repeating: 1, count: length))) }
    seen.insert(text(ofBytes: [1, 2]))
    seen.insert(text(ofBytes: [2, 1]))
    #expect(seen.count == 40 + 39 + 2)
  }

  @Test func `texts that meet at another place are told apart`() {
    var left = Digest()
    left.absorb("ab".utf8)
    left.absorb("c".utf8)
    var right = Digest()
    right.absorb("a".utf8)
    right.absorb("bc".utf8)
    #expect(left != right)
  }

  @Test func `it has 32 hexadecimal digits`() {
    for word in 0..<1_000 as Range<UInt64> {
      let text = text(of: [word])
      #expect(text.utf8.count == 32)
      #expect(text.allSatisfy { "0123456789abcdef".contains($0) })
    }
  }

  private func text(ofPairs words: [UInt64]) -> String {
    var digest = Digest()
    for place in stride(from: 0, to: words.count, by: 2) {
      digest.absorb(words[place], words[place + 1])
    }
    return digest.text
  }

  private func text(of words: [UInt64]) -> String {
    var digest = Digest()
    for word in words { digest.absorb(word) }
    return digest.text
  }

  private func text(ofBytes bytes: [UInt8]) -> String {
    var digest = Digest()
    digest.absorb(bytes)
    return digest.text
  }

  private func differingBits(_ left: String, _ right: String) -> Int {
    zip(left, right).reduce(0) { sum, pair in
      sum + ((pair.0.hexDigitValue ?? 0) ^ (pair.1.hexDigitValue ?? 0)).nonzeroBitCount
    }
  }
}
