import Conformance
import Imports
import Ledger
import Testing

/// The formats of portfolio trackers, lenders and explorers.
struct TrackersTests {
  static let formats: Set<String> = [
    "bitcoin-tax", "blockfi-transactions", "blockpit", "cointracker", "cointracker-universal",
    "cointracking", "cointracking-trade-list", "etherscan-erc20", "etherscan-internal",
    "etherscan-transactions", "koinly-bulk-edit", "koinly-universal", "nexo",
    "rotki-generic-events", "rotki-generic-trades", "uphold",
  ]

  @Test func `every fixture of a tracker comes out as written`() {
    let result = Conformance.run("imports", in: Folders.fixtures)
    let own = result.cases.filter { Self.formats.contains($0.format) }
    #expect(Set(own.map(\.format)) == Self.formats)
    for one in own { #expect(one.verdict == .passed, "\(one.name): \(one.reasons)") }
  }

  @Test func `no header is taken by two formats`() throws {
    for (name, bytes) in try Folders.files() {
      let found = try Detection(head: bytes[...], isWhole: true, formats: Registry.all)
      let matching = Registry.all.filter { $0.header.matches(found.header) }.map(\.id)
      #expect(matching == [found.format.id], "\(name)")
    }
  }

  // MARK: - Refusals

  /// A file of one row whose kind nobody knows.
  struct Unknown: CustomTestStringConvertible {
    let format: String
    let text: String
    var testDescription: String { format }
  }

  static let unknownKinds = [
    Unknown(
      format: "bitcoin-tax",
      text: """
        Date,Action,Symbol,Volume,Currency,Fee,FeeCurrency,Total
        2020-01-01 00:00:00 +0000,TELEPORT,BTC,1,USD,0,USD,1
        """),
    Unknown(
      format: "blockfi-transactions",
      text: """
        Cryptocurrency,Amount,Transaction Type,Confirmed At
        BTC,1,Teleport,2020-01-01 00:00:00
        """),
    Unknown(
      format: "blockpit",
      text: """
        Date (UTC),Label,Outgoing Asset,Outgoing Amount,Incoming Asset,Incoming Amount
        01.01.2024 00:00,Teleport,,,BTC,1
        """),
    Unknown(
      format: "cointracker-universal",
      text: """
        Date,Received Quantity,Received Currency,Sent Quantity,Sent Currency,Fee Amount,Fee Currency,Tag
        01/01/2024,1,BTC,,,,,teleport
        """),
    Unknown(
      format: "cointracking-trade-list",
      text: """
        Type,Buy,Cur.,Sell,Cur.,Fee,Cur.,Exchange,Group,Comment,Date
        Teleport,1,BTC,-,,-,,Kraken,,,01.01.2024 00:00
        """),
    Unknown(
      format: "koinly-universal",
      text: """
        Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label
        2024-01-01 00:00:00 UTC,,,1,BTC,,,teleport
        """),
    Unknown(
      format: "nexo",
      text: """
        Transaction,Type,Input Currency,Input Amount,Output Currency,Output Amount,Details,Date / Time (UTC)
        NXT1,Teleport,BTC,1,BTC,1,approved / x,2024-01-01 00:00:00
        """),
    Unknown(
      format: "rotki-generic-events",
      text: """
        Type,Location,Currency,Amount,Fee,Fee Currency,Description,Timestamp
        Teleport,bisq,BTC,1,,,,1700000000000
        """),
    Unknown(
      format: "uphold",
      text: """
        Date,Destination,Destination Amount,Destination Currency,Fee Amount,Fee Currency,Id,Origin,\
        Origin Amount,Origin Currency,Status,Type
        Mon Jun 01 2020 10:00:00 GMT+0000,uphold,1,BTC,,,u1,uphold,1,BTC,completed,teleport
        """),
  ]

  @Test(arguments: unknownKinds)
  func `a kind that the format does not know is refused`(_ unknown: Unknown) throws {
    let reading = try Self.read(unknown.text, as: unknown.format)
    #expect(reading.batch.transactions.isEmpty)
    #expect(reading.batch.skipped.isEmpty)
    #expect(reading.batch.refused.map(\.fault.reason) == [.unknownKind])
  }

  @Test func `a token transfer of nobody known is refused`() throws {
    let text = """
      Txhash,UnixTimestamp,DateTime,From,To,Value,ContractAddress,TokenName,TokenSymbol
      0x1,1650000000,x,0x01,0x02,5,0x03,Token,TKN
      """
    let reading = try Self.read(text, as: "etherscan-erc20")
    #expect(reading.batch.refused.map(\.fault.reason) == [.unclearDirection])
  }

  @Test func `a label on the wrong side is refused`() throws {
    let text = """
      Date,Received Quantity,Received Currency,Sent Quantity,Sent Currency,Fee Amount,Fee Currency,Tag
      01/01/2024,,,1,BTC,,,airdrop
      """
    let reading = try Self.read(text, as: "cointracker-universal")
    #expect(reading.batch.refused.map(\.fault.reason) == [.unclearDirection])
  }

  // MARK: - What else a file tells

  @Test(arguments: [
    ("export-token-0xaa.csv", "ETH", "ethereum"), ("arbiscan-export.csv", "ETH", "arbitrum"),
    ("export.csv", "MATIC", "polygon"), ("export.csv", "BNB", "bnb-chain"),
  ])
  func `a token is known by its contract on the explorer's chain`(
    _ fileName: String, _ coin: String, _ chain: String
  ) throws {
    let text = """
      Txhash,UnixTimestamp,DateTime,From,To,Value,ContractAddress,TokenName,TokenSymbol
      0x1,1650000000,x,0x01,0x0A,5,0xABCD,Token,TKN
      """
    let settings = ImportSettings(nativeAsset: coin, ownAddress: "0x0a", fileName: fileName)
    let reading = try Self.read(text, as: "etherscan-erc20", settings)
    let asset = reading.batch.transactions.first?.transaction.incoming?.asset
    #expect(asset == NamedAsset("TKN", contract: .init(chain: chain, address: "0xabcd")))
  }

  @Test func `a transfer names both of its accounts`() throws {
    let text = """
      Date,Type,Transaction ID,Received Quantity,Received Currency,Received Wallet,Sent Quantity,\
      Sent Currency,Sent Wallet,Fee Amount,Fee Currency
      01/01/2024 10:00:00,TRANSFER,X6,0.3,ETH,Ledger - ETH Wallet,0.3,ETH,Coinbase - ETH Wallet,,
      """
    let transfer = try #require(
      Self.read(text, as: "cointracker").batch.transactions.first?.transaction)
    #expect(transfer.kind == .transfer)
    #expect(transfer.account == "Coinbase")
    #expect(transfer.toAccount == "Ledger")
    #expect(transfer.reference == "X6")
  }

