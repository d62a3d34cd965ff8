import Amounts
import Ledger

extension ImportFormat {
  /// The transactions of an address from Etherscan and the explorers built like it: BscScan,
  /// PolygonScan, Arbiscan and others.
  ///
  /// The header names the coin: `Value_IN(BNB)`. A failed transaction moves nothing, and its gas is
  /// paid by the sender all the same.
  public static let etherscanTransactions = ImportFormat(
    id: "etherscan-transactions", name: "Etherscan transactions", venue: "etherscan",
    defaultAccount: "Ethereum", clock: .utc,
    sources: [
      "https://etherscan.io/exportData",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/etherscan.py",
    ],
    header: HeaderRule { header in
      let columns = ExplorerColumns(header)
      return columns.hash != nil && header.position(of: "From") != nil
        && header.position(of: "To") != nil && header.position(of: "ParentTxFrom") == nil
        && (columns.valueIn != nil && columns.valueOut != nil && columns.fee != nil
          || header.position(of: "Txn Fee") != nil && header.position(of: "Amount") != nil)
        && header.position(of: "Status") != nil
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, settings in
      let columns = ExplorerColumns(header)
      let chain = ExplorerChain(columns.coin, settings)
      return SingleRowDecoder { row throws(RowFault) in
        if columns.valueIn == nil { return try chain.listedMeaning(of: row, columns) }
        return try chain.transactionMeaning(of: row, columns)
      }
    })
}

// MARK: - Chains

/// The chain an explorer's file is of, and whose address it tells of.
struct ExplorerChain: Sendable {
  /// The chain's coin: `ETH`.
  let coin: String
  /// The chain's name as in `AssetID.contract`.
  let name: String
  /// The owner's address in lower case; `nil` where neither the user nor the file's name tells.
  let owner: String?

  /// Finds the chain of a coin.
  ///
  /// Several chains pay their gas in ether; the name of the file may tell which it is.
  ///
  /// - Parameters:
  ///   - headerCoin: The coin in the header, in lower case.
  ///   - settings: What the user said.
  init(_ headerCoin: String?, _ settings: ImportSettings) {
    let fileName = settings.fileName.lowercased()
    let explorer = ExplorerChain.explorers.first { fileName.contains($0.part) }
    let code = headerCoin ?? settings.nativeAsset?.lowercased() ?? explorer?.coin ?? "eth"
    coin = ExplorerChain.spelling[code] ?? code.uppercased()
    let chain = explorer?.coin == code ? explorer?.chain : nil
    name = chain ?? ExplorerChain.chains[code] ?? code
    owner = settings.ownAddress?.lowercased() ?? ExplorerChain.address(in: fileName)
  }

  /// The account of an address on this chain.
  func account(_ address: String) -> String {
    let own = address.isEmpty ? owner ?? "" : address.lowercased()
    return own.isEmpty ? name : "\(name)-\(own)"
  }

  /// An amount of the chain's coin.
  func amount(_ quantity: Quantity) -> AssetQuantity {
    AssetQuantity(quantity, NamedAsset(coin))
  }

  private static func address(in fileName: String) -> String? {
    let bytes = Array(fileName.utf8)
    guard bytes.count >= 42 else { return nil }
    for start in 0...(bytes.count - 42) where bytes[start...].starts(with: "0x".utf8) {
      let digits = bytes[(start + 2)..<(start + 42)]
      let isHexadecimal = digits.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
      if isHexadecimal { return String(decoding: bytes[start..<(start + 42)], as: UTF8.self) }
    }
    return nil
  }

  /// Coins that are not written in capitals.
  private static let spelling: [String: String] = ["xdai": "xDAI"]

  private static let chains: [String: String] = [
    "eth": "ethereum", "bnb": "bnb-chain", "matic": "polygon", "pol": "polygon",
    "avax": "avalanche", "ftm": "fantom", "xdai": "gnosis", "cro": "cronos", "glmr": "moonbeam",
    "movr": "moonriver", "celo": "celo", "ht": "heco", "mnt": "mantle", "s": "sonic",
    "bera": "berachain", "frxeth": "fraxtal", "ape": "apechain", "btt": "bttc",
    "ron": "ronin", "sei": "sei", "xdc": "xdc", "klay": "kaia", "kaia": "kaia", "wemix": "wemix",
  ]

  /// Names of explorers and chains in the names of files.
  private static let explorers: [(part: String, coin: String, chain: String)] = [
    ("arbiscan", "eth", "arbitrum"), ("arbitrum", "eth", "arbitrum"),
    ("optimis", "eth", "optimism"), ("basescan", "eth", "base"), ("lineascan", "eth", "linea"),
    ("scrollscan", "eth", "scroll"), ("zksync", "eth", "zksync"), ("blastscan", "eth", "blast"),
    ("bscscan", "bnb", "bnb-chain"), ("polygonscan", "pol", "polygon"),
    ("snowtrace", "avax", "avalanche"), ("snowscan", "avax", "avalanche"),
    ("ftmscan", "ftm", "fantom"), ("gnosisscan", "xdai", "gnosis"), ("celoscan", "celo", "celo"),
    ("cronoscan", "cro", "cronos"), ("moonscan", "glmr", "moonbeam"), ("hecoinfo", "ht", "heco"),
    ("mantlescan", "mnt", "mantle"), ("sonicscan", "s", "sonic"),
  ]
}

