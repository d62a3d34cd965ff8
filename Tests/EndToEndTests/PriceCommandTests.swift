import Foundation
import Testing

/// Prices on the command line.
@Suite(.serialized) struct PriceCommandTests {
  @Test func `prices say how old they are, why they are missing, and who states them`() throws {
    let home = try Home()
    try home.makeVault()
    let file = try home.write("kraken.csv", Export.kraken)
    _ = try home.answer("import", file, lines: [Home.passphrase])

    let prices = try home.answer("prices")
    let rows = try #require(prices["prices"] as? [[String: Any]])
    #expect(rows.compactMap { $0["asset"] as? String } == ["BTC", "DOT", "USD"])
    #expect(rows[0]["price"] as? String == "35000")
    #expect(rows[0]["source"] as? String == "own-trade")
    #expect(rows[1]["price"] is NSNull && rows[1]["state"] as? String == "unpriced")
    // Nothing is followed, so that nobody is asked.
    #expect(rows[1]["reason"] as? String == "never-asked")
    #expect(prices["without_price"] as? Int == 1)

    // Nothing is known of it: it counts at once.
    let first = try home.answer("price", "set", "DOT", "7", "USD", "--hours", "2")
    #expect(first["state"] as? String == "approved" && first["proposal"] == nil)
    // More than a tenth away from that: a second word is needed.
    let second = try home.answer("price", "set", "DOT", "9", "USD", "--reason", "committee")
    #expect(second["state"] as? String == "proposed")
    let number = try #require(second["proposal"] as? Int)
    let refused = try home.run(["price", "approve", "\(number)"])
    #expect(refused.status == 64 && refused.errors.contains("--confirm"))
    let sources = try home.answer("prices", "DOT")
    #expect(sources["price"] as? String == "7" && sources["confidence"] as? String == "stated")
    let approved = try home.answer("price", "approve", "\(number)", "--confirm")
    #expect(approved["state"] as? String == "approved")
    let after = try home.answer("prices", "DOT")
    #expect(after["price"] as? String == "9")
    let told = try #require(after["sources"] as? [[String: Any]])
    #expect(told.map { $0["source"] as? String } == ["manual"])
    let all = try home.answer("price", "statements")
    let statements = try #require(all["statements"] as? [[String: Any]])
    #expect(statements.compactMap { $0["state"] as? String } == ["approved", "approved"])
    #expect(statements[0]["reason"] as? String == "committee")

    // What was stated is stated after a restart too, until it expires.
    try home.coffer("engine", "stop")
    let again = try home.answer("prices", "DOT", lines: [Home.passphrase])
    #expect(again["price"] as? String == "9")
  }

  @Test func `prices can be had as CSV, and bars of an asset without any are none`() throws {
    let home = try Home()
    try home.makeVault()
    let file = try home.write("kraken.csv", Export.kraken)
    _ = try home.answer("import", file, lines: [Home.passphrase])
    let table = try home.run(["prices", "--csv"])
    let lines = table.output.split(separator: "\r\n")
    #expect(table.status == 0 && lines.count == 4)
    #expect(lines[0].hasPrefix("asset,price,change_24h_percent,state,confidence"))
    let bars = try home.answer("prices", "DOT", "--history", "1d", "--from", "2024-01-01")
    #expect(bars["bars"] as? Int == 0)
    let pegs = try home.answer("prices", "--pegs")
    #expect(pegs["alarm_basis_points"] as? Int == 50)
    for wrong in [["prices", "--from", "2024-01-01"], ["prices", "DOT", "--history", "2d"]] {
      #expect(try home.run(wrong).status == 64)
    }
  }
}

/// Strikes on the command line.
@Suite(.serialized) struct StrikeCommandTests {
  @Test func `a strike is frozen, and is made again only with a reason`() throws {
    let home = try Home()
    try home.makeVault()
    let file = try home.write("kraken.csv", Export.kraken)
    _ = try home.answer("import", file, lines: [Home.passphrase])
    let chosen = try home.answer("strike", "cutoff", "16:00", "America/New_York")
    #expect(chosen["time"] as? String == "16:00")
    // 16:00 in New York: 21:00 UTC in winter, 20:00 UTC in summer.
    #expect(chosen["by_itself"] as? Bool == true)
    #expect(try home.answer("strike", "cutoff", "--off")["by_itself"] as? Bool == false)
    let winter = try home.answer("strike", "make", "--at", "2024-02-01")
    #expect((winter["cutoff"] as? String)?.hasPrefix("2024-02-01T21:00:00") == true)
    let summer = try home.answer("strike", "make", "--at", "2024-07-01")
    #expect((summer["cutoff"] as? String)?.hasPrefix("2024-07-01T20:00:00") == true)
    // As of the positions: 0.9995 bitcoin at the last own trade, 7,989.08 dollars, DOT without price.
    #expect(summer["value"] as? String == "42971.58")
    #expect(summer["unpriced"] as? Int == 1 && summer["stale"] as? Int == 1)
    let refused = try home.run(["strike", "make", "--at", "2024-07-01"])
    #expect(refused.status == 64 && refused.errors.contains("--reason"))
    let again = try home.answer(
      "strike", "make", "--at", "2024-07-01", "--reason", "a late trade")
    #expect(again["version"] as? Int == 2 && again["changed_by"] as? String == "0")
    let first = try home.answer("strike", "show", "--at", "2024-07-01", "--version", "1")
    #expect(first["content_sha256"] as? String == summer["content_sha256"] as? String)
    let all = try home.answer("strike")
    #expect((all["strikes"] as? [[String: Any]])?.count == 3)
    let nothing = try home.answer("strike", "make", "--at", "2020-01-01")
    #expect(nothing["value"] as? String == "0")
    let zone = try home.run(["strike", "cutoff", "16:00", "Nowhere/Town"])
    #expect(zone.status == 64)
    // The address of the first block (https://en.bitcoin.it/wiki/Genesis_block), and no server.
    _ = try home.answer(
      "wallet", "add", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "--chain", "bitcoin", "--name", "Cold",
      "--server", "http://127.0.0.1:9")
    let early = try home.run(["strike", "make", "--at", "2024-07-03"])
    #expect(early.status != 0 && early.errors.contains("the history of cold is not read whole"))
    #expect(early.errors.contains("--accept-unread"))
    let made = try home.answer("strike", "make", "--at", "2024-07-03", "--accept-unread")
    #expect(made["accounts_not_read"] as? String == "cold")
    #expect(made["value"] as? String == "42971.58")
  }
}
