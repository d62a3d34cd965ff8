import TestSupport
import Testing

@testable import Canvas

@Suite struct InputTests {
  private func decoded(_ text: String) -> [String] {
    var decoder = InputDecoder()
    return decoder.feed(Array(text.utf8)).map(shown)
  }

  private func shown(_ event: InputEvent) -> String {
    switch event {
    case .key(let key): key.description
    case .paste(let text, let isCut): "paste(\(text))" + (isCut ? "…" : "")
    case .mouse(let mouse):
      "mouse(\(mouse.button),\(mouse.place.x),\(mouse.place.y),\(mouse.isPressed))"
    case .focus(let isIn): "focus(\(isIn))"
    case .endOfInput: "end"
    }
  }

  // XTerm Control Sequences, "PC-Style Function Keys" and "VT220-Style Function Keys"; rxvt(7)
  // KEY SYMBOLS; console_codes(4); fixterms for CSI u.
  @Test(arguments: [
    ("j", "j"), ("\r", "<CR>"), ("\t", "<Tab>"), ("\u{7F}", "<BS>"), ("\u{8}", "<C-h>"),
    ("\u{1}", "<C-a>"), ("\u{0}", "<C-Space>"), ("\u{1A}", "<C-z>"), ("\u{1C}", "<C-\\>"),
    ("\u{1E}", "<C-^>"), (" ", "<Space>"), ("é", "é"), ("日", "日"), ("😀", "😀"),
    ("\u{1B}[A", "<Up>"), ("\u{1B}OA", "<Up>"), ("\u{1B}[1;5C", "<C-Right>"),
    ("\u{1B}[1;2D", "<S-Left>"), ("\u{1B}[1;3B", "<M-Down>"), ("\u{1B}[H", "<Home>"),
    ("\u{1B}[4~", "<End>"), ("\u{1B}[5~", "<PgUp>"), ("\u{1B}[6;5~", "<C-PgDn>"),
    ("\u{1B}[3~", "<Del>"), ("\u{1B}[2~", "<Ins>"), ("\u{1B}[Z", "<S-Tab>"), ("\u{1B}OP", "<F1>"),
    ("\u{1B}[11~", "<F1>"), ("\u{1B}[15~", "<F5>"), ("\u{1B}[24~", "<F12>"),
    ("\u{1B}[[A", "<F1>"), ("\u{1B}[[E", "<F5>"), ("\u{1B}[7~", "<Home>"), ("\u{1B}[8^", "<C-End>"),
    ("\u{1B}[5$", "<S-PgUp>"), ("\u{1B}[a", "<S-Up>"), ("\u{1B}Oa", "<C-Up>"),
    ("\u{1B}x", "<M-x>"), ("\u{1B}\u{1B}[A", "<M-Up>"), ("\u{1B}\u{7F}", "<M-BS>"),
    ("\u{1B}[105;5u", "<C-i>"), ("\u{1B}[27;5;109~", "<C-m>"), ("\u{1B}[97;1:1u", "a"),
    ("\u{1B}OM", "<CR>"), ("\u{1B}Oq", "1"), ("\u{1B}[I", "focus(true)"),
    ("\u{1B}[O", "focus(false)"), ("\u{1B}[<0;3;5M", "mouse(0,2,4,true)"),
    ("\u{1B}[<65;1;1m", "mouse(65,0,0,false)"), ("\u{1B}[M !!", "mouse(0,0,0,true)"),
  ])
  func `keys of all terminals are known`(bytes: String, name: String) {
    #expect(decoded(bytes) == [name])
  }

  @Test(arguments: [
    "\u{1B}[?1;2c", "\u{1B}[>41;354;0c", "\u{1B}[0n", "\u{1B}[24;80R", "\u{1B}[?2026;1$y",
    "\u{1B}]11;rgb:0000/0000/0000\u{7}", "\u{1B}]11;rgb:00/00/00\u{1B}\\",
    "\u{1B}P1+r524742\u{1B}\\",
    "\u{1B}_Gi=1;OK\u{1B}\\", "\u{1B}^x\u{1B}\\", "\u{1B}Xq\u{1B}\\", "\u{1B}[8;24;80t",
    "\u{1B}[97;1:3u", "\u{1B}[?997;1n", "\u{1B}[99~", "\u{1B}[=q", "\u{C2}\u{9B}",
  ])
  func `replies and unknown sequences are swallowed whole`(bytes: String) {
    #expect(decoded(bytes + "k") == ["k"] || bytes == "\u{C2}\u{9B}")
    for cut in 1..<max(2, bytes.utf8.count) {
      var decoder = InputDecoder()
      var events = decoder.feed(bytes.utf8.prefix(cut))
      if decoder.expiryMilliseconds != 25 { events += decoder.feed(bytes.utf8.dropFirst(cut)) }
      #expect(!events.contains(.key(.character("q"))) && !events.contains(.key(.character("c"))))
    }
  }

