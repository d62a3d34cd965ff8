import Amounts
import Conformance
import Imports
import Ledger
import Testing

/// The formats of trading venues.
struct VenuesTests {
  private static let formats: Set<String> = [
    "binance-deposits", "binance-history", "binance-trades", "binance-transfers",
    "binance-withdrawals", "bisq", "bitfinex-ledger", "bitfinex-movements", "bitfinex-trades",
    "bitstamp", "coinbase", "coinbase-pro", "coinbase-pro-fills", "coinbase-pro-statement",
    "coinbase-transfers", "coinbase-wallet",
    "cryptocom-app", "huobi-trades", "kraken-trades", "shapeshift",
  ]

  @Test func `every fixture of a venue comes out as written`() {
    let result = Conformance.run("imports", in: Folders.fixtures)
    let own = result.cases.filter { Self.formats.contains($0.format) }
    #expect(Set(own.map(\.format)) == Self.formats)
    for one in own { #expect(one.verdict == .passed, "\(one.name): \(one.reasons)") }
  }

  @Test func `a fill has one reference in both reports of Coinbase Pro`() throws {
    let account = """
      portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id
      default,match,2021-05-01T10:00:00Z,-100,900,USD,,77,o-1
      default,match,2021-05-01T10:00:00Z,0.5,0.5,LTC,,77,o-1
      """
    let fills = """
      trade id,product,side,created at,size,size unit,price,fee,total,price/fee/total unit
      77,LTC-USD,BUY,2021-05-01T10:00:00Z,0.5,LTC,200,0,-100,USD
      """
    let references = try [account, fills].map { text in
      try reading(text).batch.transactions.map(\.transaction.reference)
    }
    #expect(references == [["77 LTC-USD"], ["77 LTC-USD"]])
  }

  @Test func `a trade has one reference in both reports of Kraken`() throws {
    let trades = """
      txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers
      TXYZ,O1,XETHZEUR,2024-01-05 10:15:30,buy,limit,2000,200,0.3,0.1,0,,"L1,L2"
      """
    let ledgers = """
      txid,refid,time,type,subtype,aclass,asset,amount,fee,balance
      L1,TXYZ,2024-01-05 10:15:30,trade,,currency,ZEUR,-200,0.3,0
      L2,TXYZ,2024-01-05 10:15:30,trade,,currency,XETH,0.1,0,0.1
      """
    let references = try [trades, ledgers].map { text in
      try reading(text).batch.transactions.map(\.transaction.reference)
    }
    #expect(references == [["TXYZ"], ["TXYZ"]])
  }

  @Test(arguments: [
    ("binance-history", "UTC_Time,Account,Operation,Coin,Change,Remark"),
    ("binance-history", "Identifiant utilisateur,Durée,Compte,Opération,Jeton,Change,Remarque"),
    (
      "coinbase",
      "Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,"
        + "Spot Price at Transaction,Subtotal,Total (inclusive of fees),Fees,Notes"
    ),
    (
      "coinbase",
      "Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,"
        + "Spot Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),"
        + "Fees and/or Spread,Notes"
    ),
    (
      "binance-transfers",
      "Date,Coin,Amount,TransactionFee,Address,TXID,SourceAddress,PaymentID,Status"
    ),
    (
      "binance-transfers",
      "Date(UTCnull),Coin,Amount,Status,Payment Method,Indicated Amount,Fee,Order ID"
    ),
    ("coinbase-pro", "type,time,amount,balance,amount/balance unit,transfer id,trade id,order id"),
    ("huobi-trades", "時間,交易類型,交易對,方向,價格,數量,成交額,手續費"),
  ])
  func `older and foreign headers are known`(id: String, header: String) throws {
    let matching = Registry.all.filter { format in
      format.header.matches(Header(header.split(separator: ",").map(String.init)))
    }
    #expect(matching.map(\.id) == [id])
  }

  @Test(arguments: [
    ("XXBTZGBP", "BTC", "GBP"), ("XETHXXBT", "ETH", "BTC"), ("ADAEUR", "ADA", "EUR"),
    ("XTZGBP", "XTZ", "GBP"), ("ZRXXBT", "ZRX", "BTC"), ("AI16ZUSD", "AI16Z", "USD"),
    ("CHZEUR", "CHZ", "EUR"), ("USDTZUSD", "USDT", "USD"), ("ETHPYUSD", "ETH", "PYUSD"),
    ("DOT/USD", "DOT", "USD"), ("XDGXBT", "XDG", "BTC"), ("SNXETH", "SNX", "ETH"),
  ])
  func `Kraken's market names are split where Kraken splits them`(
    pair: String, base: String, quote: String
  ) throws {
    let text = """
      txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers
      T1,O1,\(pair),2024-01-05 10:15:30,sell,limit,1,1,0,1,0,,
      """
    let trade = try #require(try reading(text).batch.transactions.first?.transaction)
    #expect(trade.outgoing?.asset.code == base)
    #expect(trade.incoming?.asset.code == quote)
  }

  @Test func `files without a direction are refused until their name tells it`() throws {
    let text = """
      Date(UTC),Coin,Amount,TransactionFee,Address,TXID,SourceAddress,PaymentID,Status
      2018-03-01 10:00:00,XLM,100,0.01,GA,feed04,,123,Completed
      """
    #expect(try reading(text).batch.refused.map(\.fault.reason) == [.unclearDirection])
    let named = try reading(text, settings: ImportSettings(fileName: "DepositHistory.csv"))
    #expect(named.batch.transactions.map(\.transaction.kind) == [.deposit])
  }

  @Test func `sides of several coins at one second go where prices agree`() throws {
    let text = """
      User_ID,UTC_Time,Account,Operation,Coin,Change,Remark
      1,2025-01-01 00:00:00,Spot,Transaction Spend,EUR,-90000,
      1,2025-01-01 00:00:00,Spot,Transaction Buy,ETH,1,
      1,2025-01-01 00:00:00,Spot,Transaction Buy,BTC,1,
      1,2025-01-01 00:00:00,Spot,Transaction Spend,EUR,-3001,
      1,2025-01-01 00:00:00,Spot,Transaction Buy,ETH,2,
      1,2025-01-01 00:00:00,Spot,Transaction Spend,EUR,-6000,
      """
    let trades = try reading(text).batch.transactions.map(\.transaction)
    let sides = trades.map {
      "\($0.incoming?.quantity.text ?? "") \($0.incoming?.asset.code ?? "") \($0.outgoing?.quantity.text ?? "")"
    }
    #expect(sides == ["1 BTC 90000", "2 ETH 6000", "1 ETH 3001"])
  }
}
