import Amounts
import Encodings
import Ledger
import VenueKit

// https://docs.cdp.coinbase.com/coinbase-app/track-apis/accounts and …/track-apis/transactions
extension CoinbaseDialect {
  mutating func runOld(
    _ parts: [String], _ request: SimulatedRequest, _ account: Int, at now: Instant
  ) throws(CoinbaseRefusal) -> JSON {
    let fields = request.queryFields
    guard request.method == "GET" else {
      throw CoinbaseRefusal(403, "invalid_scope", "Your key does not have this permission")
    }
    switch (parts.first ?? "", parts.count) {
    case ("time", 1):
      return ["data": ["iso": .string(TimeForm.isoSeconds.write(now)), "epoch": .seconds(now)]]
    case ("user", 1):
      return ["data": ["id": .string(portfolio(account)), "name": "Simulated", "resource": "user"]]
    case ("currencies", 1):
      let rows = ["USD", "EUR"].map { code -> JSON in
        ["id": .string(code), "name": .string(code), "min_size": "0.01"]
      }
      return ["data": .array(rows)]
    case ("currencies", 2) where parts[1] == "crypto":
      let coins = exchange.listing.assets.filter { $0 != "USD" && $0 != "EUR" }
      return [
        "data": .array(
          coins.map { code in
            ["code": .string(code), "name": .string(code), "exponent": 8, "type": "crypto"]
          })
      ]
    case ("exchange-rates", 1): return rates(fields, at: now)
    case ("accounts", 1): return wallets(fields, account, at: now)
    case ("accounts", 2):
      let found = allWallets(account, at: now).first { $0.id == parts[1] }
      guard let found else { throw CoinbaseRefusal.notFound }
      return ["data": walletRow(found, at: now)]
    case ("accounts", 3) where parts[2] == "transactions":
      return try transactions(parts[1], fields, account, at: now)
    case ("accounts", 3) where parts[2] == "deposits" || parts[2] == "withdrawals":
      return CoinbaseDialect.paged([], { _ in .null }, "", fields)
    default: throw CoinbaseRefusal.notFound
    }
  }

  private func rates(_ fields: FormFields, at now: Instant) -> JSON {
    let currency = fields["currency"] ?? "USD"
    let own = exchange.prices.dollars(currency, at: now) ?? 1
    var rows = JSONObject()
    for asset in exchange.listing.assets {
      guard let price = exchange.prices.dollars(asset, at: now) else { continue }
      rows.set(asset, .plain(.near(own / price, digits: 12)))
    }
    return ["data": ["currency": .string(currency), "rates": .object(rows)]]
  }

  private struct Wallet {
    let id: String
    let asset: String
    let total: Fixed
    let isStaked: Bool
  }

  private func allWallets(_ account: Int, at now: Instant) -> [Wallet] {
    let plain = exchange.balances(account, at: now).map {
      Wallet(id: wallet($0.asset, account), asset: $0.asset, total: $0.total, isStaked: false)
    }
    let earn = exchange.accounts[account].earn
    let staked = earn.keys.sorted().map { asset in
      Wallet(
        id: wallet(asset, account, isStaked: true), asset: asset, total: earn[asset] ?? .zero,
        isStaked: true)
    }
    return plain + staked
  }

  private func walletRow(_ wallet: Wallet, at now: Instant) -> JSON {
    let isFiat = wallet.asset == "USD" || wallet.asset == "EUR"
    let name = wallet.isStaked ? "Staked \(wallet.asset)" : "\(wallet.asset) Wallet"
    return [
      "id": .string(wallet.id), "name": .string(name), "primary": .bool(!wallet.isStaked),
      "type": .string(isFiat ? "fiat" : "wallet"),
      "balance": ["amount": .padded(wallet.total, 8), "currency": .string(wallet.asset)],
      "created_at": "2021-05-31T09:59:59Z", "updated_at": .string(TimeForm.isoSeconds.write(now)),
      "resource": "account", "resource_path": .string("/v2/accounts/\(wallet.id)"),
      "currency": [
        "code": .string(wallet.asset), "name": .string(wallet.asset), "exponent": 8,
        "type": .string(isFiat ? "fiat" : "crypto"),
      ], "allow_deposits": true, "allow_withdrawals": true,
    ]
  }