  @Test func `a lone Escape is a key after its time, a begun sequence is dropped`() {
    var decoder = InputDecoder()
    #expect(decoder.expiryMilliseconds == nil)
    #expect(decoder.feed([0x1B]).isEmpty)
    #expect(decoder.expiryMilliseconds == 25)
    #expect(decoder.expire().map(shown) == ["<Esc>"])
    #expect(decoder.feed(Array("\u{1B}]11;rgb".utf8)).isEmpty)
    #expect(decoder.expiryMilliseconds == 1_000)
    #expect(decoder.expire().isEmpty)
    #expect(decoder.feed(Array("q".utf8)).map(shown) == ["q"])
    #expect(decoder.feed([0xE6]).isEmpty)
    #expect(decoder.expire().map(shown) == ["\u{FFFD}"])
  }

  @Test func `an unterminated string is given up after its bound`() {
    var decoder = InputDecoder()
    let text = "\u{1B}]" + String(repeating: "x", count: InputDecoder.sequenceLimit + 1) + "j"
    #expect(decoder.feed(Array(text.utf8)).map(shown).last == "j")
  }

  @Test func `a paste is one line of text, however dangerous`() {
    #expect(
      decoded("\u{1B}[200~:quit\r\u{1B}[31mq\u{1B}[201\u{1B}[201~x")
        == ["paste(:quit \u{FFFD}[31mq\u{FFFD}[201)", "x"])
    #expect(decoded("\u{1B}[201~j") == ["j"])
  }

  @Test func `a long paste is cut at its bound and ends where it ends`() {
    var decoder = InputDecoder()
    let text = String(repeating: "a", count: InputDecoder.pasteLimit + 500)
    let events = decoder.feed(Array("\u{1B}[200~\(text)\u{1B}[201~q".utf8))
    guard case .paste(let pasted, let isCut) = events.first else {
      Issue.record("no paste")
      return
    }
    #expect(isCut && pasted.count == InputDecoder.pasteLimit)
    #expect(events.count == 2)
  }

  @Test func `the terminal's own erase byte is Backspace`() {
    var decoder = InputDecoder(erase: 8)
    #expect(decoder.feed([8, 0x7F]).map(shown) == ["<BS>", "<BS>"])
  }

  @Test(arguments: 0..<500) func `random bytes never trap and may be cut anywhere`(seed: UInt64) {
    var random = Seeded(seed)
    let pieces: [[UInt8]] = [
      [0x1B], [0x1B, 0x5B], [0x1B, 0x4F], [0x1B, 0x5D], [0x1B, 0x50], Array("\u{1B}[200~".utf8),
      Array("\u{1B}[201~".utf8), Array("1;5".utf8), [0x7E], [0x07], [0x9B], [0xE6, 0x97], [0x18],
      Array("\u{1B}[<0;".utf8), Array("\u{1B}[M".utf8), Array("日".utf8),
    ]
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...60, using: &random) {
      if Bool.random(using: &random) {
        bytes += pieces[Int.random(in: 0..<pieces.count, using: &random)]
      } else {
        bytes.append(UInt8.random(in: 0...255, using: &random))
      }
    }
    var whole = InputDecoder()
    let expected = whole.feed(bytes) + whole.expire()
    var cut = InputDecoder()
    var events: [InputEvent] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...rest.count, using: &random)
      events += cut.feed(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    #expect(events + cut.expire() == expected, "SEED=\(seed)")
    // Whatever came before, two idle times later a key is a key.
    #expect(cut.feed([0x6A]) == [.key(.character("j"))], "SEED=\(seed)")
  }
}
