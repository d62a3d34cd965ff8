import Amounts
import Canvas
import Ledger
import Testing
import Wire

@testable import Screens

extension Scene {
  /// Minutes around an alert: calm, a fall of seven per cent when it is raised, and half the way back.
  static func history(_ request: Request) -> Report {
    let from = request.arguments["from"].flatMap { Instant($0) } ?? now
    let to = request.arguments["to"].flatMap { Instant($0) } ?? now
    let steps: [String: Int64] = ["1m": 60, "1h": 3_600, "1d": 86_400]
    let step = steps[request.arguments["length"] ?? ""] ?? 60
    let count = min(600, (to.seconds - from.seconds) / step)
    let rows = (0..<count).map { index -> [ReportCell] in
      let time = from.advanced(bySeconds: index * step)
      let share = Double(index) / Double(max(1, count))
      let level = share < 0.66 ? 160 + Double(index % 5) / 4 : 149 + (share - 0.66) * 18
      return [.text(time.description), .statistic(level, digits: 2)]
    }
    return Report(
      facts: [.init("currency", .text("USD")), .init("length", .text("1m"))],
      tableName: "history", columns: ["start", "close"], rows: rows)
  }

  /// A pair as the engine tells it.
  static let pair = Report(facts: [
    .init("first", .text("native:ethereum")), .init("method", .text("pearson")),
    .init("window", .integer(90)), .init("bars", .text("days")), .init("sample", .integer(90)),
    .init("from", .text("2025-11-05")), .init("to", .text("2026-02-02")),
    .init("correlation", .statistic(0.83, digits: 3)), .init("low", .statistic(0.753, digits: 3)),
    .init("high", .statistic(0.885, digits: 3)), .init("sample_before", .integer(90)),
    .init("before", .statistic(0.61, digits: 3)), .init("change", .statistic(0.22, digits: 3)),
    .init("probability", .statistic(0.0013, digits: 6)),
  ])
}

@Suite struct EvidenceTests {
  private func desk(_ width: Int = 120, _ height: Int = 36) throws -> Desk {
    var desk = Desk(width, height, settings: try GoldenTests.settings())
    desk.sendBoards()
    return desk
  }

  private func questions(_ desk: Desk) -> [Request] {
    desk.requests.filter { $0.verb == "price-history" }
  }

  @Test func `prices around the alert are asked for once, and its time is marked`() throws {
    var desk = try desk()
    desk.press("5")
    #expect(questions(desk).count == 1)
    let question = try #require(questions(desk).first)
    #expect(question.arguments["asset"] == "native:solana" && question.arguments["length"] == "1m")
    desk.press("zpzp")
    #expect(questions(desk).count == 1)
    let text = desk.text
    #expect(text.contains("Price of SOL in USD, bars of 1m; ▲ raised 14:21"))
    #expect(desk.model.evidence?.mark == 360)
  }

  @Test func `an alert about no asset has no curve, another one has its own`() throws {
    var desk = try desk()
    desk.press("5j")
    #expect(desk.model.evidence == nil && !desk.text.contains("Price of"))
    desk.press("jjj")
    #expect(questions(desk).count == 2)
    #expect(questions(desk).last?.arguments["asset"]?.hasPrefix("contract:ethereum") == true)
  }

  @Test func `what is not kept by the minute is asked for by the hour, then by the day`() throws {
    var desk = try desk()
    desk.answersRequests = false
    desk.press("5")
    for _ in 0..<3 {
      let id = try #require(desk.number(of: "price-history"))
      desk.send(.engine(.report(id: id, Report())))
    }
    #expect(questions(desk).map { $0.arguments["length"] } == ["1m", "1h", "1d"])
    #expect(desk.text.contains("no prices are kept of that time"))
  }

  @Test func `a refusal is said in the place of the curve and not as an error`() throws {
    var desk = try desk()
    desk.answersRequests = false
    desk.press("5")
    let id = try #require(desk.number(of: "price-history"))
    desk.send(.engine(.refusal(id: id, Refusal(.notFound, "nothing that you hold is called x"))))
    #expect(desk.text.contains("nothing that you hold is called x"))
    #expect(desk.model.shownMessage == nil)
  }

  @Test func `what was asked of a lost engine is asked again`() throws {
    var desk = try desk()
    desk.answersRequests = false
    desk.press("5")
    desk.send(.disconnected("gone"))
    #expect(desk.model.evidence == nil)
    desk.send(.connected)
    desk.send(.engine(.welcome(version: ClientMessage.version, Scene.status)))
    #expect(questions(desk).count == 2)
  }

