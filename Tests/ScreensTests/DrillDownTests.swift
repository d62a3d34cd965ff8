import Amounts
import Canvas
import Ledger
import Portfolio
import Testing
import Wire

@testable import Screens

/// From a position to its accounts, lots and entries, and to what was read.
@Suite struct DrillDownTests {
  /// A client with the keys that are shipped.
  static func desk(_ width: Int = 120, _ height: Int = 36, isPrivate: Bool = false) throws -> Desk {
    var settings = try GoldenTests.settings()
    settings.isPrivate = isPrivate
    return Desk(width, height, settings: settings)
  }

  @Test func `Enter goes from a position to an account's entries and to the record of one`() throws
  {
    var desk = try DrillDownTests.desk()
    desk.press("2<CR>")
    #expect(desk.text.contains("Positions › BTC by account"))
    desk.press("j<CR>")
    #expect(desk.text.contains("Positions › BTC › Ledger Nano › entries"))
    desk.press("jj<CR>")
    let text = desk.text
    #expect(text.contains("REF-2"))
    #expect(text.contains(#"{"refid":"REF-2","time":1770124927.4821"#))
    // The digest is that of "test" in https://csrc.nist.gov/projects/cryptographic-algorithm-validation-program
    #expect(text.contains("SHA-256"))
    #expect(text.contains("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))
    #expect(text.contains("POST /0/private/Ledgers ofs=50"))
  }

  @Test func `Escape goes up one level at a time with each cursor where it was`() throws {
    var desk = try DrillDownTests.desk()
    desk.press("2jj<CR><Esc>")
    #expect(desk.model.drill == nil)
    #expect(desk.model.list.cursor.index == 2)
    desk.press("gg<CR>j<CR>jjj<CR>")
    #expect(desk.model.overlays.count == 1)
    desk.press("<Esc>")
    #expect(desk.model.drill?.entries?.cursor.index == 3)
    desk.press("<Esc>")
    #expect(desk.model.focus == .parts)
    #expect(desk.model.drill?.cursor.index == 1)
    desk.press("<Esc>")
    #expect(desk.model.focus == .positions)
    #expect(desk.model.list.cursor.index == 0)
  }

