import TestSupport
import Testing

@testable import Canvas

@Suite struct TextTests {
  // EastAsianWidth.txt of Unicode 14.0.0: Na, A, H are one column; W, F two.
  @Test(arguments: [
    ("A", 1), ("é", 1), ("α", 1), ("─", 1), ("▲", 1), ("⠿", 1), ("ｱ", 1), ("Ａ", 2), ("日", 2),
    ("가", 2), ("😀", 2), ("。", 2), ("½", 1),
  ])
  func `width follows East Asian Width with ambiguous as one`(text: String, columns: Int) {
    #expect(TextWidth.of(text) == columns)
  }

  @Test func `a combining mark has no width and at most two stay on a base`() throws {
    #expect(TextWidth.of("e\u{301}") == 1)
    let glyphs = Sanitiser.glyphs("e\u{301}\u{302}\u{303}\u{304}", columns: 9, set: .unicode)
    #expect(glyphs.map(\.text) == ["e\u{301}\u{302}"])
  }

  /// Ways to make a terminal do something, as in the corpus of vercel/ai issue 20052.
  static let attacks = [
    "\u{1B}]52;c;cHduZWQ=\u{7}", "\u{1B}]0;title\u{1B}\\", "\u{1B}]8;;http://x\u{7}link",
    "\u{1B}P1$r0m\u{1B}\\", "\u{1B}_apc\u{1B}\\", "\u{1B}^pm\u{1B}\\", "\u{1B}Xsos\u{1B}\\",
    "\u{1B}[2J\u{1B}[H", "\u{1B}[6n", "\u{1B}[c", "\u{1B}c", "\u{1B}]52;c;unterminated",
    "\u{9B}2J", "\u{9D}0;t\u{9C}", "\u{90}q\u{9C}", "\u{7}\u{8}\u{7F}", "a\rb\nc\td",
  ]

  @Test(arguments: attacks) func `no control survives`(text: String) {
    let line = Sanitiser.line(text)
    #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
  }

  @Test(arguments: [
    "US\u{200B}DC", "US\u{200D}DC", "US\u{FEFF}DC", "\u{202E}CDSU", "USDC\u{200F}", "US\u{AD}DC",
    "USD\u{E0043}C", "USDC\u{FE0F}", "US\u{2060}DC", "USDC\u{E000}", "US\u{034F}DC", "USDC\u{3164}",
    "USDC\u{2066}", "USDC\u{61C}",
  ])
  func `a name with something hidden never looks like the name`(text: String) {
    #expect(Sanitiser.line(text).contains("\u{FFFD}"))
  }

  @Test func `white space is a space, a run of refused characters one sign`() {
    #expect(Sanitiser.line("a\u{A0}b\u{3000}c\u{2028}d\te") == "a b c d e")
    #expect(Sanitiser.line("a\u{1}\u{2}\u{3}b") == "a\u{FFFD}b")
    #expect(Sanitiser.line("⚠\u{FE0F}") == "⚠")
  }

  @Test func `a long text ends in an ellipsis within its columns`() {
    #expect(Sanitiser.line("Bitcoin", columns: 4) == "Bit…")
    #expect(Sanitiser.line("日本語", columns: 5) == "日本…")
    #expect(Sanitiser.line("日本語", columns: 4) == "日… ")
    #expect(Sanitiser.line("日本", columns: 1) == "…")
    #expect(Sanitiser.line("x", columns: 0) == "")
    let ascii = Sanitiser.glyphs("Bitcoin", columns: 4, set: .ascii)
    #expect(ascii.map(\.text).joined() == "Bit~")
  }

  @Test(arguments: 0..<300) func `any text becomes printable graphemes of known width`(
    seed: UInt64
  ) {
    var random = Seeded(seed)
    let text = random.text(upTo: 60)
    let columns = Int.random(in: 0...40, using: &random)
    for set in GlyphSet.allCases {
      let glyphs = Sanitiser.glyphs(text, columns: columns, set: set)
      #expect(glyphs.reduce(0) { $0 + $1.width } <= columns, "SEED=\(seed)")
      for glyph in glyphs {
        #expect([1, 2].contains(glyph.width) && glyph.text.unicodeScalars.count <= 3)
        for scalar in glyph.text.unicodeScalars {
          // Swift's own Unicode tables are the oracle; what they do not know yet is let be.
          switch scalar.properties.generalCategory {
          case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator:
            Issue.record("U+\(String(scalar.value, radix: 16)) came through, SEED=\(seed)")
          default: break
          }
          if set == .ascii { #expect(scalar.value < 0x7F, "SEED=\(seed)") }
        }
      }
    }
  }

  @Test func `every code point has the kind its category says`() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let kind = TextWidth.kind(of: scalar)
      switch scalar.properties.generalCategory {
      case .control, .format, .privateUse, .surrogate, .lineSeparator, .paragraphSeparator:
        #expect(kind == .refused, "U+\(String(value, radix: 16))")
      case .nonspacingMark, .enclosingMark:
        #expect(kind == .mark || kind == .refused, "U+\(String(value, radix: 16))")
      case .spaceSeparator: #expect(kind == .blank)
      default: break
      }
    }
  }

  @Test func `every sign has an ASCII form of the same width`() {
    for symbol in Symbol.allCases {
      #expect(GlyphSet.ascii[symbol].codes.base < 0x7F)
      #expect(TextWidth.of(GlyphSet.unicode.text(symbol)) == 1)
    }
    let text = "▲1 ▼2 — é 日"
    let shown = Sanitiser.glyphs(text, columns: 20, set: .ascii).map(\.text).joined()
    #expect(shown == "^1 v2 - ? ??")
  }
}
