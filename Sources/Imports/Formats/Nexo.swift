import Amounts
import Ledger

extension ImportFormat {
  /// Nexo's transaction export, of all its generations.
  ///
  /// Since 2021 a row has an input and an output side and its time in UTC; before, it had one
  /// `Currency` and `Amount`, and a time without a zone, which is taken in the user's.
  public static let nexo = ImportFormat(
    id: "nexo", name: "Nexo", venue: "nexo", defaultAccount: "Nexo", clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/nexo.py",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/nexo.py",
    ],
    header: HeaderRule { header in
      let has = { (name: String) in header.position(of: name) != nil }
      return has("Transaction") && has("Type") && has("Details")
        && (has("Date / Time (UTC)") || has("Date / Time"))
        && (has("Input Currency") && has("Output Amount") || has("Currency") && has("Amount"))
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, settings in
      let nexo = Nexo(
        hasOneAmount: header.position(of: "Input Currency") == nil,
        isUTC: header.position(of: "Date / Time (UTC)") != nil, zone: settings.zone)
      return UnrepeatedRowDecoder(timeIn: nexo.timeColumn) { row throws(RowFault) in
        try nexo.meaning(of: row)
      }
    })
}

/// What a generation of Nexo's export means.
private struct Nexo {
  let hasOneAmount: Bool
  let isUTC: Bool
  let zone: any LocalZone

  var timeColumn: String { isUTC ? "Date / Time (UTC)" : "Date / Time" }

  private static let numbers = NumberStyle.pointed.empty("-")

  func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let details = row["Details"].lowercased()
    if details.hasPrefix("rejected") || details.contains("rejected /") {
      return .skipped("rejected")
    }
    let type = LabelVocabulary.key(try row.text("Type"))
    if let why = Nexo.tellsNothing[type] { return .skipped(why) }
    guard let effect = Nexo.effects[type] else { throw row.fault(.unknownKind, "Type") }
    let sides = try Sides(row, hasOneAmount: hasOneAmount, isTrade: effect == .trade)
    if effect == .received(.receive) && sides.output.isNegative {
      return .skipped("interest that another row tells as received")
    }
    var transaction = ImportedTransaction(
      row: row.number, time: try row.time(.named(timeColumn), .iso, zone: isUTC ? UTCZone() : zone),
      kind: effect.kind)
    switch effect {
    case .received: transaction.incoming = try sides.received(row)
    case .sent: transaction.outgoing = try sides.sent(row)
    case .sentOutput: transaction.outgoing = try sides.received(row)
    case .lent: transaction.incoming = try sides.sent(row)
    case .fee: transaction.fee = try sides.received(row)
    case .trade:
      transaction.incoming = try sides.received(row)
      transaction.outgoing = try sides.sent(row)
    }
    if transaction.fee == nil, Nexo.code(row["Fee Currency"]) != nil {
      transaction.fee = try row.optionalAmount("Fee", of: "Fee Currency", Nexo.numbers)
    }
    transaction.note = row["Details"].isEmpty ? row["Type"] : row["Details"]
    transaction.reference = row.optional("Transaction")
    return .transaction(transaction)
  }
}

// MARK: - Types

extension Nexo {
  /// What a type does to the holdings.
  private enum Effect: Hashable {
    /// The output side comes in.
    case received(EntryKind)
    /// The input side goes out.
    case sent(EntryKind)
    /// The output side goes out: what arrives at its destination.
    case sentOutput(EntryKind)
    /// What was lent comes in, which the input side tells.
    case lent(EntryKind)
    /// The output side is a fee.
    case fee
    /// The input side for the output side.
    case trade

    var kind: EntryKind {
      switch self {
      case .received(let kind), .sent(let kind), .sentOutput(let kind), .lent(let kind): kind
      case .fee: .fee
      case .trade: .trade
      }
    }
  }

  private static let effects: [String: Effect] = [
    "deposit": .received(.deposit), "exchangedepositedon": .received(.deposit),
    "withdrawal": .sentOutput(.withdrawal), "withdrawexchanged": .sentOutput(.withdrawal),
    "withdrawalfee": .fee, "interest": .received(.receive), "bonus": .received(.receive),
    "dividend": .received(.receive), "fixedterminterest": .received(.receive),
    "interestadditional": .received(.receive), "dualinvestmentinterest": .received(.receive),
    "cashback": .received(.receive), "exchangecashback": .received(.receive),
    "referralbonus": .received(.receive), "liquidation": .sent(.liquidation),
    "manualsellorder": .sentOutput(.loanRepayment), "exchange": .trade,
    "exchangecollateral": .trade, "exchangebooster": .trade, "dualinvestmentexchange": .trade,
    "withdrawalcredit": .lent(.loan), "loanwithdrawal": .lent(.loan),
    "assimilation": .lent(.feeRebate), "nexocardcashbackreversal": .sent(.spend),
  ]

