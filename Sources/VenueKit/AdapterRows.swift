import Amounts
import Encodings
import Ledger

/// Reads the rows of adapters; members are named as the row types name them.
///
/// A member that is not known is a fault: a misspelt `fees` must not be lost without a word.
enum AdapterRow {
  @Sendable static func balance(_ row: Node, _ part: AccountPart?) throws(VenueFault) -> Balance {
    try row.allow(["asset", "free", "used", "total", "part"])
    let balance = Balance(
      asset: try row.code("asset"), free: try row.optionalDecimal("free"),
      used: try row.optionalDecimal("used"), total: try row.optionalDecimal("total"),
      part: try row.choice("part") ?? part ?? .spot)
    guard balance.total != nil || balance.free != nil else { throw row.fault("free or total") }
    return balance
  }

  @Sendable static func fill(_ row: Node, _ part: AccountPart?) throws(VenueFault) -> Fill {
    try row.allow([
      "id", "order", "time", "market", "side", "price", "amount", "cost", "fees", "isMaker",
      "part", "realised",
    ])
    guard let side: Side = try row.choice("side") else { throw row["side"].fault("buy or sell") }
    return Fill(
      id: try row.name("id"), order: try row.optionalName("order"), time: try row.instant("time"),
      market: try row.name("market"), side: side, price: try row.size("price"),
      amount: try row.size("amount"), cost: try row.optionalDecimal("cost"),
      fees: try row.amounts("fees"), isMaker: try row.optionalFlag("isMaker"),
      part: try row.choice("part") ?? part ?? .spot, realised: try row.optionalAmount("realised"))
  }

  static func transfer(_ row: Node, _ direction: Transfer.Direction) throws(VenueFault) -> Transfer
  {
    try row.allow([
      "id", "transactionHash", "time", "asset", "amount", "isFeeInside", "fee", "network",
      "address", "tag", "status",
    ])
    guard let status: Transfer.Status = try row.choice("status") else {
      throw row["status"].fault("ok, pending, failed or canceled")
    }
    return Transfer(
      id: try row.name("id"), transactionHash: try row.optionalName("transactionHash"),
      time: try row.instant("time"), direction: direction, asset: try row.code("asset"),
      amount: try row.size("amount"), isFeeInside: try row.optionalFlag("isFeeInside") ?? false,
      fee: try row.optionalAmount("fee"), network: try row.optionalName("network"),
      address: try row.optionalName("address"), tag: try row.optionalName("tag"), status: status)
  }

  @Sendable static func statement(
    _ row: Node, _ part: AccountPart?
  ) throws(VenueFault) -> StatementRow {
    try row.allow([
      "id", "time", "asset", "amount", "kind", "type", "reference", "fee", "after", "part",
      "isToldElsewhere",
    ])
    return StatementRow(
      id: try row.name("id"), time: try row.instant("time"), asset: try row.code("asset"),
      amount: try row.decimal("amount"), kind: try row.choice("kind"),
      type: try row.optionalName("type"), reference: try row.optionalName("reference"),
      fee: try row.optionalAmount("fee"), after: try row.optionalDecimal("after"),
      part: try row.choice("part") ?? part ?? .spot,
      isToldElsewhere: try row.optionalFlag("isToldElsewhere") ?? false)
  }

  @Sendable static func position(
    _ row: Node, _ part: AccountPart?
  ) throws(VenueFault) -> OpenPosition {
    try row.allow([
      "market", "isLong", "contracts", "contractSize", "entryPrice", "markPrice",
      "liquidationPrice", "unrealised", "leverage", "margin", "isIsolated", "time", "part",
    ])
    return OpenPosition(
      market: try row.name("market"), isLong: try row["isLong"].flag(),
      contracts: try row.size("contracts"), contractSize: try row.optionalDecimal("contractSize"),
      entryPrice: try row.optionalDecimal("entryPrice"),
      markPrice: try row.optionalDecimal("markPrice"),
      liquidationPrice: try row.optionalDecimal("liquidationPrice"),
      unrealised: try row.optionalDecimal("unrealised"),
      leverage: try row.optionalDecimal("leverage"), margin: try row.optionalDecimal("margin"),
      isIsolated: try row.optionalFlag("isIsolated"), time: try row.optionalInstant("time"),
      part: try row.choice("part") ?? part ?? .swap)
  }

