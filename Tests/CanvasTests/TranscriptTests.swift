import Testing

@testable import Canvas

/// A frame in words, for those who do not see it.
@Suite struct TranscriptTests {
  private func told(_ width: Int = 60, _ height: Int = 20) -> Frame {
    Frame(size: Size(width: width, height: height), isTold: true)
  }

  @Test(arguments: [
    ("~1,204.00", "1,204.00, stale"), ("?51.01k", "51.01k, not all known"),
    ("-1,402?", "-1,402, not all known"), ("+0.02%*", "+0.02%, partial"), ("?", "unknown"),
    ("▲+1.42", "+1.42"), ("·+0.00", "+0.00"), ("██████  │", ""), ("⣀⡀ ⢸⠙", ""),
    ("± 12", "12, disputed"), ("a  b   c", "a b c"), ("What is it?", "What is it?"), ("", ""),
  ])
  func `signs beside figures become words, pictures nothing`(_ text: String, _ said: String) {
    #expect(Transcript.words(text) == said)
  }

  @Test func `what stands in a pane is said under its title, from the top to the bottom`() {
    var frame = told()
    frame.put("Header", at: Point(x: 0, y: 0))
    let left = frame.box(Rect(x: 0, y: 1, width: 30, height: 6), title: "Left", footer: "2 rows")
    let right = frame.box(Rect(x: 30, y: 1, width: 30, height: 6), title: "Right")
    frame.put("low", at: Point(x: right.x, y: right.y + 3))
    frame.put("second", at: Point(x: left.x, y: left.y + 1))
    frame.put("first", at: left.origin)
    frame.put("beside", at: Point(x: left.x + 10, y: left.y))
    frame.put("high", at: right.origin)
    let said = frame.transcript?.lines
    #expect(
      said == [
        "Header", "", "Left", "first beside", "second", "(2 rows)", "", "Right", "high", "low",
      ])
    #expect(Frame(size: Size(width: 4, height: 1)).transcript == nil)
  }

  @Test func `what is for eyes alone is not said, and lines stand for themselves`() {
    var frame = told()
    frame.untold { $0.put("**  *", at: .zero) }
    frame.tell(["BTC, Value: 1", "BTC, Wt%: 2"], at: Point(x: 0, y: 1))
    frame.put("after", at: Point(x: 20, y: 1))
    #expect(frame.transcript?.lines == ["BTC, Value: 1", "BTC, Wt%: 2", "after"])
  }

  @Test func `a window says where it stands in the whole`() {
    var frame = told()
    frame.box(Rect(x: 0, y: 4, width: 20, height: 5), title: "Pane")
    frame.inside(Rect(x: 2, y: 5, width: 10, height: 3)) { part in
      part.put("inside", at: .zero)
      part.put("\u{1B}[31mevil", at: Point(x: 0, y: 1))
    }
    frame.put("above", at: Point(x: 0, y: 0))
    #expect(frame.transcript?.lines == ["above", "", "Pane", "inside", "\u{FFFD}[31mevil"])
  }
}
