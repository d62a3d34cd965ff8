import Testing

@testable import Terminal

/// When a client draws and listens, on a clock of its own.
@Suite struct FramePaceTests {
  @Test func `the first frame and the answer to a key come at once`() {
    var pace = FramePace()
    #expect(pace.frameDue(at: 5_000) <= 5_000)
    pace.drew(at: 5_000)
    #expect(pace.frameDue(at: 6_000) == 5_000 + FramePace.calm)
    pace.keyCame(at: 6_000)
    #expect(pace.frameDue(at: 6_000) <= 6_000)
    pace.drew(at: 6_000)
    // While somebody types, figures go on at 30 frames a second.
    #expect(pace.frameDue(at: 7_000) == 6_000 + FramePace.lively)
    #expect(pace.listensAt(7_000, isWaiting: false) <= 7_000)
  }

  @Test func `figures that move are drawn a few times a second while nobody types`() {
    var pace = FramePace()
    var (frames, wakes, now): (Int, Int, Int64) = (0, 0, 1_000_000)
    let end = now + 10_000_000
    // A message every 13 ms; the loop wakes when it may listen, takes all of them and draws once.
    while now < end {
      let listens = pace.listensAt(now, isWaiting: false)
      guard listens <= now else {
        now = listens
        continue
      }
      wakes += 1
      if pace.frameDue(at: now) <= now {
        pace.drew(at: now)
        frames += 1
      }
      now += 13_000
    }
    #expect(frames == 40 && wakes <= 41)
  }

  @Test func `an answer that is waited for is not held back`() {
    var pace = FramePace()
    pace.drew(at: 1_000_000)
    #expect(pace.listensAt(1_000_001, isWaiting: true) <= 1_000_001)
    #expect(pace.listensAt(1_000_001, isWaiting: false) == 1_000_000 + FramePace.calm)
  }

  @Test func `a storm of sizes is drawn when it rests, and four times a second while it lasts`() {
    var pace = FramePace()
    var (frames, now): (Int, Int64) = (0, 1_000_000)
    pace.drew(at: now)
    // 200 sizes in two seconds.
    for _ in 0..<200 {
      now += 10_000
      pace.resized(at: now)
      if pace.frameDue(at: now) <= now {
        pace.drew(at: now)
        frames += 1
      }
    }
    #expect((7...8).contains(frames))
    pace.resized(at: now)
    #expect(pace.frameDue(at: now) == now + FramePace.rest)
  }

  @Test func `a clock that jumps back holds nothing up`() {
    var pace = FramePace()
    pace.keyCame(at: 90_000_000)
    pace.drew(at: 90_000_000)
    #expect(pace.frameDue(at: 1_000_000) <= 1_000_000 + FramePace.calm)
    #expect(pace.listensAt(1_000_000, isWaiting: false) <= 1_000_000 + FramePace.calm)
    pace.resized(at: 90_000_001)
    #expect(pace.frameDue(at: 1_000_000) <= 1_000_000 + FramePace.calm)
  }
}
