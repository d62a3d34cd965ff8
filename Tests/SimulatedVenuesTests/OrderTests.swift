import Amounts
import Encodings
import Ledger
import Simulator
import Testing
import VenueKit

/// Placing, finding and cancelling as each venue's documents describe it.
@Suite struct OrderTests {
  @Test func `binance places, finds by the client's id, reports fills and cancels`() throws {
    var client = Client(BinanceDialect(settings()))
    let buy = try client.ask(
      "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=mine",
      method: "POST")
    #expect(try buy["status"].text() == "FILLED")
    #expect(try buy["executedQty"].text() == "0.01000000")
    let fills = try buy["fills"].elements()
    #expect(!fills.isEmpty)
    #expect(try fills[0]["commissionAsset"].text() == "BTC")
    let found = try client.ask("/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine")
    #expect(try found["orderId"].text() == buy["orderId"].text())
    let trades = try client.ask(
      "/api/v3/myTrades", "symbol=BTCUSDT&orderId=\(buy["orderId"].text())")
    #expect(try trades.elements().count == fills.count)

    let rest = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=10"
    let open = try client.ask("/api/v3/order", rest + "&newClientOrderId=x", method: "POST")
    #expect(try open["status"].text() == "NEW")
    let again = try client.ask("/api/v3/order", rest + "&newClientOrderId=x", method: "POST")
    #expect(try again["code"].integer() == -2_010)
    #expect(try client.ask("/api/v3/openOrders").elements().count == 1)
    let gone = try client.ask(
      "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=x", method: "DELETE")
    #expect(try gone["status"].text() == "CANCELED")
    let twice = try client.ask(
      "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=x", method: "DELETE")
    #expect(try twice["code"].integer() == -2_011)
    let poor = try client.ask(
      "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=5000", method: "POST")
    #expect(try poor["code"].integer() == -2_010)
    let missing = try client.ask("/api/v3/order", "symbol=BTCUSDT&orderId=5")
    #expect(try missing["code"].integer() == -2_013)
    let small = try client.ask(
      "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0000001", method: "POST")
    #expect(try small["msg"].text() == "Filter failure: LOT_SIZE")
  }

  @Test func `kraken places, finds, lists and cancels`() throws {
    var client = Client(KrakenDialect(settings()))
    let made = try client.ask(
      "AddOrder", "pair=XBTUSD&type=buy&ordertype=limit&price=10&volume=1&cl_ord_id=mine")
    let id = try made["txid"][0].text()
    #expect(id.wholeMatch(of: /O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}/) != nil)
    #expect(try made["descr"]["order"].text() == "buy 1.00000000 XBTUSD @ limit 10.00")
    let open = try client.ask("OpenOrders")["open"].members()
    #expect(open.map(\.key) == [id])
    #expect(try open[0]["cl_ord_id"].text() == "mine")
    let held = try client.ask("BalanceEx")["ZUSD"]["hold_trade"].decimal()
    #expect(held == (try decimal("10.026")))
    #expect(try client.ask("CancelOrder", "txid=\(id)")["count"].integer() == 1)
    let closed = try client.ask("QueryOrders", "txid=\(id)")[id]
    #expect(try closed["status"].text() == "canceled")
    let twice = try body(client.signed("CancelOrder", "txid=\(id)"))
    #expect(try twice["error"][0].text() == "EOrder:Unknown order")
    let poor = try body(
      client.signed("AddOrder", "pair=XBTUSD&type=buy&ordertype=market&volume=1000"))
    #expect(try poor["error"][0].text() == "EOrder:Insufficient funds")
    let post = try body(
      client.signed(
        "AddOrder", "pair=XBTUSD&type=buy&ordertype=limit&price=999999&volume=0.001&oflags=post"))
    #expect(try post["error"][0].text() == "EOrder:Post only order")
  }

