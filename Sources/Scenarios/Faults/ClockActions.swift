import SimulationKernel
import TLSBootstrap

let clockActions: [FaultAction] = [
  FaultAction(
    "time-offset", "A clock is stepped by `timeOffset`.", keys: ["on", "replica", "timeOffset"],
    hits: .nodesOrComponent, end: "until it is stepped back"
  ) { fault in
    guard fault.section["timeOffset"] != nil else {
      fault.reading.fail(
        fault.section.place, "`time-offset` lacks `timeOffset`",
        cure: "give how far the clock is stepped, such as `-10m`")
      return nil
    }
    let least = Duration(nanoseconds: .min)
    guard let offset = fault.section.duration("timeOffset", least: least) else { return nil }
    let most = ClockReader.greatestOffset
    guard -most...most ~= offset.value else {
      fault.reading.fail(
        offset.place, "an offset of more than 20 years", cure: "give a smaller offset")
      return nil
    }
    return fault.clock(ClockFault(offset: offset.value))
  },
  FaultAction(
    "time-drift", "A clock gains `drift` more from then on.", keys: ["on", "replica", "drift"],
    hits: .nodesOrComponent, end: "until it goes as before; what it gained stays"
  ) { fault in
    guard let drift = fault.section["drift"] else {
      fault.reading.fail(
        fault.section.place, "`time-drift` lacks `drift`", cure: "give it, such as `50ppm`")
      return nil
    }
    guard let drift = fault.reading.drift(drift, "drift") else { return nil }
    return fault.clock(ClockFault(driftPPB: drift))
  },
]

extension FaultSection {
  /// `on:`, whose clock.
  fileprivate func clock(_ clock: ClockFault) -> Fault? {
    guard let on = section["on"]?.text else {
      if section["replica"] != nil {
        reading.fail(
          section.place(of: "replica"), "nodes have no replicas",
          cure: "remove it, or add `on: kube-apiserver`")
      }
      return nodes().map { .nodeClock($0, clock) }
    }
    if on == "kube-apiserver" {
      return replica(of: scenario.apiServer.replicas).map { .serverClock(clock, replica: $0) }
    }
    let components = [("kube-apiserver", false), ("kube-controller-manager", true)]
    guard section.choice("on", components)?.value == true else { return nil }
    if section["replica"] != nil {
      reading.fail(
        section.place(of: "replica"), "all controller-managers go by one clock", cure: "remove it")
    }
    return .managerClock(clock)
  }
}
