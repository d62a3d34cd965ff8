import Amounts
import Ledger

extension ImportFormat {
  /// Huobi's (HTX's) export of filled spot orders, with a Chinese or an English header.
  public static let huobiTrades = ImportFormat(
    id: "huobi-trades", name: "Huobi (HTX) spot records", venue: "htx", defaultAccount: "Huobi",
    clock: .account,
    sources: [
      "https://github.com/deb-sig/double-entry-generator/blob/master/docs/providers/crypto/huobi.md"
    ],
    header: HeaderRule { HuobiTrades.Columns($0) != nil },
    makeDecoder: { header, settings in
      let columns = HuobiTrades.Columns(header)
      return SingleRowDecoder { row throws(RowFault) in
        guard let columns else { throw RowFault(.wrongShape) }
        return .transaction(try HuobiTrades(columns: columns, zone: settings.zone).read(row))
      }
    })
}

/// Reads Huobi's rows: what was traded, at what price, and a fee with its code in one cell.
private struct HuobiTrades {
  let columns: Columns
  let zone: any LocalZone

  /// Where the cells stand, in one of the languages of the export.
  struct Columns: Sendable {
    var time: Column = ""
    var type: Column = ""
    var pair: Column = ""
    var side: Column = ""
    var amount: Column = ""
    var total: Column = ""
    var fee: Column = ""

    init?(_ header: Header) {
      var found: [Column] = []
      for names in Columns.names {
        guard let position = names.firstIndex(where: { header.position(of: $0) != nil }) else {
          return nil
        }
        found.append(.named(names[position]))
      }
      guard
        header.columns.first == Header.cleaned(Columns.names[0][0])
          || header.columns.first == Header.cleaned(Columns.names[0][1])
          || header.columns.first == Header.cleaned(Columns.names[0][2])
      else { return nil }
      (time, type, pair, side) = (found[0], found[1], found[2], found[3])
      (amount, total, fee) = (found[4], found[5], found[6])
    }

    /// The names of each column: Chinese (simplified, traditional) and English.
    private static let names: [[String]] = [
      ["时间", "時間", "Time"], ["交易类型", "交易類型", "Type"], ["交易对", "交易對", "Pair"],
      ["方向", "Side", "Direction"], ["数量", "數量", "Amount", "Quantity"],
      ["成交额", "成交額", "Total", "Turnover", "Transaction Amount"],
      ["手续费", "手續費", "Fee", "Transaction Fee"],
    ]
  }

  func read(_ row: Row) throws(RowFault) -> ImportedTransaction {
    guard HuobiTrades.types.contains(try row.text(columns.type).lowercased()) else {
      throw row.fault(.unknownKind, columns.type)
    }
    guard let pair = MarketPair(marked: try row.text(columns.pair)) else {
      throw row.fault(.unknownKind, columns.pair)
    }
    let base = AssetQuantity(
      try row.magnitude(columns.amount, .pointed), NamedAsset(pair.base.uppercased()))
    let quote = AssetQuantity(
      try row.magnitude(columns.total, .pointed), NamedAsset(pair.quote.uppercased()))
    let time = try row.time(columns.time, .iso, .slashes, zone: zone)
    guard let isBuy = HuobiTrades.sides[try row.text(columns.side).lowercased()] else {
      throw row.fault(.unknownKind, columns.side)
    }
    var trade = ImportedTransaction(
      row: row.number, time: time, kind: .trade, incoming: isBuy ? base : quote,
      outgoing: isBuy ? quote : base)
    trade.fee = try fee(row, pair)
    return trade
  }

  /// The fee; its code is one of the market's wherever the cell ends in one.
  private func fee(_ row: Row, _ pair: MarketPair) throws(RowFault) -> AssetQuantity? {
    let codes = [pair.base, pair.quote].sorted { $0.count > $1.count }
    return try row.optionalAmountText(
      columns.fee, .pointed.empty("--", "-"), codesWithDigits: codes + AmountText.codesWithDigits)
  }

  /// Kinds of accounts in which coins change hands.
  private static let types: Set<String> = [
    "币币交易", "幣幣交易", "币币", "现货", "现货交易", "現貨", "現貨交易", "exchange", "spot", "spot trading",
    "杠杆交易", "逐仓杠杆", "全仓杠杆", "逐倉槓桿", "全倉槓桿", "槓桿交易", "margin", "isolated margin",
    "cross margin",
  ]

  private static let sides: [String: Bool] = [
    "买入": true, "買入": true, "buy": true, "卖出": false, "賣出": false, "sell": false,
  ]
}
