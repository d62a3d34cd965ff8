import Foundation
import Link
import Testing
import Wire

/// Gains and performance of an imported file, as scripts see them.
@Suite(.serialized) struct GainCommandTests {
  /// Two purchases, a sale, a trade for another coin, a reward and a withdrawal.
  private static let ledger = """
    "txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"
    "L1","R1","2024-01-05 10:00:00","deposit","","currency","ZUSD",100000,0,100000
    "L2","R2","2024-01-10 10:00:00","trade","","currency","ZUSD",-40000,100,59900
    "L3","R2","2024-01-10 10:00:00","trade","","currency","XXBT",1,0,1
    "L4","R3","2024-03-10 10:00:00","trade","","currency","ZUSD",-30000,0,29900
    "L5","R3","2024-03-10 10:00:00","trade","","currency","XXBT",0.5,0,1.5
    "L6","R4","2024-05-01 10:00:00","trade","","currency","ZUSD",35000,50,64850
    "L7","R4","2024-05-01 10:00:00","trade","","currency","XXBT",-0.5,0,1.0
    "L8","R5","2024-05-02 10:00:00","trade","","currency","XXBT",-0.2,0,0.8
    "L9","R5","2024-05-02 10:00:00","trade","","currency","XETH",4,0,4
    "L10","R6","2024-06-02 10:00:00","staking","","currency","XETH",0.1,0,4.1
    "L11","R7","2024-07-01 10:00:00","withdrawal","","currency","ZUSD",-10000,0,54850

    """

