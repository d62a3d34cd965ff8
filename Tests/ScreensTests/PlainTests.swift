import Canvas
import Ledger
import Testing
import Wire

@testable import Screens

/// The screens in words: the same figures in the same order, without a picture.
@Suite struct PlainTests {
  /// A client that was told all boards, on a screen.
  private func desk(_ screen: String, _ settings: ClientSettings = ClientSettings()) -> Desk {
    var settings = settings
    settings.screen = screen
    var desk = Desk(160, 60, settings: settings)
    desk.sendBoards()
    desk.sendProfitBoards()
    return desk
  }

  private static func isPicture(_ scalar: Unicode.Scalar) -> Bool {
    (0x2500...0x25FF).contains(scalar.value) || (0x2800...0x28FF).contains(scalar.value)
  }

  @Test(arguments: Screen.allCases.map(\.rawValue))
  func `every screen is told without boxes, bars and curves`(_ screen: String) {
    let lines = desk(screen).model.spoken()
    #expect(lines.count > 5 && lines.first == "Coffer, vault main")
    #expect(!lines.contains { $0.unicodeScalars.contains(where: PlainTests.isPicture) })
    #expect(!lines.contains { $0.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } })
    var plain = ClientSettings()
    plain.glyphs = .ascii
    let ascii = desk(screen, plain).model.spoken()
    #expect(ascii.count == lines.count)
    #expect(ascii.allSatisfy { $0.utf8.allSatisfy { (32..<127).contains($0) } })
  }

  @Test func `figures are those of the full screen, one a line, with the names of their rows`() {
    let desk = desk("positions")
    let lines = desk.model.spoken()
    let frame = desk.model.frame().text
    // Bitcoin's row of the scene: what the full screen shows is what is said.
    let facts = lines.filter { $0.hasPrefix("BTC, ") }
    #expect(facts.count >= 6)
    for fact in facts {
      let figure = fact.split(separator: ": ").last.map(String.init) ?? "-"
      let shown = figure.split(separator: ",").first.map(String.init) ?? "-"
      #expect(frame.contains(shown), "\(fact)")
    }
    #expect(lines.contains { $0.hasPrefix("NAV, USD: ") })
    #expect(Set(lines.filter { $0.contains(": ") }).count > 40)
  }

  @Test func `lists are told whole, however few rows of them have room on a screen`() {
    let lines = desk("risk").model.spoken()
    let stress = desk("risk").model.boards[Board.stress]?.rows.count ?? 0
    #expect(lines.filter { $0.contains(", NAV%: ") }.count == stress && stress > 3)
    #expect(!lines.contains { $0.hasPrefix("(1-") && $0.contains(" of ") })
  }

  @Test func `a line does what it does behind the colon, and a question is answered by one`() {
    var desk = desk("overview")
    desk.send(.line("screen ledger"))
    #expect(desk.model.spoken().contains { $0.hasPrefix("Ledger") })
    desk.send(.line("no-such-thing"))
    #expect(desk.model.messages(since: 0).texts.last?.contains("No command is called") == true)
    desk.send(.line("quit"))
    #expect(desk.model.spoken().contains { $0.contains("(y/n)") })
    #expect(desk.send(.line("perhaps")).contains(.quit(0)) == false)
    desk.send(.line("quit"))
    #expect(desk.send(.line("yes")).contains(.quit(0)))
  }

  @Test func `a list to choose from is answered by a line, and left by an empty one`() {
    var desk = desk("positions")
    desk.send(.line("sort"))
    #expect(desk.model.spoken().contains { $0.hasPrefix("Sort by") })
    desk.send(.line(""))
    #expect(desk.model.prompt == nil)
    desk.send(.line("find"))
    desk.send(.line("ledger"))
    #expect(desk.model.screen == .ledger && desk.model.prompt == nil)
  }

  @Test func `amounts that are hidden are not said`() {
    var settings = ClientSettings()
    settings.isPrivate = true
    let open = desk("positions").model.spoken().filter { $0.contains(", Value: ") }
    let hidden = desk("positions", settings).model.spoken()
    let amounts = open.compactMap { $0.split(separator: ": ").last }.filter {
      $0.count > 4 && $0 != "unknown"
    }
    #expect(amounts.count > 4)
    for amount in amounts {
      #expect(hidden.filter { $0.contains(amount) } == [], "\(amount)")
    }
  }

  @Test func `a locked vault says how it is opened and takes no command`() {
    var status = Scene.status
    status.isUnlocked = false
    var desk = Desk(80, 24, snapshot: nil, status: status)
    desk.send(.line("lock"))
    #expect(desk.model.messages(since: 0).texts.last?.hasSuffix("coffer unlock") == true)
    #expect(desk.requests.isEmpty)
  }

  @Test func `what was said since a while is known by its number`() {
    var desk = desk("overview")
    let before = desk.model.messages(since: 0).count
    for _ in 0..<Message.limit + 5 { desk.send(.line("bogus")) }
    let news = desk.model.messages(since: before)
    #expect(news.count == before + Message.limit + 5 && news.texts.count == Message.limit)
    #expect(desk.model.messages(since: news.count).texts.isEmpty)
  }
}
