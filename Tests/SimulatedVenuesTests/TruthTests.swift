import Amounts
import Ledger
import Simulator
import Testing
import VenueKit

/// Whoever reads every row a venue tells, page by page, arrives at what the venue says it holds.
@Suite struct TruthTests {
  private func windows(_ days: Int64, of length: Int64) -> [(from: Int64, to: Int64)] {
    stride(
      from: opening.seconds - days * 86_400, to: opening.seconds + 60, by: Int(length * 86_400)
    )
    .map { ($0 * 1_000, min($0 + length * 86_400, opening.seconds + 60) * 1_000 - 1) }
  }

  @Test func `binance adds up`() throws {
    var client = Client(BinanceDialect(settings(events: 900, days: 100)))
    var sums = Sums()
    for market in client.venue.exchange.listing.markets {
      var from: Int64 = 0
      while true {
        let symbol = market.base + market.quote
        let rows = try client.ask("/api/v3/myTrades", "symbol=\(symbol)&fromId=\(from)&limit=10")
          .elements()
        for row in rows {
          let isBuy = try row["isBuyer"].text() == "true"
          let amount = try row["qty"].decimal()
          let cost = try row["quoteQty"].decimal()
          try sums.add(isBuy ? market.base : market.quote, isBuy ? amount : cost)
          try sums.take(isBuy ? market.quote : market.base, isBuy ? cost : amount)
          try sums.take(row["commissionAsset"].text(), row["commission"].decimal())
          from = try row["id"].integer() + 1
        }
        if rows.count < 10 { break }
      }
    }
    for (from, to) in windows(100, of: 30) {
      let span = "startTime=\(from)&endTime=\(to)"
      let deposits = try client.ask("/sapi/v1/capital/deposit/hisrec", span).elements()
      for row in deposits { try sums.add(row["coin"].text(), row["amount"].decimal()) }
      let withdrawals = try client.ask("/sapi/v1/capital/withdraw/history", span).elements()
      for row in withdrawals {
        try sums.take(row["coin"].text(), row["amount"].decimal())
        try sums.take(row["coin"].text(), row["transactionFee"].decimal())
      }
      let dividends = try client.ask("/sapi/v1/asset/assetDividend", span + "&limit=500")
      for row in try dividends["rows"].elements() {
        try sums.add(row["asset"].text(), row["amount"].decimal())
      }
      let moves = try client.ask("/sapi/v1/convert/tradeFlow", span + "&limit=1000")
      for row in try moves["list"].elements() {
        try sums.take(row["fromAsset"].text(), row["fromAmount"].decimal())
        try sums.add(row["toAsset"].text(), row["toAmount"].decimal())
      }
      try earn(&client, &sums, span)
    }
    let transfers = try client.ask(
      "/sapi/v1/asset/transfer",
      "type=MAIN_UMFUTURE&size=100&startTime=\((opening.seconds - 100 * 86_400) * 1_000)")
    for row in try transfers["rows"].elements() {
      try sums.take(row["asset"].text(), row["amount"].decimal())
    }
    let account = try client.ask("/api/v3/account", "omitZeroBalances=true")
    var told: [String: Fixed] = [:]
    for row in try account["balances"].elements() {
      told[try row["asset"].text()] = try row["free"].decimal().adding(row["locked"].decimal())
    }
    // The account route writes eight digits.
    let rounded = try sums.held.mapValues { try $0.rounded(toDigits: 8, rounding: .halfEven) }
    #expect(rounded.filter { !$0.value.isZero } == told.filter { !$0.value.isZero })
  }

  private func earn(
    _ client: inout Client<BinanceDialect>, _ sums: inout Sums, _ span: String
  ) throws {
    let base = "/sapi/v1/simple-earn/flexible/history/"
    for (name, amount, sign) in [
      ("rewardsRecord", "rewards", 1), ("subscriptionRecord", "amount", -1),
      ("redemptionRecord", "amount", 1),
    ] {
      var page = 1
      while true {
        let type = name == "rewardsRecord" ? "&type=REALTIME" : ""
        let answer = try client.ask(base + name, "\(span)&size=100&current=\(page)\(type)")
        let rows = try answer["rows"].elements()
        for row in rows {
          let value = try row[amount].decimal()
          if sign > 0 {
            try sums.add(row["asset"].text(), value)
          } else {
            try sums.take(row["asset"].text(), value)
          }
        }
        if rows.count < 100 { break }
        page += 1
      }
    }
  }

