import Canvas
import Ledger
import Testing
import Wire

@testable import Screens

/// The form that asks for a key, and the commands about followed accounts.
@Suite struct KeyFormTests {
  /// A client whose form asks for the key of OKX.
  static func asking(_ width: Int = 80, _ height: Int = 24, _ line: String = "connect okx Desk")
    throws -> Desk
  {
    var desk = Desk(width, height, settings: try GoldenTests.settings())
    desk.sendBoards()
    desk.press(":\(line)<CR>")
    let id = try #require(desk.number(of: "venue"))
    desk.send(.engine(.report(id: id, Scene.okxKey)))
    return desk
  }

  private func leftovers(_ desk: Desk, _ words: String...) -> [String] {
    let all = String(reflecting: desk.model) + desk.text
    // What a typed array of bytes looks like.
    return words.filter {
      all.contains($0) || all.contains(Array($0.utf8).map(String.init).joined(separator: ", "))
    }
  }

  @Test func `a key is asked for part by part and sent as secrets`() throws {
    var desk = try KeyFormTests.asking()
    #expect(desk.requests.last == Request("venue", ["venue": "okx"]))
    #expect(desk.text.contains("Follow Desk at OKX"))
    desk.press("plainkey")
    #expect(desk.text.contains("plainkey"))
    desk.press("<CR>hidden√qz?:<CR>")
    #expect(!desk.text.contains("hidden"))
    #expect(desk.text.contains("•••••••••••"))
    desk.press("pass4wrd<CR>")
    let request = try #require(desk.requests.last)
    #expect(request.verb == "connect")
    #expect(request.arguments == ["venue": "okx", "name": "Desk"])
    #expect(request.secrets == ["plainkey", "hidden√qz?:", "pass4wrd"].map { Array($0.utf8) })
    #expect(desk.text.contains("tried at OKX"))
    #expect(leftovers(desk, "plainkey", "hidden", "pass4wrd") == [])
  }

  @Test func `the outcome says what the key may do and what is not seen`() throws {
    var desk = try KeyFormTests.asking()
    desk.press("k<CR>s<CR><CR>")
    let id = try #require(desk.number(of: "connect"))
    let report = Report(facts: [
      .init("account", .text("desk")), .init("may_trade", .flag(true)),
      .init("may_withdraw", .flag(false)), .init("addresses", .text("203.0.113.7")),
      .init("not_seen", .text("orders older than three months")),
    ])
    desk.send(.engine(.report(id: id, report)))
    #expect(desk.model.keyForm == nil)
    for text in ["Desk is followed", "may trade", "203.0.113.7", "older than three months"] {
      #expect(desk.text.contains(text), "\(text)")
    }
  }

  @Test func `a refusal is shown with its advice and nothing typed is left`() throws {
    var desk = try KeyFormTests.asking()
    desk.press("k<CR>topsecret<CR>p<CR>")
    let id = try #require(desk.number(of: "connect"))
    desk.send(
      .engine(
        .refusal(
          id: id,
          Refusal(
            .forbidden, "this key may withdraw: Coffer never needs that", advice: "Make another.")))
    )
    #expect(desk.text.contains("may withdraw") && desk.text.contains("Make another."))
    #expect(leftovers(desk, "topsecret") == [])
    desk.press("<CR>other")
    #expect(desk.text.contains("other") && !desk.text.contains("may withdraw"))
    #expect(desk.requests.count(where: { $0.verb == "connect" }) == 1)
  }

  @Test func `Escape cancels at every part and wipes`() throws {
    for keys in ["", "abcdefgh", "abcdefgh<CR>ijklmnop", "abcdefgh<CR>ijklmnop<CR>q"] {
      var desk = try KeyFormTests.asking()
      desk.press(keys + "<Esc>")
      #expect(desk.model.keyForm == nil)
      #expect(leftovers(desk, "abcdefgh", "ijklmnop") == [])
      #expect(!desk.requests.contains { $0.verb == "connect" })
      #expect(desk.model.context == "accounts")
    }
  }