  /// Rows of which another row tells the same fact, or that move nothing the customer owns.
  private static let tellsNothing: [String: String] = {
    let reasons: [(why: String, types: [String])] = [
      (
        "between own wallets",
        [
          "lockingtermdeposit", "unlockingtermdeposit", "transferin", "transferout",
          "transferfromprowallet", "transfertoprowallet", "transferfromadvanced",
          "transfertoadvanced", "dualinvestmentlock", "dualinvestmentunlock", "administrator",
        ]
      ),
      (
        "told by Withdraw Exchanged",
        ["exchangetowithdraw", "creditcardstatus", "nexocardpurchase"]
      ),
      ("told by Withdraw Exchanged", ["creditcardfiatxexchangetowithdraw", "nexocardrefund"]),
      ("told by Exchange Deposited On", ["deposittoexchange"]),
      ("a top-up, which Exchange Deposited On may tell again", ["topupcrypto"]),
      ("told by Manual Sell Order", ["repayment", "manualrepayment", "exchangeliquidation"]),
      (
        "moves the credit line only",
        ["exchangecredit", "creditcardwithdrawalcredit", "nexocardtransactionfee"]
      ),
    ]
    var found: [String: String] = [:]
    for reason in reasons {
      for type in reason.types { found[type] = reason.why }
    }
    return found
  }()
}

// MARK: - Sides

extension Nexo {
  /// A row's two sides, as both generations have them.
  private struct Sides {
    let inputCode: String?
    let outputCode: String?
    let input: Quantity
    let output: Quantity

    init(_ row: Row, hasOneAmount: Bool, isTrade: Bool) throws(RowFault) {
      guard hasOneAmount else {
        inputCode = Nexo.code(row["Input Currency"])
        outputCode = Nexo.code(row["Output Currency"])
        input = try row.optionalSigned("Input Amount", Nexo.numbers) ?? .zero
        output = try row.optionalSigned("Output Amount", Nexo.numbers) ?? .zero
        return
      }
      let codes = row["Currency"].split(separator: "/", maxSplits: 1)
      let amounts = row["Amount"].split(separator: " / ", maxSplits: 1)
      if isTrade && (codes.count != 2 || amounts.count != 2) {
        throw row.fault(.wrongShape, codes.count == 2 ? "Amount" : "Currency")
      }
      inputCode = Nexo.code(String(codes.first ?? ""))
      outputCode = Nexo.code(String(codes.last ?? ""))
      input = try Sides.number(amounts.first, of: row)
      output = try Sides.number(amounts.last, of: row)
    }

    private static func number(_ text: Substring?, of row: Row) throws(RowFault) -> Quantity {
      let plain = Row.trimmed(text ?? "")
      guard let value = try Row.number(plain, Nexo.numbers, column: "Amount") else {
        throw row.fault(.missing, "Amount")
      }
      return Quantity(value)
    }

    /// The output side; rows of interest and bonuses may fill the input side only.
    func received(_ row: Row) throws(RowFault) -> AssetQuantity {
      let quantity = output.isZero ? input : output
      return try Sides.amount(quantity, outputCode ?? inputCode, of: row)
    }

    /// The input side.
    func sent(_ row: Row) throws(RowFault) -> AssetQuantity {
      try Sides.amount(input, inputCode ?? outputCode, of: row)
    }

    private static func amount(
      _ quantity: Quantity, _ code: String?, of row: Row
    ) throws(RowFault) -> AssetQuantity {
      guard let code else { throw row.fault(.missing, "Input Currency") }
      if code.utf8.count > Row.longestCode { throw RowFault(.tooLong, text: code) }
      guard let magnitude = try? quantity.magnitude() else { throw RowFault(.tooLarge, text: code) }
      return AssetQuantity(magnitude, NamedAsset(code))
    }
  }

  /// Nexo's own codes; `-` and nothing are no code.
  private static func code(_ text: String) -> String? {
    text.isEmpty || text == "-" ? nil : codes[text.uppercased()] ?? text
  }

  private static let codes: [String: String] = [
    "GBPX": "GBP", "BNBN": "BNB", "NEXONEXO": "NEXO", "NEXOBNB": "NEXO", "NEXOBEP2": "NEXO",
    "USDTERC": "USDT",
  ]
}