  @Test func `kraken adds up`() throws {
    var client = Client(KrakenDialect(settings(events: 700)))
    var sums = Sums()
    var offset = 0
    var seen: Set<String> = []
    while true {
      let page = try client.ask("Ledgers", "ofs=\(offset)")
      let rows = try page["ledger"].members()
      #expect(rows.count <= 50)
      for row in rows {
        #expect(seen.insert(row.key).inserted)
        try sums.add(row["asset"].text(), row["amount"].decimal())
        try sums.take(row["asset"].text(), row["fee"].decimal())
      }
      offset += rows.count
      if offset >= (try page["count"].integer()) { break }
    }
    var told: [String: Fixed] = [:]
    for row in try client.ask("BalanceEx").members() {
      told[row.key] = try row["balance"].decimal()
    }
    let rounded = try sums.held.mapValues { try $0.rounded(toDigits: 8, rounding: .halfEven) }
    let coarse = try told.mapValues { try $0.rounded(toDigits: 8, rounding: .halfEven) }
    for (asset, amount) in coarse {
      // Ten digits a row: rows and balance may part in the last of eight.
      let gap = try (rounded[asset] ?? .zero).subtracting(amount).magnitude()
      #expect(gap <= (try decimal("0.00000005")), "\(asset)")
    }
  }

  @Test func `bitfinex adds up`() throws {
    var client = Client(BitfinexDialect(settings(events: 700)))
    var sums = Sums()
    var end: Int64 = (opening.seconds + 60) * 1_000
    var seen: Set<Int64> = []
    while true {
      let rows = try client.ask("r/ledgers/hist", #"{"end":\#(end),"limit":250}"#).elements()
      for row in rows where seen.insert(try row[0].integer()).inserted {
        try sums.add(row[1].text(), row[5].decimal())
        end = try row[3].integer()
      }
      if rows.count < 250 { break }
    }
    var told: [String: Fixed] = [:]
    for row in try client.ask("r/wallets").elements() {
      told[try row[1].text()] = try row[2].decimal()
    }
    #expect(sums.held == told)
  }

  @Test func `htx adds up`() throws {
    var client = Client(HTXDialect(settings(events: 700, days: 100)))
    let account = try client.ask("/v1/account/accounts")["data"][0]["id"].text()
    var sums = Sums()
    for (from, to) in windows(100, of: 10) {
      var next: String?
      repeat {
        var fields = [
          "accountId": account, "startTime": String(from), "endTime": String(to), "limit": "50",
        ]
        fields["fromId"] = next
        let page = try client.ask("/v2/account/ledger", fields)
        for row in try page["data"].elements() {
          try sums.add(row["currency"].text(), row["transactAmt"].decimal())
        }
        next = try page["nextId"].optionalText()
      } while next != nil
    }
    var told: [String: Fixed] = [:]
    for row in try client.ask("/v1/account/accounts/\(account)/balance")["data"]["list"].elements()
    {
      let code = try row["currency"].text()
      told[code] = try (told[code] ?? .zero).adding(row["balance"].decimal())
    }
    #expect(sums.held == told.filter { !$0.value.isZero })
  }

  @Test func `coinbase adds up, with every kind of key`() throws {
    for account in 0..<3 {
      var client = Client(CoinbaseDialect(settings(accounts: 3, events: 300)))
      client.account = account
      let wallets = try client.ask("/v2/accounts", "limit=250")["data"].elements()
      #expect(wallets.count >= 18)
      for wallet in wallets {
        let id = try wallet["id"].text()
        var sum = Fixed.zero
        var after = ""
        while true {
          let query = "limit=40" + (after.isEmpty ? "" : "&starting_after=\(after)")
          let page = try client.ask("/v2/accounts/\(id)/transactions", query)
          for row in try page["data"].elements() {
            sum = try sum.adding(row["amount"]["amount"].decimal())
          }
          guard let next = try page["pagination"]["next_starting_after"].optionalText() else {
            break
          }
          after = next
        }
        let gap = try sum.subtracting(wallet["balance"]["amount"].decimal()).magnitude()
        // Eight digits a row.
        #expect(gap <= (try decimal("0.000001")), "\(id)")
      }
    }
  }

  @Test func `fills come page by page, each once`() throws {
    var coinbase = Client(CoinbaseDialect(settings(events: 400)))
    var ids: Set<String> = []
    var cursor = ""
    repeat {
      let page = try coinbase.ask(
        "/api/v3/brokerage/orders/historical/fills", "limit=50&cursor=\(cursor)")
      for row in try page["fills"].elements() {
        #expect(ids.insert(try row["entry_id"].text()).inserted)
      }
      cursor = try page["cursor"].optionalText() ?? ""
    } while !cursor.isEmpty
    let trades = coinbase.venue.exchange.accounts[0].events.filter { $0.kind == .trade }
    #expect(ids.count == trades.count)

    var htx = Client(HTXDialect(settings(events: 400, days: 100)))
    var found: Set<String> = []
    for (from, to) in windows(100, of: 2) {
      let rows = try htx.ask(
        "/v1/order/matchresults",
        ["start-time": String(from), "end-time": String(to), "size": "500"])
      for row in try rows["data"].elements() { found.insert(try row["id"].text()) }
    }
    let matches = htx.venue.exchange.accounts[0].events.filter { $0.kind == .trade }
    #expect(found.count == matches.count)
  }
}
