import Amounts
import Ledger
import Lots
import Testing
import Vault
import Wire

@testable import Engine

/// How an account's sales take lots where none are named.
@Suite struct LotInstructionTests {
  /// Two lots at 2 and 5, and sales on day 3.5 (ten for 100) and day 4.5 (five for 50).
  private static func report(
    _ instructions: [LotInstruction], picks: [LotPick] = [], method: String = "specific",
    knownAt: Double? = nil
  ) throws -> LotReport {
    try LotPickTests.report(
      picks, method: method, instructions: instructions, knownAt: knownAt.map { time($0) })
  }

  private static func time(_ day: Double) -> Instant {
    LedgerText.day(1).start.advanced(bySeconds: Int64((day - 1) * 86_400))
  }

  private static func instruction(
    _ id: Int64 = 1, _ method: LotInstruction.Method = .hifo, from: Double, made: Double,
    withdrawn: Double? = nil, account: String = "kraken"
  ) -> LotInstruction {
    LotInstruction(
      id: id, account: AccountID(named: account), method: method, from: time(from),
      time: time(made), author: "anna", withdrawn: withdrawn.map { time($0) })
  }

  /// Gains and what chose the lots of each sale.
  private static func outcome(
    _ instructions: [LotInstruction], picks: [LotPick] = [], method: String = "specific",
    knownAt: Double? = nil
  ) throws -> [String] {
    let rules = try #require(GainRules(method: method, scope: nil))
    let choices = LotChoices(rules, picks: picks, instructions: instructions)
    return try report(instructions, picks: picks, method: method, knownAt: knownAt)
      .disposals.map { sale in
        let words = sale.matches.map { match in
          let choice = choices.words(match, of: sale)
          return [choice.word, choice.order, choice.isLate ? "late" : "", choice.note]
            .filter { !$0.isEmpty }.joined(separator: " ")
        }
        return "\(sale.gain?.text ?? "?"): \(words.joined(separator: ", "))"
      }
  }

  /// 100 - 10 · 5 and 50 - 5 · 5 by the dearest; 100 - 10 · 2 and then 50 - 5 · 5 by the earliest.
  @Test func `an instruction that was recorded before the sale chooses its lots`() throws {
    let early = LotInstructionTests.instruction(from: 3, made: 3)
    #expect(
      try LotInstructionTests.outcome([early]) == [
        "50: standing hifo instruction 1", "25: standing hifo instruction 1",
      ])
    // At the very moment of the sale is not after it.
    let same = LotInstructionTests.instruction(from: 3.5, made: 3.5)
    #expect(try LotInstructionTests.outcome([same]).first == "50: standing hifo instruction 1")
    #expect(
      try LotInstructionTests.outcome([early], method: "fifo") == [
        "80: method fifo", "25: method fifo",
      ])
  }

  @Test func `one that was recorded after the sale does not, and that is said`() throws {
    let late = LotInstructionTests.instruction(from: 1, made: 4)
    #expect(
      try LotInstructionTests.outcome([late]) == [
        "80: fallback fifo late instruction 1 was recorded after the sale",
        "25: standing hifo instruction 1",
      ])
    // One for later says nothing of sales before.
    let later = LotInstructionTests.instruction(from: 4, made: 3)
    #expect(
      try LotInstructionTests.outcome([later]) == [
        "80: fallback fifo", "25: standing hifo instruction 1",
      ])
    let other = LotInstructionTests.instruction(from: 1, made: 1, account: "binance")
    #expect(
      try LotInstructionTests.outcome([other]) == ["80: fallback fifo", "25: fallback fifo"])
  }

  @Test func `what is named goes first, and what was taken back still chose the sales before`()
    throws
  {
    let ended = LotInstructionTests.instruction(from: 1, made: 1, withdrawn: 4)
    // Six of the second lot by name, then four of it by the instruction; then the earliest.
    let pick = LotPickTests.pick(3, [(1, "6")], day: 2)
    #expect(
      try LotInstructionTests.outcome([ended], picks: [pick]) == [
        // 100 less 6 · 2 and 4 · 5; then 50 less 4 · 2 and 1 · 5.
        "68: named, standing hifo instruction 1", "37: fallback fifo, fallback fifo",
      ])
    let outcome = try #require(
      PickOutcome.all([pick], try LotInstructionTests.report([ended], picks: [pick])).first)
    #expect(outcome.fellBack.text == "4" && outcome.fallback == .standing(1))
  }

  @Test func `instructions count as they were known at a time`() throws {
    let two = [
      LotInstructionTests.instruction(1, .fifo, from: 1, made: 1),
      LotInstructionTests.instruction(2, .hifo, from: 1, made: 3),
    ]
    #expect(try LotInstructionTests.outcome(two).first == "50: standing hifo instruction 2")
    #expect(
      try LotInstructionTests.outcome(two, knownAt: 2).first == "80: standing fifo instruction 1")
    let none = try LotInstructionTests.outcome([two[1]], knownAt: 2)
    #expect(none.first?.hasPrefix("80: fallback fifo") == true)
  }
}
