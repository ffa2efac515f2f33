/// Deals each flow a hand of queues, so that one busy flow leaves others a queue of their own (K.3).
enum ShuffleSharding {
  /// Up to eight queues; the first `size` are the hand.
  typealias Hand = SIMD8<UInt8>

  /// `size` different queues out of `queues`.
  ///
  /// Each card takes what is left of the hash modulo the cards that are left in the deck.
  /// Source: k8s.io/apiserver `util/shufflesharding`.
  static func hand(of hash: UInt64, size: Int, queues: Int) -> Hand {
    var rest = hash
    var remainders = Hand()
    var hand = Hand()
    for card in 0..<size {
      let deck = UInt64(queues - card)
      remainders[card] = UInt8(rest % deck)
      rest /= deck
      var queue = remainders[card]
      for earlier in stride(from: card - 1, through: 0, by: -1)
      where queue >= remainders[earlier] {
        queue += 1
      }
      hand[card] = queue
    }
    return hand
  }
}