// MARK: - Columns

/// Where an explorer's file has its columns, whose names hold the coin.
struct ExplorerColumns: Sendable {
  /// `Txhash`, later `Transaction Hash`.
  let hash: Column?
  /// What came in: `Value_IN(ETH)`.
  let valueIn: Column?
  /// What went out: `Value_OUT(ETH)`.
  let valueOut: Column?
  /// `TxnFee(ETH)`, not the one in dollars.
  let fee: Column?
  /// The coin in the header, in lower case.
  let coin: String?

  /// Finds the columns of a header.
  init(_ header: Header) {
    func column(_ prefix: String) -> Int? {
      header.columns.firstIndex { $0.hasPrefix(prefix) && !$0.hasSuffix("(usd)") }
    }
    hash = ["Transaction Hash", "Txhash"].first { header.position(of: $0) != nil }
      .map { .named($0) }
    valueIn = column("value_in(").map { .at($0) }
    valueOut = column("value_out(").map { .at($0) }
    fee = column("txnfee(").map { .at($0) }
    coin = column("value_in(").map { position in
      String(header.columns[position].dropFirst("value_in(".count).prefix { $0 != ")" })
    }
  }

  /// The time of a row.
  func time(of row: Row) throws(RowFault) -> Instant {
    if !row["UnixTimestamp"].isEmpty { return try row.time("UnixTimestamp", .unixSeconds) }
    let column: Column = row["DateTime (UTC)"].isEmpty ? "DateTime" : "DateTime (UTC)"
    return try row.time(column, .iso)
  }
}

// MARK: - Rows

extension ExplorerChain {
  /// What a row with `Value_IN` and `Value_OUT` means.
  fileprivate func transactionMeaning(
    of row: Row, _ columns: ExplorerColumns
  ) throws(RowFault) -> RowMeaning {
    guard let valueIn = columns.valueIn, let valueOut = columns.valueOut, let fee = columns.fee
    else { throw RowFault(.wrongShape) }
    let isFailed = ExplorerChain.isFailed(row)
    let received = try row.optionalQuantity(valueIn, .pointed) ?? .zero
    let sent = try row.optionalQuantity(valueOut, .pointed) ?? .zero
    let from = row["From"].lowercased()
    let to = row["To"].lowercased()
    var transaction = try base(row, columns)
    if !received.isZero && !(owner == from && from == to) {
      if isFailed { return .skipped("failed, and the sender paid its gas") }
      transaction.incoming = amount(received)
      transaction.account = account(to)
      return .transaction(transaction)
    }
    if let owner, owner != from, owner == to { return .skipped("nothing came in") }
    return paid(
      transaction, sent: isFailed || from == to ? .zero : sent, from: from,
      fee: try row.optionalMagnitude(fee, .pointed) ?? .zero)
  }

  /// What a row of the list as a page shows it means: one `Amount` with its coin, and `Txn Fee`.
  fileprivate func listedMeaning(
    of row: Row, _ columns: ExplorerColumns
  ) throws(RowFault) -> RowMeaning {
    let isFailed = ExplorerChain.isFailed(row)
    let value = try row.optionalAmountText("Amount", .pointed)
    let from = row["From"].lowercased()
    let to = row["To"].lowercased()
    var transaction = try base(row, columns)
    if owner == from {
      let fee = try row.optionalMagnitude("Txn Fee", .pointed) ?? .zero
      let sent = isFailed || from == to ? Quantity.zero : value?.quantity ?? .zero
      return paid(transaction, sent: sent, from: from, fee: fee)
    }
    guard owner == to else { throw row.fault(.unclearDirection, "To") }
    guard !isFailed, let value else { return .skipped("nothing came in") }
    transaction.incoming = value
    transaction.account = account(to)
    return .transaction(transaction)
  }

  private func paid(
    _ transaction: ImportedTransaction, sent: Quantity, from: String, fee: Quantity
  ) -> RowMeaning {
    if sent.isZero && fee.isZero { return .skipped("no value and no gas") }
    var transaction = transaction
    transaction.kind = sent.isZero ? .fee : .withdrawal
    transaction.outgoing = sent.isZero ? nil : amount(sent)
    transaction.fee = fee.isZero ? nil : amount(fee)
    transaction.account = account(from)
    return .transaction(transaction)
  }

  private func base(
    _ row: Row, _ columns: ExplorerColumns
  ) throws(RowFault) -> ImportedTransaction {
    var transaction = ImportedTransaction(
      row: row.number, time: try columns.time(of: row), kind: .deposit)
    let method = row.optional("Method")
    transaction.note =
      ExplorerChain.isFailed(row)
      ? method.map { "Failure (\($0))" } ?? "Failure" : method ?? row.optional("PrivateNote")
    transaction.transactionHash = columns.hash.flatMap { row.optional($0) }
    transaction.reference = transaction.transactionHash
    return transaction
  }

  /// Only failed transactions have a status in this export; the page's list says it in words.
  private static func isFailed(_ row: Row) -> Bool {
    !["", "success", "ok", "1"].contains(row["Status"].lowercased())
  }
}