  @Test func `locking or a lost engine wipes the form`() throws {
    var desk = try KeyFormTests.asking()
    desk.press("abcdefgh<CR>ijklmnop")
    var status = Scene.status
    status.isUnlocked = false
    desk.send(.engine(.status(status)))
    #expect(desk.model.keyForm == nil && leftovers(desk, "abcdefgh", "ijklmnop") == [])
    var lost = try KeyFormTests.asking()
    lost.press("abcdefgh")
    lost.send(.disconnected("gone"))
    #expect(lost.model.keyForm == nil && leftovers(lost, "abcdefgh") == [])
  }

  @Test func `a part that is needed cannot be left out`() throws {
    var desk = try KeyFormTests.asking()
    desk.press("<CR>")
    #expect(desk.text.contains("The API key is needed."))
    desk.press("k<CR><CR>")
    #expect(desk.text.contains("The API secret is needed."))
    desk.press("s<CR><Up><Up><C-u><CR>")
    #expect(desk.text.contains("The API key is needed."))
    #expect(!desk.requests.contains { $0.verb == "connect" })
  }

  @Test func `pasted keys have their ends of lines`() throws {
    // RFC 7468, figure 5, with the ends of lines as a terminal's paste and as JSON bring them.
    let lines = [
      "-----BEGIN EC PRIVATE KEY-----", "MHcCAQEEIAAA", "oAoGCCqGSM49",
      "-----END EC PRIVATE KEY-----",
    ]
    for pasted in [
      " " + lines.joined(separator: " ") + "  ", lines.joined(separator: "\\n"),
    ] {
      var desk = try KeyFormTests.asking()
      desk.send(.input(.paste(" organizations/1/apiKeys/2 ", isCut: false)))
      desk.press("<CR>")
      desk.send(.input(.paste(pasted, isCut: false)))
      #expect(!desk.text.contains("MHcC"))
      desk.press("<CR><CR>")
      let secrets = try #require(desk.requests.last).secrets
      #expect(secrets[0] == Array("organizations/1/apiKeys/2".utf8))
      #expect(String(decoding: secrets[1], as: UTF8.self) == lines.joined(separator: "\n"))
    }
  }

  @Test func `a paste that is too long is not taken in part`() throws {
    var desk = try KeyFormTests.asking()
    desk.send(.input(.paste(String(repeating: "x", count: 20_000), isCut: false)))
    #expect(desk.text.contains("longer than a key can be"))
    desk.press("<CR>")
    #expect(desk.text.contains("is needed"))
    desk.send(.input(.paste("abc", isCut: true)))
    desk.press("<CR>")
    #expect(desk.text.contains("is needed"))
  }

  @Test func `a venue that is not known closes the form with the advice`() throws {
    var desk = Desk(80, 24, settings: try GoldenTests.settings())
    desk.press(":connect nowhere<CR>")
    let id = try #require(desk.number(of: "venue"))
    let refusal = Refusal(.notFound, "there is no venue nowhere", advice: "Run: coffer venues")
    desk.send(.engine(.refusal(id: id, refusal)))
    #expect(desk.model.keyForm == nil)
    #expect(desk.text.contains("there is no venue nowhere Run: coffer venues"))
  }

  @Test func `hostile descriptions of a key do no harm`() throws {
    let columns = ["name", "label", "secret", "optional"]
    let label = "\u{1B}]52;c;QQ==\u{7}\u{202E}" + String(repeating: "界", count: 500)
    let row: [ReportCell] = [.none, .text(label), .none, .integer(7)]
    for size in [(20, 5), (59, 20), (60, 12), (80, 24), (200, 60)] {
      var desk = Desk(size.0, size.1, settings: try GoldenTests.settings())
      desk.press(":connect x<CR>")
      let id = try #require(desk.number(of: "venue"))
      let rows = Array(repeating: row, count: 1_000)
      let report = Report(
        facts: [.init("name", .text(label))], tableName: "f", columns: columns, rows: rows)
      desk.send(.engine(.report(id: id, report)))
      desk.press("abc<CR>def")
      #expect(desk.model.keyForm?.fields.count == KeyForm.mostFields)
      // What is not said to be plain is a secret.
      #expect(!desk.text.contains("abc") && !desk.text.contains("\u{1B}"))
    }
  }

