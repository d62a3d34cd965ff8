import Amounts
import Ledger

extension ImportFormat {
  /// CoinTracking's trade table with values: `Value in BTC` and in the account's currency, no fees.
  ///
  /// The header repeats its names, in the account's language, so columns go by position. Times are
  /// in the zone the account was set to.
  public static let coinTracking = ImportFormat(
    id: "cointracking", name: "CoinTracking", venue: "cointracking",
    defaultAccount: "CoinTracking", clock: .account,
    sources: [
      "https://cointracking.freshdesk.com/en/support/solutions/articles/29000042783",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/cointracking.py",
    ],
    header: HeaderRule { header in
      let columns = header.columns
      return columns.count >= 13 && columns[2] == "cur." && columns[6] == "cur."
        && [3, 4, 7, 8].allSatisfy { columns[$0].contains(" ") }
        && columns[3] == columns[7] && columns[4] == columns[8]
    },
    makeDecoder: { header, settings in
      let currency = Currency(header.columns[4].split(separator: " ").last ?? "")
      return SingleRowDecoder { row throws(RowFault) in
        .transaction(
          try CoinTracking.valued(row, in: currency ?? settings.localCurrency, settings))
      }
    })
}

/// What CoinTracking's rows and types mean.
enum CoinTracking {
  static let numbers = NumberStyle.pointed.empty("-")

  /// A row of the table with values, by position.
  static func valued(
    _ row: Row, in currency: Currency?, _ settings: ImportSettings
  ) throws(RowFault) -> ImportedTransaction {
    let sides = TrackedSides(
      incoming: try row.trackedSide(1, of: 2, numbers),
      outgoing: try row.trackedSide(5, of: 6, numbers))
    let instant = try time(of: row, 12, settings)
    var transaction = try sides.transaction(of: row, at: instant, label: 0, in: types)
    transaction.account = row.optional(10)
    if ![.deposit, .withdrawal].contains(transaction.kind) {
      let side: Column = transaction.incoming == nil ? 8 : 4
      transaction.state(try row.money(side, in: currency, numbers))
    }
    return transaction
  }

  /// A time as the account was set to write it; day and month in slashes go by the user's setting.
  static func time(
    of row: Row, _ column: Column, _ settings: ImportSettings
  ) throws(RowFault) -> Instant {
    try row.time(
      column, .dots, .iso, .slashes.ordered(settings.dateOrder),
      .pattern("dd-MM-yyyyTHH:mm[:ss]").ordered(settings.dateOrder), zone: settings.zone)
  }

  /// The transaction types, in English, German and Spanish.
  ///
  /// Source: https://cointracking.freshdesk.com/en/support/solutions/articles/29000042783
  static let types = LabelVocabulary(
    incoming: [
      "deposit": .deposit, "income": .income, "gifttip": .giftReceived, "rewardbonus": .airdrop,
      "mining": .mining, "miningcommercial": .mining, "airdrop": .airdrop,
      "airdropnontaxable": .airdrop, "staking": .staking, "masternode": .staking,
      "minting": .staking, "dividendsincome": .income, "lendingincome": .interest,
      "interestincome": .interest, "otherincome": .income, "incomenontaxable": .income,
      "derivativesfuturesprofit": .marginGain, "marginprofit": .marginGain,
      "lprewards": .reward, "receiveloan": .loan, "removecollateral": .unstake,
      "removeliquidity": .unstake, "receivelptoken": .receive,
      "einzahlung": .deposit, "einnahme": .income, "geschenktrinkgeld": .giftReceived,
      "belohnungbonus": .airdrop, "zinsen": .interest, "zinseinnahme": .interest,
      "lendingeinnahme": .interest, "dividendeneinnahme": .income, "sonstigeeinnahme": .income,
      "depósito": .deposit, "ingresos": .income, "recompensabonificación": .airdrop,
      "ingresosporintereses": .interest, "beneficiodederivadosfuturos": .marginGain,
    ],
    outgoing: [
      "withdrawal": .withdrawal, "spend": .spend, "donation": .donation, "gift": .giftSent,
      "stolen": .lost, "stolenhackedfraud": .lost, "lost": .lost, "otherfee": .fee, "fee": .fee,
      "borrowingfee": .fee, "settlementfee": .fee, "otherexpense": .spend,
      "expensenontaxable": .spend, "marginloss": .marginLoss, "marginfee": .marginFee,
      "derivativesfuturesloss": .marginLoss, "derivativesfuturesfee": .marginFee,
      "addcollateral": .stake, "provideliquidity": .stake, "addliquidity": .stake,
      "returnlptoken": .withdrawal, "repayloan": .loanRepayment, "liquidation": .liquidation,
      "auszahlung": .withdrawal, "ausgabe": .spend, "spende": .donation, "geschenk": .giftSent,
      "gestohlen": .lost, "verloren": .lost, "verlust": .lost, "sonstigegebühr": .fee,
      "anderegebühr": .fee, "sonstigeausgabe": .spend,
      "retirada": .withdrawal, "gasto": .spend, "otrascomisiones": .fee,
      "pérdidasporderivadosfuturos": .marginLoss,
    ],
    both: [
      "trade": .trade, "margintrade": .trade, "derivativesfuturestrade": .trade,
      "swapnontaxable": .trade, "swap": .trade, "handel": .trade, "operación": .trade,
    ])
}