  @Sendable static func market(_ row: Node, _ part: AccountPart?) throws(VenueFault) -> Market {
    try row.allow([
      "id", "base", "quote", "settle", "kind", "isActive", "contractSize", "amountStep",
      "priceStep", "amountMin", "amountMax", "costMin", "expiry", "strike", "alias",
    ])
    return Market(
      id: try row.name("id"), base: try row.code("base"), quote: try row.code("quote"),
      settle: row["settle"].isNothing ? nil : try row.code("settle"),
      kind: try row.choice("kind") ?? .spot, isActive: try row.optionalFlag("isActive"),
      contractSize: try row.optionalDecimal("contractSize"),
      amountStep: try row.optionalDecimal("amountStep"),
      priceStep: try row.optionalDecimal("priceStep"),
      amountMin: try row.optionalDecimal("amountMin"),
      amountMax: try row.optionalDecimal("amountMax"),
      costMin: try row.optionalDecimal("costMin"), expiry: try row.optionalInstant("expiry"),
      strike: try row.optionalDecimal("strike"), alias: try row.optionalName("alias"))
  }

  @Sendable static func ticker(_ row: Node, _ part: AccountPart?) throws(VenueFault) -> Ticker {
    try row.allow([
      "market", "time", "last", "bid", "ask", "high", "low", "open", "baseVolume", "quoteVolume",
    ])
    return Ticker(
      market: try row.name("market"), time: try row.optionalInstant("time"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
      baseVolume: try row.optionalDecimal("baseVolume"),
      quoteVolume: try row.optionalDecimal("quoteVolume"))
  }

  @Sendable static func rights(_ row: Node, _ part: AccountPart?) throws(VenueFault) -> KeyRights {
    try row.allow(["canRead", "canTrade", "canWithdraw", "addresses", "expires", "made"])
    var addresses: [String]?
    if !row["addresses"].isNothing {
      var listed: [String] = []
      for address in try row["addresses"].elements() { listed.append(try address.text()) }
      addresses = listed
    }
    return KeyRights(
      canRead: try row.optionalFlag("canRead"), canTrade: try row.optionalFlag("canTrade"),
      canWithdraw: try row.optionalFlag("canWithdraw"), addresses: addresses,
      expires: try row.optionalInstant("expires"), made: try row.optionalInstant("made"))
  }
}

extension Node {
  /// Refuses a row that is no object or has other members than these.
  fileprivate func allow(_ names: Set<String>) throws(VenueFault) {
    for member in try members() where !names.contains(member.key) {
      throw member.fault("no such member; there are " + names.sorted().joined(separator: ", "))
    }
  }

  /// A text of at most 256 characters, such as an id.
  fileprivate func name(_ member: String) throws(VenueFault) -> String {
    let text = try text(member)
    guard text.utf8.count <= 256 else { throw self[member].fault("at most 256 characters") }
    return text
  }

  fileprivate func optionalName(_ member: String) throws(VenueFault) -> String? {
    self[member].isNothing ? nil : try name(member)
  }

  /// The code of an asset.
  fileprivate func code(_ member: String) throws(VenueFault) -> String {
    let text = try text(member)
    guard text.utf8.count <= 64 else { throw self[member].fault("at most 64 characters") }
    return text
  }

  /// A decimal that is not negative.
  fileprivate func size(_ member: String) throws(VenueFault) -> Fixed {
    let value = try decimal(member)
    guard !value.isNegative else { throw self[member].fault("a number that is not negative") }
    return value
  }

  /// A word of a list; a word that is not in it is a fault.
  fileprivate func choice<Word: RawRepresentable>(
    _ member: String
  ) throws(VenueFault) -> Word? where Word.RawValue == String {
    guard let text = try optionalText(member) else { return nil }
    guard let word = Word(rawValue: text) else {
      throw self[member].fault("one of the documented words")
    }
    return word
  }

  /// Microseconds since 1970 or ISO 8601; seconds, milliseconds and nanoseconds are refused by the
  /// range, which begins before the first coin and ends with the year 2100.
  fileprivate func instant(_ member: String) throws(VenueFault) -> Instant {
    let text = try text(member)
    let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    let form: TimeForm = isNumber ? .microseconds : .iso
    guard let instant = form.read(text), (1_230_000_000..<4_102_444_800).contains(instant.seconds)
    else { throw self[member].fault("microseconds since 1970, or ISO 8601") }
    return instant
  }

  fileprivate func optionalInstant(_ member: String) throws(VenueFault) -> Instant? {
    self[member].isNothing ? nil : try instant(member)
  }

  /// An object of an asset and an amount.
  fileprivate func amount() throws(VenueFault) -> VenueAmount {
    try allow(["asset", "amount"])
    return VenueAmount(try code("asset"), try decimal("amount"))
  }

  fileprivate func optionalAmount(_ member: String) throws(VenueFault) -> VenueAmount? {
    self[member].isNothing ? nil : try self[member].amount()
  }

  /// A list of such objects, 16 at most.
  fileprivate func amounts(_ member: String) throws(VenueFault) -> [VenueAmount] {
    var amounts: [VenueAmount] = []
    for element in try self[member].optionalElements() { amounts.append(try element.amount()) }
    guard amounts.count <= 16 else { throw self[member].fault("at most 16 amounts") }
    return amounts
  }
}
