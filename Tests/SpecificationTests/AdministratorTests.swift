import SimulationKernel
import Testing

@testable import TLSBootstrap

/// When an administrator looks (E.5), and clocks at the ends of their range.
struct AdministratorTests {
  private func cluster(
    _ manual: ApproverSettings.Manual, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Cluster {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.csrapproving = false
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
      change(&scenario)
    }
  }

  @Test func `however many looks are missed, the next one is the next of the grid`() {
    var manual = ApproverSettings.Manual()
    manual.every = .milliseconds(1)
    manual.timePerRequest = .constant(.seconds(100))
    let played = cluster(manual) {
      $0.duration = .seconds(101)
      $0.stop = .duration
    }.play()
    #expect(played.seconds(.administratorDecided) == [100.001])
    #expect(played.seconds(.administratorLooked).prefix(4) == [0, 0.001, 100.002, 100.003])
  }

  @Test func `looks stay on the grid of the first one`() {
    var manual = ApproverSettings.Manual()
    manual.firstLook = .seconds(3)
    manual.every = .seconds(10)
    manual.timePerRequest = .constant(.seconds(25))
    let played = cluster(manual) {
      $0.duration = .seconds(60)
      $0.stop = .duration
    }.play()
    #expect(played.seconds(.administratorLooked) == [3, 33, 43, 53])
  }

  @Test func `a clock before 1970 has weekdays and times of day`() {
    var manual = ApproverSettings.Manual()
    // 1969-12-31 was a Wednesday.
    manual.workingDays = 1 << 3
    manual.workingHours = 32_400..<61_200
    let day: Int64 = 86_400
    #expect(manual.isAtWork(at: -day + 32_400))
    #expect(!manual.isAtWork(at: -day + 32_399))
    #expect(!manual.isAtWork(at: -2 * day + 32_400))
    #expect(manual.isAtWork(at: -8 * day + 61_199))
    #expect(!manual.isAtWork(at: 32_400))
    #expect(manual.rest(from: -day + 32_000) == 400)
    #expect(manual.rest(from: -2 * day + 32_000) == day - 32_000)
  }

  @Test func `working hours over midnight belong to the day on which they begin`() {
    var manual = ApproverSettings.Manual()
    // 22:00 to 06:00 of Thursday; 1970-01-01 was one.
    manual.workingDays = 1 << 4
    manual.workingHours = 79_200..<108_000
    let day: Int64 = 86_400
    #expect(!manual.isAtWork(at: 3_600))
    #expect(!manual.isAtWork(at: 79_199))
    #expect(manual.isAtWork(at: 79_200))
    #expect(manual.isAtWork(at: day))
    #expect(manual.isAtWork(at: day + 21_599))
    #expect(!manual.isAtWork(at: day + 21_600))
    #expect(!manual.isAtWork(at: day + 79_200))
    #expect(manual.rest(from: 3_600) == 75_600)
  }

  @Test func `who works from 22:00 to 06:00 looks before and after midnight`() {
    var manual = ApproverSettings.Manual()
    manual.every = .hours(2)
    manual.workingHours = 79_200..<108_000
    let played = cluster(manual) {
      $0.duration = .days(1)
      $0.stop = .duration
    }.play()
    #expect(played.seconds(.administratorLooked).map { $0 / 3_600 } == [0, 2, 4, 22, 24])
  }

  @Test func `an administrator whose clock reads before 1970 approves`() {
    let played = cluster(ApproverSettings.Manual()) { scenario in
      scenario.start = 31_536_000_000_000_000
      scenario.approvers[0].clock.offset = .days(-400)
    }.play()
    #expect(played.all(.administratorDecided).count == 1)
  }

  // MARK: Clocks

  @Test func `a reading that a slow clock never shows in a run comes never`() {
    let start: Int64 = 1_767_225_600_000_000_000
    let clock = Clock(start: start, skew: ClockSkew(driftPPB: -100_000_000))
    // 2261-01-01T00:00:00Z.
    #expect(clock.instant(of: 9_183_110_400_000_000_000, notBefore: .zero) == .never)
    let shown = clock.instant(of: start + 90_000_000_000, notBefore: .zero)
    #expect(shown == .zero + .seconds(100))
  }

  // MARK: Events

  @Test func `a run ends before its events can no longer be numbered`() {
    var scenario = Cluster.kubeadm(nodes: 2_000).scenario
    scenario.stop = .duration
    scenario.duration = .days(30)
    var world = World(scenario)
    world.mostEvents = 1_000
    #expect(world.run() == .tooManyEvents)
    #expect(world.eventCount >= 1_000 && world.now < .zero + .days(30))
  }
}
