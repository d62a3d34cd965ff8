import TestSupport
import Testing

@testable import Screens

/// What a few letters find, and in which order.
@Suite struct FuzzyMatchTests {
  static func order(_ text: String, _ all: [String]) -> [String] {
    var choices = Choices(all.map { Choice(.command($0), $0) })
    choices.search(text)
    return (0..<choices.count).compactMap { choices[$0]?.name }
  }

  @Test func `only texts that have all letters in order fit`() {
    #expect(FuzzyMatchTests.order("skc", ["stock", "sack", "quick", "sick c"]) == ["sick c"])
    #expect(FuzzyMatchTests.order("zz", ["sort", "z"]).isEmpty)
    #expect(FuzzyMatchTests.order("", ["b", "a"]) == ["b", "a"])
  }

  @Test func `starts of words come before letters inside them`() {
    #expect(
      FuzzyMatchTests.order("sr", ["history-previous", "sort-reverse", "users"]).first
        == "sort-reverse")
    #expect(FuzzyMatchTests.order("qn", ["unique-name", "quit-now", "sequin"]).first == "quit-now")
  }

  @Test func `letters one after another come before scattered ones`() {
    #expect(
      FuzzyMatchTests.order("ask", ["a big sack", "task", "arsenic k"]).first == "task")
  }

  @Test func `the shorter of two equal fits comes first, the whole text before all`() {
    #expect(FuzzyMatchTests.order("eth", ["ETHFI", "ETHW", "ETH"]) == ["ETH", "ETHW", "ETHFI"])
    #expect(FuzzyMatchTests.order("eth", ["stETH", "ETH", "the"]) == ["ETH", "stETH"])
  }

  @Test func `capitals mean nothing, and every word has to fit`() {
    #expect(
      FuzzyMatchTests.order("KR fl", ["FLR kraken", "FLR binance", "Kraken"]) == ["FLR kraken"])
  }

  @Test func `what stands behind a name is found by its words, after the names`() {
    var choices = Choices([
      Choice(.command("privacy"), "privacy", more: "hide all amounts"),
      Choice(.command("hive"), "hi-dex"), Choice(.command("other"), "other", more: "outside"),
    ])
    choices.search("hide")
    #expect((0..<choices.count).compactMap { choices[$0]?.name } == ["hi-dex", "privacy"])
    choices.search("ide")
    #expect((0..<choices.count).compactMap { choices[$0]?.name } == ["hi-dex"])
  }

  @Test func `the letters that were found are the ones that count`() {
    let pattern = FuzzyPattern("sr")
    #expect(pattern.places(in: FuzzyText("sort-reverse")) == [0, 5])
    #expect(FuzzyPattern("eth").places(in: FuzzyText("stETH")) == [2, 3, 4])
    #expect(FuzzyPattern("x").places(in: FuzzyText("stETH")).isEmpty)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a fit is a subsequence, and its letters spell what was looked for`(_ seed: UInt64) {
    var dice = Seeded(seed)
    let letters = Array("abcAB-1 é漢")
    func word(_ limit: UInt64) -> String {
      String((0..<(dice.next() % limit)).map { _ in letters[Int(dice.next() % 10)] })
    }
    for _ in 0..<2_000 {
      let wanted = word(5)
      let text = word(14)
      let parts = wanted.lowercased().split(separator: " ").map { Array($0.unicodeScalars) }
      let scalars = Array(text.lowercased().unicodeScalars)
      // The plain meaning of the rule, by hand.
      let fits = parts.allSatisfy { part in
        var rest = part[...]
        for scalar in scalars where rest.first == scalar { rest = rest.dropFirst() }
        return rest.isEmpty
      }
      let pattern = FuzzyPattern(wanted)
      let ready = FuzzyText(text)
      #expect((pattern.score(ready) != nil) == fits, "SEED=\(seed) '\(wanted)' in '\(text)'")
      guard fits, parts.count == 1 else { continue }
      let found = pattern.places(in: ready).sorted().map { scalars[$0] }
      #expect(found == parts[0], "SEED=\(seed) '\(wanted)' in '\(text)'")
    }
  }

  @Test func `texts from outside are looked at only so far`() {
    let long = String(repeating: "漢\u{301}", count: 100_000)
    #expect(FuzzyText(long).count == FuzzyText.limit)
    #expect(FuzzyPattern(long).score(FuzzyText("a")) == nil)
    #expect(FuzzyPattern(long).score(FuzzyText(long)) != nil)
    #expect(FuzzyPattern(" \u{0} ").score(FuzzyText("")) == nil)
  }
}