  private func wallets(_ fields: FormFields, _ account: Int, at now: Instant) -> JSON {
    let rows = allWallets(account, at: now).map { ($0.id, walletRow($0, at: now)) }
    return CoinbaseDialect.paged(rows, { $0.1 }, "/v2/accounts", fields, id: { $0.0 })
  }

  // https://docs.cdp.coinbase.com/coinbase-app/api-architecture/pagination : up to 100.
  private static let pageMost = 100

  /// A page of rows; of all, or of those behind `starting_after` alone where it `isCut`.
  private static func paged(
    _ rows: [(String, JSON)], _ row: ((String, JSON)) -> JSON, _ path: String, _ fields: FormFields,
    id: ((String, JSON)) -> String = { $0.0 }, isCut: Bool = false
  ) -> JSON {
    let limit = Int(min(max(fields.number("limit") ?? 25, 1), Int64(pageMost)))
    var rest = rows[...]
    if !isCut, let after = fields["starting_after"],
      let place = rows.firstIndex(where: { id($0) == after })
    {
      rest = rows[(place + 1)...]
    }
    let page = rest.prefix(limit)
    let next = page.count < rest.count ? page.last.map(id) : nil
    let uri = next.map { "\(path)?limit=\(limit)&starting_after=\($0)" }
    return [
      "pagination": [
        "ending_before": .null,
        "starting_after": fields["starting_after"].map { .string($0) } ?? .null,
        "previous_ending_before": .null, "next_starting_after": next.map { .string($0) } ?? .null,
        "limit": .count(limit), "order": "desc", "previous_uri": .null,
        "next_uri": uri.map { .string($0) } ?? .null,
      ],
      "data": .array(page.map(row)),
    ]
  }

  // MARK: - Transactions