  @Test func `given up while it is tried, the outcome is said later`() throws {
    var desk = try KeyFormTests.asking()
    desk.press("k<CR>s<CR><CR><Esc>2")
    let id = try #require(desk.number(of: "connect"))
    desk.send(.engine(.refusal(id: id, Refusal(.forbidden, "the venue does not take the key"))))
    #expect(desk.text.contains("the venue does not take the key"))
    #expect(desk.model.screen == .positions)
  }

  // MARK: Commands

  @Test func `keys on the screen act on the account under the cursor`() throws {
    var desk = Desk(120, 36, settings: try GoldenTests.settings())
    desk.press("8")
    desk.sendBoards()
    desk.press("jjR")
    #expect(desk.requests.last == Request("resume", ["account": "okx-desk"]))
    desk.press("P")
    #expect(desk.requests.last == Request("pause", ["account": "okx-desk"]))
    desk.press("X")
    #expect(desk.text.contains("Stop following OKX desk and destroy its key?"))
    desk.press("n")
    #expect(desk.requests.last?.verb == "pause")
    desk.press("Xy")
    #expect(desk.requests.last == Request("disconnect", ["account": "okx-desk"]))
    desk.press("K")
    #expect(desk.requests.last == Request("venue", ["account": "okx-desk"]))
    let id = try #require(desk.number(of: "venue"))
    desk.send(.engine(.report(id: id, Scene.okxKey)))
    desk.press("k<CR>s<CR>p<CR>")
    #expect(desk.requests.last?.verb == "rekey")
    #expect(desk.requests.last?.arguments == ["account": "okx-desk"])
  }

