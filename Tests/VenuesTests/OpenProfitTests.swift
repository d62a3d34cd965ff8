import Amounts
import Encodings
import Ledger
import Testing
import VenueKit
import Venues

/// What of an equity is booked, and what is the profit of positions that stand open.
@Suite struct OpenProfitTests {
  /// A venue's answer about its balances, and what of it is booked and open.
  struct Case: Sendable, CustomStringConvertible {
    let venue: String
    let part: AccountPart
    let body: String
    let total: String
    let open: String
    let booked: String
    var description: String { "\(venue) \(part.rawValue)" }
  }

  /// In the shape of the venues' documents; the amounts of OKX and KuCoin are their examples', those of
  /// the others ours.
  static let cases = [
    // https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-balance
    Case(
      venue: "okx", part: .spot,
      body: #"""
        {"code":"0","data":[{"details":[{"ccy":"USDT","availBal":"4834.317093622894",
        "availEq":"4834.3170936228935","cashBal":"4850.435693622894","eq":"4992.890093622894",
        "upl":"-7.545600000000006"}]}],"msg":""}
        """#,
      total: "4992.890093622894", open: "142.4544", booked: "4850.435693622894"),
    // https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-account-futures
    Case(
      venue: "kucoinfutures", part: .swap,
      body: #"""
        {"code":"200000","data":{"currency":"USDT","accountEquity":48.921913718,
        "unrealisedPNL":1.59475,"marginBalance":47.548728628,"availableBalance":14.0}}
        """#,
      total: "48.921913718", open: "1.59475", booked: "47.327163718"),
    // https://www.bitget.com/api-doc/contract/account/Get-Account-List
    Case(
      venue: "bitget", part: .swap,
      body: #"""
        {"code":"00000","data":[{"marginCoin":"USDT","available":"80","accountEquity":"107.5",
        "unrealizedPL":"7.5"}]}
        """#,
      total: "107.5", open: "7.5", booked: "100"),
    // https://docs.blofin.com/index.html#get-futures-account-balance
    Case(
      venue: "blofin", part: .swap,
      body: #"""
        {"code":"0","data":{"details":[{"currency":"USDT","equity":"93.25","balance":"100",
        "available":"50"}]}}
        """#,
      total: "93.25", open: "-6.75", booked: "100"),
    // https://docs.deribit.com/api-reference/account-management/private-get_account_summary
    Case(
      venue: "deribit", part: .spot,
      body: #"""
        {"jsonrpc":"2.0","result":{"summaries":[{"currency":"BTC","equity":1.25,"balance":1.2,
        "available_funds":1.0,"maintenance_margin":0.1,"session_upl":0.05}]}}
        """#,
      total: "1.25", open: "0.05", booked: "1.2"),
    // https://docs.digifinex.com/en-ww/swap/v2/rest.html#accountbalance
    Case(
      venue: "digifinex", part: .swap,
      body: #"""
        {"code":0,"data":[{"currency":"USDT","equity":"99","avail_balance":"90",
        "unrealized_pnl":"-1"}]}
        """#,
      total: "99", open: "-1", booked: "100"),
    // https://docs.dydx.xyz/indexer-client/http
    Case(
      venue: "dydx", part: .swap,
      body: #"""
        {"subaccounts":[{"equity":"110.5","freeCollateral":"60","openPerpetualPositions":{
        "BTC-USD":{"unrealizedPnl":"12.5"},"ETH-USD":{"unrealizedPnl":"-2"}}}]}
        """#,
      total: "110.5", open: "10.5", booked: "100"),
    // https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals
    Case(
      venue: "hyperliquid", part: .swap,
      body: #"""
        {"marginSummary":{"accountValue":"97.5","totalMarginUsed":"4"},"assetPositions":[
        {"position":{"coin":"ETH","unrealizedPnl":"-2.5"},"type":"oneWay"}]}
        """#,
      total: "97.5", open: "-2.5", booked: "100"),
    // https://api-docs.grvt.io/trading_api/#sub-account-summary
    Case(
      venue: "grvt", part: .swap,
      body: #"""
        {"result":{"settle_currency":"USDT","unrealized_pnl":"3","total_equity":"103",
        "available_balance":"90","spot_balances":[]}}
        """#,
      total: "103", open: "3", booked: "100"),
  ]

  /// The balances that the first feed reads out of a body that it knows.
  private static func balances(_ one: Case, _ body: String) throws -> [Balance] {
    let venue = try #require(Venue.named(one.venue))
    let ask = Ask(now: Instant(seconds: 1_735_689_600))
    let incoming = IncomingAnswer(status: 200, body: Array(body.utf8))
    let answer = try venue.answer(ask, Call("private", "GET", "x"), incoming)
    return venue.feeds.balances.compactMap { try? $0.read(answer) }.first { !$0.isEmpty } ?? []
  }

  @Test(arguments: cases)
  func `what is booked is the equity less the open profit`(_ one: Case) throws {
    let balance = try #require(try OpenProfitTests.balances(one, one.body).first)
    #expect(balance.total?.text == one.total)
    let open = try #require(balance.openProfit)
    #expect(open.text == one.open)
    #expect(try balance.total?.subtracting(open).text == one.booked)
  }

  @Test func `a wallet's own balance, told alone, has no open profit`() throws {
    let grvt = try #require(OpenProfitTests.cases.last)
    let body = grvt.body.replacing(
      #""spot_balances":[]"#, with: #""spot_balances":[{"currency":"USDT","balance":"100"}]"#)
    let balance = try #require(try OpenProfitTests.balances(grvt, body).first)
    #expect(balance.total?.text == "100" && balance.openProfit == nil)
  }
}