  @Test func `Enter goes from the list to the explanation and on to the position`() throws {
    var desk = try desk(80, 24)
    desk.press("5<CR><CR>")
    #expect(desk.model.screen == .positions && desk.text.contains("▶SOL"))
    desk.press("5<Esc>j<CR><CR>")
    #expect(desk.model.screen == .alerts && desk.model.alertPane == .list)
  }

  @Test func `the curve is told in words`() throws {
    var desk = try desk()
    desk.press("5")
    let lines = desk.model.spoken()
    #expect(lines.contains { $0.hasPrefix("At the mark: ") })
    #expect(lines.contains { $0.hasPrefix("Lowest: 149") })
  }
}

@Suite struct HeatmapZoomTests {
  private func desk(
    _ width: Int = 80, _ height: Int = 24, glyphs: GlyphSet = .unicode
  ) throws -> Desk {
    var settings = try GoldenTests.settings()
    settings.glyphs = glyphs
    var desk = Desk(width, height, settings: settings)
    desk.sendBoards()
    desk.press("gh")
    return desk
  }

  @Test(arguments: [2, 6], GoldenTests.sizes)
  func `every width of a cell looks as it was kept`(_ cell: Int, _ size: (Int, Int)) throws {
    var desk = try desk(size.0, size.1)
    desk.press("jjl:zoom \(cell)<CR>")
    try Golden.check(desk.model.frame(), "heatmap-zoom\(cell)-\(size.0)x\(size.1)")
  }

  @Test(arguments: [2, 6])
  func `every width can be read without colours and in ASCII`(_ cell: Int) throws {
    var plain = try desk(glyphs: .ascii)
    plain.press("jjl:zoom \(cell)<CR>")
    #expect(plain.text.utf8.allSatisfy { $0 < 0x7F })
    try Golden.check(plain.model.frame(), "heatmap-zoom\(cell)-ascii-80x24")
    var desk = try desk()
    desk.press("jjl:zoom \(cell)<CR>")
    let frame = desk.model.frame()
    let shown = "\(frame.text)\n--- attributes\n\(frame.attributes(in: try shippedTheme("mono")))\n"
    try Golden.check(text: shown, "heatmap-zoom\(cell)-mono-80x24")
  }

  @Test func `keys make cells wider and narrower, and say where that ends`() throws {
    var desk = try desk()
    #expect(desk.model.heatmap.cell == 4)
    desk.press("+")
    #expect(desk.model.heatmap.cell == 6 && desk.text.contains("+0.83"))
    desk.press("+")
    #expect(desk.text.contains("cells are as wide as they get"))
    desk.press("zozo")
    #expect(desk.model.heatmap.cell == 2)
    desk.press("zo")
    #expect(desk.text.contains("cells are as narrow as they get"))
    desk.press(":zoom 5<CR>")
    #expect(desk.text.contains("zoom: in, out, or 2, 4, 6"))
    desk.press("1:zoom in<CR>")
    #expect(desk.text.contains("zoom: only in the heat map"))
  }

  @Test func `what does not fit scrolls, with names that stay and its place in the footer`() throws
  {
    var desk = try desk(60, 12)
    desk.press(":zoom 6<CR>G")
    desk.press(String(repeating: "l", count: 60))
    let count = desk.model.heatmapBoard.rows.count
    let room = desk.model.heatmapRoom
    #expect(room.rows < count || room.columns < count)
    #expect(desk.text.contains("of \(count)   below: r"))
    let last = desk.model.heatmapBoard.text(count - 1, "name")
    #expect(desk.text.contains("▶\(last)"))
  }

  @Test func `a cell in full says value, interval, sample, change, radar and weights`() throws {
    var desk = try desk(120, 36)
    desk.press("jjl<CR>")
    let request = try #require(desk.requests.last { $0.verb == "correlation" })
    #expect(request.arguments["method"] == "pearson" && request.arguments["window"] == "90")
    let text = desk.text
    for words in [
      "0.83", "0.75 to 0.88", "90 returns", "2025-11-05 to 2026-02-02", "+0.22", "0.13 %",
      "Weights",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    try Golden.check(desk.model.frame(), "heatmap-pair-120x36")
    desk.press("<Esc>")
    #expect(desk.model.overlays.isEmpty)
  }

  @Test func `what cannot be said of a pair is unknown with the reason`() throws {
    var desk = try desk()
    desk.answersRequests = false
    desk.press("jjl<CR>")
    let id = try #require(desk.number(of: "correlation"))
    let refused = Report(facts: [.init("refused", .text("one of them has too few prices"))])
    desk.send(.engine(.report(id: id, refused)))
    #expect(desk.text.contains("? one of them has too few prices"))
  }
}