  @Test func `coinbase makes an order once for a client's id`() throws {
    var client = Client(CoinbaseDialect(settings()))
    let text =
      #"{"client_order_id":"a1","product_id":"BTC-USD","side":"BUY","order_configuration":"#
      + #"{"limit_limit_gtc":{"base_size":"0.5","limit_price":"10","post_only":true}}}"#
    let path = "/api/v3/brokerage/orders"
    let first = try body(try client.signed("POST", path, "", text))
    #expect(try first["success"].text() == "true")
    let id = try first["success_response"]["order_id"].text()
    let second = try body(try client.signed("POST", path, "", text))
    #expect(try second["success_response"]["order_id"].text() == id)
    let open = try client.ask(path + "/historical/batch", "order_status=OPEN")
    #expect(try open["orders"].elements().count == 1)
    let cancel = try body(
      try client.signed("POST", path + "/batch_cancel", "", #"{"order_ids":["\#(id)","nope"]}"#))
    #expect(try cancel["results"][0]["success"].text() == "true")
    #expect(try cancel["results"][1]["failure_reason"].text() == "UNKNOWN_CANCEL_ORDER")
    let one = try client.ask(path + "/historical/\(id)")
    #expect(try one["order"]["status"].text() == "CANCELLED")
    let poor = text.replacing("a1", with: "a2").replacing("\"0.5\"", with: "\"90000000\"")
    let refused = try body(try client.signed("POST", path, "", poor))
    #expect(try refused["success"].text() == "false")
    #expect(try refused["error_response"]["error"].text() == "INSUFFICIENT_FUND")
  }

  @Test func `bitfinex answers orders with positions, amounts with signs`() throws {
    var client = Client(BitfinexDialect(settings()))
    let made = try client.ask(
      "w/order/submit",
      #"{"type":"EXCHANGE LIMIT","symbol":"tBTCUSD","amount":"0.5","price":"10","cid":42}"#)
    #expect(try made[1].text() == "on-req" && made[6].text() == "SUCCESS")
    let row = made[4][0]
    #expect(try row.elements().count == 32)
    #expect(try row[2].integer() == 42 && row[3].text() == "tBTCUSD" && row[13].text() == "ACTIVE")
    let id = try row[0].integer()
    #expect(try client.ask("r/orders/tBTCUSD").elements().count == 1)
    let gone = try client.ask("w/order/cancel", #"{"id":\#(id)}"#)
    #expect(try gone[1].text() == "oc-req")
    let past = try client.ask("r/orders/hist")
    #expect(try past[0][13].text() == "CANCELED")
    let sale = try client.ask(
      "w/order/submit", #"{"type":"EXCHANGE MARKET","symbol":"tBTCUSD","amount":"-0.00100"}"#)
    #expect(try sale[4][0][13].text().hasPrefix("EXECUTED @ "))
    let trade = try client.ask("r/trades/tBTCUSD/hist", #"{"limit":1}"#)[0]
    #expect(try trade[4].text() == "-0.001")
    // Sold: the fee is in dollars, and negative.
    #expect(try trade[10].text() == "USD" && trade[9].decimal().isNegative)
    let poor = client.signed(
      "w/order/submit", #"{"type":"EXCHANGE MARKET","symbol":"tBTCUSD","amount":"90000"}"#)
    #expect(poor.status == 500)
    #expect(poor.text.hasPrefix(#"["error",10001,"Invalid order: not enough exchange balance"#))
  }

  @Test func `htx places, finds by either id and cancels`() throws {
    var client = Client(HTXDialect(settings()))
    let account = try client.ask("/v1/account/accounts")["data"][0]["id"].text()
    let text =
      #"{"account-id":"\#(account)","symbol":"btcusdt","type":"buy-limit","amount":"1","price":"10","client-order-id":"mine"}"#
    let made = try body(client.signed("POST", "/v1/order/orders/place", [:], text))
    let id = try made["data"].text()
    let order = try client.ask("/v1/order/orders/\(id)")["data"]
    #expect(try order["state"].text() == "submitted" && order["type"].text() == "buy-limit")
    let same = try client.ask(
      "/v1/order/orders/getClientOrder", ["clientOrderId": "mine"])["data"]
    #expect(try same["id"].text() == id)
    let gone = try body(client.signed("POST", "/v1/order/orders/\(id)/submitcancel"))
    #expect(try gone["data"].text() == id)
    let twice = try body(client.signed("POST", "/v1/order/orders/\(id)/submitcancel"))
    #expect(try twice["err-code"].text() == "order-orderstate-error")
    // The amount of a market buy is in quote.
    let market =
      #"{"account-id":"\#(account)","symbol":"btcusdt","type":"buy-market","amount":"100"}"#
    let bought = try body(client.signed("POST", "/v1/order/orders/place", [:], market))
    let done = try client.ask("/v1/order/orders/\(bought["data"].text())")["data"]
    #expect(try done["state"].text() == "filled")
    #expect(try done["field-cash-amount"].decimal() <= decimal("100"))
    #expect(try done["field-cash-amount"].decimal() > decimal("95"))
  }

  @Test func `the same requests at the same times give the same answers`() throws {
    func run() throws -> [String] {
      var client = Client(BinanceDialect(settings(seed: 21)))
      var texts: [String] = []
      for _ in 0..<5 {
        texts.append(
          client.signed("POST", "/api/v3/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1")
            .text)
        texts.append(try client.ask("/api/v3/account")["balances"].json?.text ?? "")
        texts.append(try client.get("/api/v3/depth", "symbol=ETHUSDT&limit=20").json?.text ?? "")
      }
      return texts
    }
    #expect(try run() == run())
  }
}
