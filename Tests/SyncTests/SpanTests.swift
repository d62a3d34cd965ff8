import Encodings
import Ledger
import Testing

@testable import Sync

@Suite struct SpanTests {
  @Test func `spans that touch are joined`() {
    let set = SpanSet([span(5, 7), span(1, 3), span(3, 5)])
    #expect(set.spans == [span(1, 7)])
  }

  @Test func `what is taken away leaves what lies on both sides`() {
    var set = SpanSet([span(0, 10)])
    set.remove(span(3, 5))
    #expect(set.spans == [span(0, 3), span(5, 10)])
    #expect(set.covers(span(6, 9)))
    #expect(!set.covers(span(2, 4)))
  }

  @Test func `sets behave like sets of seconds`() {
    var jitter = Jitter(seed: 7)
    for _ in 0..<400 {
      var set = SpanSet()
      var seconds: Set<Int64> = []
      for _ in 0..<12 {
        let from = Int64(jitter.next() % 40)
        let to = from + Int64(jitter.next() % 9)
        let range = from..<to
        if jitter.next() % 3 == 0 {
          set.remove(span(from, to))
          seconds.subtract(range)
        } else {
          set.insert(span(from, to))
          seconds.formUnion(range)
        }
        #expect(zip(set.spans, set.spans.dropFirst()).allSatisfy { $0.to < $1.from })
        let held = (0..<60).filter { set.contains(Instant(seconds: $0)) }
        #expect(Set(held.map { Int64($0) }) == seconds)
        #expect(set.seconds == Int64(seconds.count))
      }
    }
  }
}

@Suite struct LaneStateTests {
  @Test func `a state survives being written down`() throws {
    var state = LaneState()
    state.covered = SpanSet([span(1, 5), span(9, 12)])
    state.again = SpanSet([span(2, 3)])
    state.gaps = [SyncGap(span(5, 6), .burst)]
    state.window = 77
    state.pending = [Instant(seconds: 4)]
    state.round = Instant(seconds: 12)
    state.stop = LaneTrouble(.malformed, "$.rows: expected \"an array\"", at: Instant(seconds: 3))
    state.rows = 12
    var task = RangeTask(span(20, 30), isForward: true)
    task.cursor = "a\"b\u{1}"
    task.page = 3
    task.print = .max
    task.carry = [RawRow(key: "x", json: ["a": 1])]
    task.counts = [18_446_744_073_709_551_615: 2]
    task.range = span(22, 30)
    state.task = task
    #expect(LaneState(text: state.text) == state)
  }

  @Test func `anything else begins anew`() {
    for text in ["", "{}", "[1]", "{\"v\":2}", "null", "{\"v\":1"] {
      #expect(LaneState(text: text) == nil)
    }
    // Odd members are no members.
    #expect(LaneState(text: "{\"v\":1,\"covered\":7,\"task\":[],\"rows\":\"x\"}") == LaneState())
  }

  @Test func `mutated states are read or refused and never trap`() throws {
    var state = LaneState()
    state.covered = SpanSet([span(1, 5)])
    state.task = RangeTask(span(20, 30), isForward: false)
    let bytes = Array(state.text.utf8)
    var jitter = Jitter(seed: 3)
    for _ in 0..<2_000 {
      var mutated = bytes
      let place = Int(jitter.next() % UInt64(mutated.count))
      mutated[place] = UInt8(truncatingIfNeeded: jitter.next())
      let read = LaneState(text: String(decoding: mutated, as: UTF8.self))
      #expect(read == nil || read?.rows ?? 0 >= Int.min)
    }
  }

  @Test func `an account's memory survives being written down`() {
    var memo = AccountMemo()
    memo.seen = ["BTC", "\"odd\""]
    memo.parts = ["spot": "123"]
    memo.trouble = LaneTrouble(.key, "gone", at: Instant(seconds: 9))
    #expect(AccountMemo(text: memo.text) == memo)
  }
}