  @Test func `from an imported file to gains, lots, performance and what they rest on`() throws {
    let home = try Home()
    try home.makeVault()
    _ = try home.answer(
      "import", try home.write("kraken.csv", GainCommandTests.ledger), lines: [Home.passphrase])
    // More than a tenth off the last trade's: it waits for a second word.
    _ = try home.answer("price", "set", "BTC", "80000", "USD")
    _ = try home.answer("price", "approve", "1", "--confirm")

    // FIFO: 0.5 of 1 BTC bought for 40,100 sold for 34,950, 0.2 given at 35,000 / 0.5 for ether.
    let gains = try home.answer("gains")
    #expect(gains["method"] as? String == "fifo" && gains["scope"] as? String == "account")
    #expect(gains["realised"] as? String == "20880")
    #expect(gains["fees"] as? String == "-150")
    #expect(gains["unknown_income"] as? Int == 1)
    // HIFO: 0.5 bought at 60,000 first: 34,950 - 30,000 and 14,000 - 8,020.
    #expect(try home.answer("gains", "--method", "hifo")["realised"] as? String == "10930")
    #expect(try home.answer("gains", "--as-of", "2024-04-01")["realised"] as? String == "0")
    #expect(try home.answer("gains", "--known-at", "2024-04-01")["entries"] as? Int == 0)

    let lots = try home.answer("lots", "BTC")
    let rows = try #require(lots["lots"] as? [[String: Any]])
    #expect(rows.compactMap { $0["quantity"] as? String } == ["0.3", "0.5"])
    #expect(rows.compactMap { $0["cost"] as? String } == ["12030", "30000"])
    #expect(rows.compactMap { $0["unrealised"] as? String } == ["11970", "10000"])

    let performance = try home.answer("performance")
    #expect(performance["inflow"] as? String == "100000")
    #expect(performance["outflow"] as? String == "10000")
    let figures = try #require(performance["figures"] as? [[String: Any]])
    let sharpe = figures.first { $0["figure"] as? String == "sharpe" }
    #expect(sharpe?["result"] is NSNull)
    #expect((sharpe?["refused"] as? String)?.hasSuffix("rest on prices that are days old") == true)
    let daily = try home.run([
      "performance", "--daily", "--csv", "--period", "2024-05-01..2024-05-02",
    ])
    #expect(daily.output.hasPrefix("day,value,inflow,outflow,gain,"))
    #expect(daily.output.contains("\n2024-05-01,134850,0,0,14950,15000,0,0,-50,0,0,"))

    let why = try home.answer("why", "gain:BTC")
    let steps = try #require(why["steps"] as? [[String: Any]])
    let imports = try #require(try home.answer("imports")["imports"] as? [[String: Any]])
    let hash = try #require(imports.first?["sha256"] as? String)
    let entries = steps.filter { $0["kind"] as? String == "entry" }
    #expect(entries.count == 6)
    #expect(entries.allSatisfy { $0["sha256"] as? String == hash })
    #expect(entries.first?["source"] as? String == "kraken.csv, line 3")

    try windows(home, rows.compactMap { $0["lot"] as? String }, hash)

    _ = try home.answer("gains", "rules", "--method", "average", "--benchmark", "BTC:60,ETH:40")
    let rules = try home.answer("gains", "rules")
    #expect(rules["method"] as? String == "average")
    #expect(rules["benchmark"] as? String == "BTC:60,ETH:40")
    let refused = try home.run(["gains", "--by", "nothing"])
    #expect(
      refused.status == 64 && refused.errors.contains("asset, lot, account, venue, book, term"))
  }

  /// Lots come in windows with the sums of all of them, and an entry with what it was read from.
  private func windows(_ home: Home, _ lots: [String], _ hash: String) throws {
    let connection = try home.start()
    let account = try connection.ask(Request("accounts")).text(0, "account")
    let window = try connection.ask(
      Request(
        "lots", ["asset": "native:bitcoin", "account": account, "offset": "1", "limit": "1"]))
    #expect(window.rows.count == 1 && window.text(0, "lot") == lots.last)
    #expect(window["lots"] == .integer(2))
    #expect(window["cost"].plain == "42030" && window["unrealised"].plain == "21970")
    let others = try connection.ask(
      Request("lots", ["asset": "native:bitcoin", "account": "nobody"]))
    #expect(others.rows.isEmpty && others["lots"] == .integer(0))
    let entry = try connection.ask(Request("entry", ["id": try #require(lots.first)]))
    #expect(entry["source"] == .text("kraken.csv"))
    #expect(entry["source_sha256"] == .text(hash))
    #expect(entry["raw"].plain.contains(#""L3","R2","2024-01-10 10:00:00","trade""#))
  }

  @Test func `lots are named for a sale, tried, used and taken back`() throws {
    let home = try Home()
    try home.makeVault()
    _ = try home.answer(
      "import", try home.write("kraken.csv", GainCommandTests.ledger), lines: [Home.passphrase])
    let lots = try home.answer("lots", "BTC", "--as-of", "2024-04-01")
    let open = try #require(lots["lots"] as? [[String: Any]]).compactMap { $0["lot"] as? String }
    try #require(open.count == 2)
    let ledger = try #require(try home.answer("ledger")["entries"] as? [[String: Any]])
    let sale = try #require(
      ledger.first { ($0["time"] as? String)?.hasPrefix("2024-05-01") == true }?["id"] as? String)

    let much = try home.run(["lots", "pick", sale, "\(open[1]):0.6"])
    #expect(much.status == 64 && much.errors.contains("the lots named come to 0.6"))
    let picked = try home.answer("lots", "pick", sale, open[1])
    #expect(picked["after_the_sale"] as? Bool == true && picked["not_named"] as? String == "0")
    // 0.5 bought at 60,000 for 34,950; then 0.2 of the first for 14,000 less 8,020.
    let gains = try home.answer("gains", "--method", "specific")
    #expect(gains["realised"] as? String == "10930")
    #expect(gains["picks_after_the_sale"] as? Int == 1)
    #expect(gains["disposals_not_named"] as? Int == 1)
    #expect(gains["not_named_method"] as? String == "fifo")
    #expect(try home.answer("gains")["realised"] as? String == "20880")

    let picks = try #require(try home.answer("lots", "picks")["picks"] as? [[String: Any]])
    #expect(picks.first?["lot"] as? String == open[1])
    #expect(picks.first?["state"] as? String == "used")
    let other = try #require(
      ledger.first { ($0["time"] as? String)?.hasPrefix("2024-05-02") == true }?["id"] as? String)
    let gone = try home.run(["lots", "pick", other, "\(open[1]):0.1"])
    #expect(gone.status == 64 && gone.errors.contains("taken before by \(sale)"))
    _ = try home.answer("lots", "unpick", sale)
    #expect(try home.answer("gains", "--method", "specific")["realised"] as? String == "20880")
    #expect(try home.run(["lots", "unpick", sale]).status != 0)
  }
  @Test func `a standing instruction counts for sales after it, and says so of those before`()
    throws
  {
    let home = try Home()
    try home.makeVault()
    _ = try home.answer(
      "import", try home.write("kraken.csv", GainCommandTests.ledger), lines: [Home.passphrase])
    let lots = try home.answer("lots", "BTC", "--as-of", "2024-04-01")
    let open = try #require(lots["lots"] as? [[String: Any]])
    let account = try #require(open.first?["account"] as? String)

    let wrong = try home.run(["lots", "standing", account, "average"])
    #expect(wrong.status == 64 && wrong.errors.contains("fifo, lifo, hifo, lofo"))
    let nobody = try home.run(["lots", "standing", "nobody", "hifo"])
    #expect(nobody.status != 0 && nobody.errors.contains("there is no account nobody"))
    let made = try home.answer("lots", "standing", account, "hifo", "--from", "2024-01-01")
    #expect(made["asked_from"] as? String == "2024-01-01T00:00:00Z")
    #expect((made["in_force_from"] as? String).map { $0 > "2026" } == true)
    #expect(made["next"] as? String == "coffer gains rules --method specific")

    // The sales are of 2024, before it was recorded: the earliest lots, as by first in, first out.
    let taken = try home.answer("lots", "taken", "--method", "specific")
    #expect(taken["realised"] as? String == "20880")
    #expect(taken["disposals_by_standing"] as? Int == 0)
    #expect(taken["disposals_before_instruction"] as? Int == 2)
    let rows = try #require(taken["taken"] as? [[String: Any]])
    #expect(rows.allSatisfy { $0["chosen_by"] as? String == "fallback" })
    #expect(
      rows.first?["note"] as? String == "instruction 1 was recorded after the sale"
        && rows.first?["after_the_sale"] as? Bool == true)
    let plain = try #require(try home.answer("lots", "taken")["taken"] as? [[String: Any]])
    #expect(plain.allSatisfy { $0["chosen_by"] as? String == "method" })

    // What goes now is of the dearest lot, which cost 60,000; the others stay.
    _ = try home.answer(
      "adjust", "--account", account, "--asset", "BTC", "--quantity=-0.1", "--note", "paid")
    let left = try #require(
      try home.answer("lots", "BTC", "--method", "specific")["lots"] as? [[String: Any]])
    #expect(left.compactMap { $0["quantity"] as? String } == ["0.3", "0.4"])
    let listed = try #require(
      try home.answer("lots", "standing")["instructions"] as? [[String: Any]])
    #expect(listed.map { $0["state"] as? String } == ["in force"])
    _ = try home.answer("lots", "standing", account, "none")
    let ended = try #require(
      try home.answer("lots", "standing")["instructions"] as? [[String: Any]])
    #expect(ended.map { $0["state"] as? String } == ["taken back"])
    #expect(try home.run(["lots", "standing", account, "none"]).status != 0)
  }
}
