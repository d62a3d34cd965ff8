import Ledger
import Testing
import Transport
import VenueKit

@testable import Engine

@Suite struct StreamOpenings {
  private let now = Instant(seconds: 1_700_000_000)

  // https://www.kucoin.com/docs-new/websocket-api/base-info/get-public-token-spot-margin
  @Test func `prices whose server a token names stream without an account`() {
    var desk = StreamDesk(seed: 1, isOffline: false)
    let market = Market(id: "BTC-USDT", base: "BTC", quote: "USDT")
    let wanted = desk.want(accounts: [:], markets: ["kucoin": [market]], at: now)
    guard case .token(let id, let account, let venue, let call)? = wanted.first else {
      Issue.record("\(wanted)")
      return
    }
    #expect(account == nil)
    #expect(venue == "kucoin")
    let body = """
      {"code":"200000","data":{"token":"abc","instanceServers":[{"endpoint":\
      "wss://ws-api-spot.kucoin.com/"}]}}
      """
    let answer = FetchResult.answered(IncomingAnswer(status: 200, body: Array(body.utf8)))
    let opened = desk.take(token: answer, of: id, call, at: now)
    guard case .open(_, let url, _)? = opened.first else {
      Issue.record("\(opened)")
      return
    }
    #expect(url == "wss://ws-api-spot.kucoin.com/?token=abc")
  }

  @Test func `an account whose stream is opened with its key says nothing to log in`() {
    var desk = StreamDesk(seed: 1, isOffline: false)
    let account = AccountID(named: "upbit")
    let wanted = desk.want(accounts: [account: "upbit"], markets: [:], at: now)
    guard case .openSigned(let id, let whose, _, _, let url, _)? = wanted.first else {
      Issue.record("\(wanted)")
      return
    }
    #expect(whose == account)
    #expect(url == "wss://api.upbit.com/websocket/v1/private")
    let asked = desk.loggedIn(id, texts: 0, at: now)
    guard case .say(_, let text)? = asked.first else {
      Issue.record("\(asked)")
      return
    }
    #expect(text.contains("myOrder"))
    #expect(desk.liveAccounts == [account])
  }

  @Test func `of several streams the one that serves the markets is opened`() {
    var desk = StreamDesk(seed: 1, isOffline: false)
    let swap = Market(id: "BTCUSDT", base: "BTC", quote: "USDT", settle: "USDT", kind: .swap)
    let wanted = desk.want(accounts: [:], markets: ["bybit": [swap]], at: now)
    guard case .open(_, let url, _)? = wanted.first else {
      Issue.record("\(wanted)")
      return
    }
    #expect(url == "wss://stream.bybit.com/v5/public/linear")
  }

  /// The bytes of a ticker of MEXC: topic, symbol and the ticker's symbol and price.
  ///
  /// https://github.com/mexcdevelop/websocket-proto, fields 1, 3 and 309.
  @Test func `a message that is no JSON is unpacked as its stream says`() {
    var desk = StreamDesk(seed: 1, isOffline: false)
    let market = Market(id: "MXUSDT", base: "MX", quote: "USDT")
    let wanted = desk.want(accounts: [:], markets: ["mexc": [market]], at: now)
    guard case .open(let id, _, _)? = wanted.first else {
      Issue.record("\(wanted)")
      return
    }
    func field(_ tag: [UInt8], _ text: String) -> [UInt8] {
      tag + [UInt8(text.utf8.count)] + Array(text.utf8)
    }
    let ticker = field([0x0A], "MXUSDT") + field([0x12], "2.5")
    let bytes =
      field([0x0A], "spot@public") + field([0x1A], "MXUSDT")
      + [0xAA, 0x13, UInt8(ticker.count)] + ticker
    let news = desk.take([.binary(bytes)], of: id, at: now)
    #expect(news.tickers.first?.rows.first?.market == "MXUSDT")
    let junk = desk.take([.binary([0xFF, 0xFF])], of: id, at: now)
    #expect(junk.tickers.isEmpty)
  }
}
