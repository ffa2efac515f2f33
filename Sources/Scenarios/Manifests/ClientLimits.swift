/// `--kube-api-qps` and `--kube-api-burst` of kube-controller-manager (protocol.md A.11, J.5).
struct ClientLimits {
  let milliQPS: Located<Int64>?
  private(set) var burst: Located<Int64>?

  /// Of a client that has neither a rate nor a burst. Source: client-go rest `DefaultBurst`, 10.
  private static let defaultBurst: Int64 = 10

  init(_ flags: inout ExtraArguments, _ reading: Reading) {
    let burst = flags.take("kube-api-burst")
    milliQPS = flags.take("kube-api-qps").flatMap { reading.clientRate($0, "--kube-api-qps") }
    guard let burst else { return }
    guard burst.text == "0" else {
      self.burst = reading.integer(burst, "--kube-api-burst", in: 1...1_000_000_000)
      return
    }
    if milliQPS?.value ?? 1 > 0 {
      // Source: client-go kubernetes/clientset.go, “burst is required to be greater than 0 when …”.
      reading.fail(
        burst.place,
        "--kube-api-burst is 0 beside a rate, so kube-controller-manager would not start",
        cure: "give at least 1")
    } else {
      self.burst = Located(Self.defaultBurst, at: burst.place)
    }
  }
}