  /// Newest first; the rows of one wallet.
  private mutating func transactions(
    _ id: String, _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(CoinbaseRefusal) -> JSON {
    guard let wallet = allWallets(account, at: now).first(where: { $0.id == id }) else {
      throw CoinbaseRefusal.notFound
    }
    var rows = exchange.ledger(account, asset: wallet.asset, at: now)
    if wallet.isStaked {
      rows = rows.filter { row in
        let kind = exchange.event(of: row, account).kind
        return kind == .toEarn || kind == .fromEarn
      }
    }
    if let after = fields["starting_after"] {
      let place = place(ofTransaction: after, account, isStaked: wallet.isStaked)
      let index = place.map { rows.index(ofPlace: $0) }
      if let place, let index, index < rows.endIndex, rows.place(index) == place {
        rows = rows.before(index)
      }
    }
    // Only what a page holds is written out, and one row more, which tells that there are more.
    let made = rows.suffix(CoinbaseDialect.pageMost + 1).reversed().map { row -> (String, JSON) in
      let name = CoinbaseDialect.transaction(row.id, isStaked: wallet.isStaked)
      let event = exchange.event(of: row, account)
      return (name, transactionRow(name, row, event, wallet, at: now))
    }
    return CoinbaseDialect.paged(
      made, { $0.1 }, "/v2/accounts/\(id)/transactions", fields, isCut: true)
  }

  private static func transaction(_ id: Int64, isStaked: Bool) -> String {
    SeededText.uuid(mixed(UInt64(bitPattern: id), isStaked ? 76 : 75))
  }

  /// Where the line of a transaction is in an account's statement; `nil` for a name that is none.
  ///
  /// Names are noted as the statement grows: they do not tell their place.
  private mutating func place(
    ofTransaction name: String, _ account: Int, isStaked: Bool
  ) -> Int? {
    let key = account * 2 + (isStaked ? 1 : 0)
    let ledger = exchange.accounts[account].ledger
    for place in (noted[key] ?? 0)..<ledger.count {
      let name = CoinbaseDialect.transaction(ledger[place].id, isStaked: isStaked)
      places[name] = (key, place)
    }
    noted[key] = ledger.count
    guard let found = places[name], found.key == key else { return nil }
    return found.place
  }

  private func transactionRow(
    _ id: String, _ row: SimulatedLedgerRow, _ event: SimulatedEvent, _ wallet: Wallet,
    at now: Instant
  ) -> JSON {
    // The amount holds the fee.
    let amount = wallet.isStaked ? -row.amount : row.amount - row.fee
    let dollars = exchange.prices.dollars(row.asset, at: row.time) ?? 0
    let worth = Fixed.near(amount.approximate * dollars, digits: 2)
    let time = JSON.string(TimeForm.isoSeconds.write(row.time))
    var members = JSONObject([
      ("id", .string(id)), ("type", .string(CoinbaseDialect.word(event, wallet.asset))),
      ("status", "completed"),
      ("amount", ["amount": .padded(amount, 8), "currency": .string(row.asset)]),
      ("native_amount", ["amount": .padded(worth, 2), "currency": "USD"]),
      ("description", .null), ("created_at", time), ("updated_at", time),
      ("resource", "transaction"),
      ("resource_path", .string("/v2/accounts/\(wallet.id)/transactions/\(id)")),
    ])
    for (name, value) in details(row, event) { members.set(name, value) }
    return .object(members)
  }

  private static func word(_ event: SimulatedEvent, _ asset: String) -> String {
    let isFiat = asset == "USD" || asset == "EUR"
    switch event.kind {
    case .trade: return "advanced_trade_fill"
    case .deposit: return isFiat ? "fiat_deposit" : "send"
    case .withdrawal: return isFiat ? "fiat_withdrawal" : "send"
    case .reward: return "staking_reward"
    case .conversion: return "trade"
    case .toEarn: return "staking_transfer"
    case .fromEarn: return "unstaking_transfer"
    case .charge, .toFutures: return "subscription"
    }
  }

  private func details(
    _ row: SimulatedLedgerRow, _ event: SimulatedEvent
  ) -> [(String, JSON)] {
    let bits = UInt64(bitPattern: event.id)
    switch event.kind {
    case .trade:
      guard let market = exchange.market(event.market) else { return [] }
      return [
        (
          "advanced_trade_fill",
          [
            "fill_price": .plain(event.price),
            "product_id": .string(CoinbaseDialect.product(market)),
            "order_id": .string(order(event.order)), "commission": .plain(event.fee),
            "order_side": event.isBuy ? "buy" : "sell",
          ]
        )
      ]
    case .conversion:
      return [("trade", ["id": .string(SeededText.uuid(mixed(bits, 77)))])]
    case .deposit, .withdrawal:
      let isFiat = row.asset == "USD" || row.asset == "EUR"
      if isFiat { return [] }
      var network = JSONObject([
        ("status", "confirmed"), ("hash", .string(SeededText.hex(64, mixed(bits, 9)))),
        ("network_name", row.asset == "BTC" ? "bitcoin" : "ethereum"),
      ])
      let isOut = event.kind == .withdrawal
      if isOut {
        network.set(
          "transaction_fee", ["amount": .plain(row.fee), "currency": .string(row.asset)])
      }
      let place: JSON = [
        "resource": "address", "address": .string("0x" + SeededText.hex(40, bits)),
      ]
      return [("network", .object(network)), (isOut ? "to" : "from", place)]
    default: return []
    }
  }
}

extension CoinbaseRefusal {
  static let notFound = CoinbaseRefusal(404, "not_found", "Not found")
}