  @Test func `Tab shows the lots of a position, then its entries, then its accounts`() throws {
    var desk = try DrillDownTests.desk()
    desk.press("2<CR><Tab>")
    #expect(desk.model.focus == .lots)
    #expect(desk.text.contains("Positions › BTC › lots (fifo)"))
    #expect(
      desk.requests.last?.arguments == [
        "asset": "native:bitcoin", "offset": "0", "limit": "200",
      ])
    #expect(desk.text.contains("2023-01-01"))
    #expect(desk.text.contains("long"))
    #expect(desk.text.contains("108 without a known cost"))
    desk.press("jj<Tab>")
    #expect(desk.model.focus == .entries)
    #expect(desk.text.contains("Positions › BTC › entries"))
    desk.press("<S-Tab>")
    #expect(desk.model.drill?.lots?.cursor.index == 2)
    desk.press("<Tab><Tab>")
    #expect(desk.model.focus == .parts)
    desk.press("tl")
    #expect(desk.model.focus == .lots)
    desk.press("<Esc><Esc>te")
    #expect(desk.model.focus == .entries)
    desk.press("<Esc>")
    #expect(desk.model.focus == .parts)
  }

  @Test func `the lots of one account are asked for by its name`() throws {
    var desk = try DrillDownTests.desk()
    desk.press("2<CR>j<CR>tl")
    #expect(desk.requests.last?.arguments["account"] == "ledger-nano")
    #expect(desk.text.contains("Positions › BTC › Ledger Nano › lots"))
  }

  @Test func `a lot without a cost has no gain, and sums with such lots are marked`() throws {
    var desk = try DrillDownTests.desk()
    desk.press("2<CR>tl")
    let line = try #require((0..<36).map { desk.row($0) }.first { $0.contains("2023-01-04") })
    // Quantity and value are known, cost, gain and their ratios are not.
    #expect(line.split(separator: " ").count { $0 == "?" } == 4)
    #expect(desk.text.contains("cost ?1.04M"))
    #expect(desk.text.contains("gain ?+1.69M"))
  }

  @Test func `Enter on a lot shows the entry that made it`() throws {
    var desk = try DrillDownTests.desk()
    desk.press("2<CR>tlj<CR>")
    let id = EntryID(high: 0xC0FF_EE00, low: 5)
    #expect(desk.requests.last?.arguments == ["id": id.description])
    #expect(desk.text.contains("REF-5"))
    #expect(desk.text.contains("+0.25 BTC"))
    #expect(desk.text.contains("native:bitcoin"))
    #expect(desk.text.contains("import 4, line 7"))
  }

  @Test func `a million lots keep four pages in memory`() throws {
    var desk = try DrillDownTests.desk(80, 24)
    desk.lots = 1_000_000
    desk.press("2<CR>tlG")
    #expect(desk.model.drill?.lots?.cursor.index == 999_999)
    for _ in 0..<30 { desk.press("<C-u><C-u><C-u><C-u><C-u><C-u><C-u><C-u>") }
    let asked = desk.requests.filter { $0.verb == "lots" }.compactMap { $0.arguments["offset"] }
    #expect(asked.first == "0")
    #expect(asked.contains("999800"))
    #expect(asked.count == Set(asked).count)
    #expect((desk.model.drill?.lots?.loaded ?? .max) <= PageLimits.pages * PageLimits.rows)
  }

  @Test func `privacy hides the record as a whole and every amount of lots`() throws {
    for size in [(80, 24), (120, 36), (200, 60)] {
      var desk = try DrillDownTests.desk(size.0, size.1, isPrivate: true)
      desk.press("2<CR>tl")
      for secret in ["0.125", "3,000", "8,426", "1.04M", "1.69M", "5,426"] {
        #expect(!desk.text.contains(secret), "\(secret) at \(size)")
      }
      #expect(desk.text.contains("▲+"))
      desk.press("<CR>")
      for secret in ["refid", "0.25", "43.81", "20.118"] {
        #expect(!desk.text.contains(secret), "\(secret) at \(size)")
      }
      #expect(desk.text.contains("SHA-256"))
    }
  }

  @Test func `what the engine does not say is told with its reason`() throws {
    var desk = try DrillDownTests.desk()
    desk.answersRequests = false
    desk.press("2<CR>tl")
    #expect(desk.text.contains("waiting for the engine"))
    let id = desk.model.nextRequest - 1
    desk.send(.engine(.refusal(id: id, Refusal(.busy, "the ledger is being folded"))))
    #expect(desk.text.contains("the ledger is being folded"))
    desk.press("te<CR>")
    #expect(desk.text.contains("asking the engine"))
    let asked = desk.model.nextRequest - 1
    desk.send(.engine(.refusal(id: asked, Refusal(.notFound, "there is no entry"))))
    #expect(desk.text.contains("? there is no entry"))
    desk.press("<Esc>")
    desk.send(.disconnected("gone"))
    desk.press("<CR>")
    #expect(desk.text.contains("? not connected to the engine"))
  }

  @Test(arguments: HostileTests.names)
  func `hostile lots and records leave clean frames`(_ name: String) throws {
    for glyphs in [GlyphSet.unicode, .ascii] {
      var settings = try GoldenTests.settings()
      settings.glyphs = glyphs
      var desk = Desk(120, 36, settings: settings)
      desk.answersRequests = false
      desk.press("2<CR>tl")
      var lots = Scene.lots(Request("lots", ["limit": "40"]), total: 40)
      for row in lots.rows.indices {
        for column in ["acquired", "account", "term", "lot"] {
          if let place = lots.column(column) { lots.rows[row][place] = .text(name) }
        }
      }
      lots.facts[1] = .init("method", .text(name))
      desk.send(.engine(.report(id: desk.model.nextRequest - 1, lots)))
      #expect(HostileTests.isClean(desk.model.frame(), glyphs: glyphs))
      desk.press("<CR>te<CR>")
      let facts = ["raw", "source", "source_sha256", "source_known"].map {
        Report.Fact($0, .text(name))
      }
      desk.send(.engine(.report(id: desk.model.nextRequest - 1, Report(facts: facts))))
      #expect(HostileTests.isClean(desk.model.frame(), glyphs: glyphs))
    }
  }
}