  @Test func `commands name an account, a wallet or a stretch of time`() throws {
    var desk = Desk(120, 36, settings: try GoldenTests.settings())
    desk.sendBoards()
    desk.press(":pause-account OKX desk<CR>")
    #expect(desk.requests.last == Request("pause", ["account": "okx-desk"]))
    desk.press(":requery kraken 2024-01-01 2024-02-01<CR>")
    #expect(
      desk.requests.last
        == Request("requery", ["account": "kraken", "from": "2024-01-01", "to": "2024-02-01"]))
    desk.press(":watch xpub123 Bitcoin<CR>")
    #expect(desk.requests.last == Request("watch", ["watch": "xpub123", "chain": "bitcoin"]))
    #expect(!desk.model.commandHistory.contains { $0.contains("xpub123") })
    desk.press(":connect okx --accept-withdraw<CR><Esc>")
    #expect(desk.requests.last == Request("venue", ["venue": "okx"]))
    desk.press(":connect okx --accept<CR>")
    #expect(desk.text.contains("there is no --accept"))
    desk.press("2:resume-account<CR>")
    #expect(desk.text.contains("which account?"))
  }

  @Test func `a client that only looks is refused with the reason`() {
    var settings = ClientSettings()
    settings.isReadOnly = true
    var desk = Desk(120, 36, settings: settings)
    desk.press("8")
    desk.sendBoards()
    for command in [
      "connect okx", "watch x", "rekey", "disconnect", "pause-account", "resume-account",
      "requery kraken 2024-01-01",
    ] {
      desk.press(":\(command)<CR>")
      #expect(desk.text.contains("this client is read-only"), "\(command)")
    }
    #expect(desk.requests.isEmpty && desk.model.keyForm == nil)
  }

  // MARK: The screen

  @Test func `the boards of the screen are asked for, and again on a new connection`() {
    var desk = Desk(120, 36)
    desk.press(":screen 8<CR>")
    #expect(desk.effects.contains(.send(.look([Board.alerts, Board.accounts, Board.limits]))))
    desk.sendBoards()
    desk.press("jj")
    let wanted = Effect.send(
      .look([Board.alerts, Board.accounts, Board.limits, Board.feeds(of: "okx-desk")]))
    #expect(desk.effects.contains(wanted))
    desk.effects = []
    desk.send(.disconnected("gone"))
    desk.send(.connected)
    desk.send(.engine(.welcome(version: ClientMessage.version, Scene.status)))
    #expect(desk.effects.contains(wanted))
  }

  @Test func `feeds scroll and the cursor's account stays`() throws {
    var desk = Desk(80, 24, settings: try GoldenTests.settings())
    desk.press("8")
    desk.sendBoards()
    desk.press("jj")
    #expect(!desk.text.contains("orders market 14"))
    desk.press("<Tab>G")
    #expect(desk.text.contains("orders market 14"))
    #expect(desk.text.contains("OKX desk: what is read"))
    desk.press("<Esc>k")
    #expect(desk.text.contains("Kraken: what is read"))
  }

  @Test func `one pane at a time shows where there is little room`() throws {
    var desk = Desk(40, 10, settings: try GoldenTests.settings())
    desk.press("8")
    desk.sendBoards()
    desk.press("jj")
    #expect(desk.text.contains("STOPPED") && !desk.text.contains("what is read"))
    desk.press("<Tab>")
    #expect(desk.text.contains("what is read"))
  }

  @Test func `ages tick by themselves`() throws {
    var desk = Desk(120, 36, settings: try GoldenTests.settings())
    desk.press("8")
    desk.sendBoards()
    #expect(desk.text.contains(" 1s "))
    #expect(desk.effects.contains(.wake(at: Scene.now.advanced(bySeconds: 1))))
    desk.wait(milliseconds: 4_000)
    #expect(desk.text.contains(" 5s "))
  }

  @Test func `hostile boards are drawn without harm`() throws {
    let evil = "\u{1B}[2J\u{9B}31m\u{202E}" + String(repeating: "w界", count: 300)
    for size in [(20, 5), (40, 10), (60, 12), (80, 24), (200, 60)] {
      var desk = Desk(size.0, size.1, settings: try GoldenTests.settings())
      desk.press("8")
      var board = Scene.connections
      board.rows = board.rows.map { row in
        row.enumerated().map { index, cell in
          if index == 0 { return cell }
          if case .text = cell { return .text(evil) }
          return .integer(index % 2 == 0 ? .min : .max)
        }
      }
      desk.send(.engine(.board(name: Board.accounts, board)))
      var limits = Scene.limits
      limits.rows = [
        [
          .text(evil), .text(evil), .none, .integer(.max), .integer(.max), .integer(.max),
          .text(evil),
        ],
        [
          .text(evil), .text(evil), .none, .integer(.min), .integer(.min), .integer(.min),
          .text(evil),
        ],
      ]
      desk.send(.engine(.board(name: Board.limits, limits)))
      let feed: [ReportCell] = [
        .text(evil), .text(evil), .integer(.min), .integer(.max), .integer(.min), .integer(.max),
        .text(evil),
      ]
      var feeds = Scene.okxFeeds
      feeds.rows = Array(repeating: feed, count: 3)
      desk.send(.engine(.board(name: Board.feeds(of: "binance"), feeds)))
      for keys in ["", "j", "<Tab>", "G", "<CR>", "<Esc>", "<Tab>"] {
        desk.press(keys)
        #expect(!desk.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(!desk.text.contains("\u{202E}"))
      }
    }
  }

  @Test func `breaks keep their amounts when amounts are hidden`() throws {
    var desk = Desk(120, 36, settings: try GoldenTests.settings())
    desk.press("zp:breaks<CR>")
    let id = try #require(desk.number(of: "breaks"))
    let report = Report(
      tableName: "breaks", columns: ["account", "asset", "ledger", "venue", "difference"],
      rows: [
        [.text("kraken"), .text("BTC"), .text("1.25"), .text("1.75"), .amount(Scene.amount("0.5"))]
      ])
    desk.send(.engine(.report(id: id, report)))
    #expect(desk.text.contains("kraken"))
    for amount in ["1.25", "1.75", "0.5"] { #expect(!desk.text.contains(amount), "\(amount)") }
  }
}