  /// Every type that the tracker's documentation lists, and whether it comes in.
  ///
  /// Source: https://cointracking.freshdesk.com/en/support/solutions/articles/29000042783
  static let coinTrackingTypes: [(type: String, isIncoming: Bool)] =
    [
      "Deposit", "Income", "Gift / Tip", "Reward / Bonus", "Staking", "Mining", "Airdrop",
      "Income (non taxable)", "Masternode", "Mining (commercial)", "Minting", "Dividends Income",
      "Interest Income", "Lending Income", "Other Income", "Airdrop (non taxable)",
      "Margin Profit", "Derivatives / Futures Profit", "Receive Loan", "Remove Collateral",
      "Remove Liquidity", "Receive LP Token", "LP Rewards",
    ].map { ($0, true) }
    + [
      "Withdrawal", "Spend", "Donation", "Gift", "Stolen / Hacked / Fraud", "Lost", "Other Fee",
      "Expense (non taxable)", "Borrowing Fee", "Other Expense", "Margin Loss", "Margin Fee",
      "Derivatives / Futures Loss", "Settlement Fee", "Add Collateral", "Repay Loan",
      "Liquidation", "Provide Liquidity", "Return LP Token",
    ].map { ($0, false) }

  @Test(arguments: coinTrackingTypes)
  func `every documented type of CoinTracking is understood`(
    _ type: String, _ isIncoming: Bool
  ) throws {
    let sides = isIncoming ? "1,BTC,-," : "-,,1,BTC"
    let text = """
      Type,Buy,Cur.,Sell,Cur.,Fee,Cur.,Exchange,Group,Comment,Date
      \(type),\(sides),-,,Kraken,,,01.01.2024 00:00
      """
    let reading = try Self.read(text, as: "cointracking-trade-list")
    #expect(reading.batch.refused.isEmpty)
    let found = try #require(reading.batch.transactions.first?.transaction)
    #expect((found.incoming != nil) == isIncoming)
  }

  private static func read(
    _ text: String, as format: String, _ settings: ImportSettings = ImportSettings()
  ) throws -> FileReading {
    let bytes = Array(text.utf8)
    let detection = try Detection(head: bytes[...], isWhole: true, formats: Registry.all)
    #expect(detection.format.id == format)
    return FileReading(bytes, detection: detection, settings: settings)
  }
}
