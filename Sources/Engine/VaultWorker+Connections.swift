import Amounts
import Cipher
import Dispatch
import Encodings
import Ledger
import Logging
import Sync
import Vault
import VenueKit
import Venues
import Wallets
import Wire

// What the vault does for accounts that are read from venues.

extension VaultWorker {
  /// Writes a batch of the sync machine; its end comes as an event.
  func store(_ batch: SyncBatch) {
    writing.async { [self] in
      do {
        var stored = VenueBatch(batch)
        stored.accounts = try claimAccounts(of: batch)
        let outcome = try vault.applySync(stored, by: VaultWorker.engine)
        inbox.post(.synced(batch: batch.id, try changes(of: outcome)))
      } catch {
        log.error("a batch was not stored", metadata: ["fault": "\(error)"])
        inbox.post(.unsynced(batch: batch.id))
      }
    }
  }

  /// The accounts of what a wallet has inside protocols, named after both and in its book.
  private func claimAccounts(of batch: SyncBatch) throws -> [Account] {
    guard !batch.claims.isEmpty,
      let wallet = try reader.accounts.first(where: { $0.id == batch.account })
    else { return [] }
    return batch.claims.map { place in
      Account(
        place, title: DeFiProtocol(rawValue: place.venue)?.title ?? place.venue, of: wallet)
    }
  }

  /// The engine itself as an author.
  private static var engine: Attribution {
    Attribution(uid: 0, user: "sync", time: EngineLoop.now)
  }

  private func changes(of outcome: AppendOutcome) throws -> LedgerChanges {
    var changes = LedgerChanges()
    changes.holdings = outcome.holdings
    changes.accounts = outcome.accounts
    changes.quotes = outcome.quotes
    if outcome.added > 0 { changes.entries = try reader.entryCount() }
    if outcome.refused > 0 || outcome.resolved > 0 {
      changes.refused = try reader.refused(limit: 0).total
    }
    return changes
  }

  // MARK: - Accounts

  /// Stores an account whose key was tried.
  func connect(_ request: Request, _ connection: NewConnection) throws -> WorkResult {
    defer { courier.endTrial(of: connection.account) }
    let credentials = Credentials(request.secrets, of: connection.venue)
    let author = request.author
    let vault = try vault
    if !connection.isRekeyed {
      let account = Account(
        id: connection.account, name: connection.name, venue: connection.venue.id,
        book: request.arguments["book"].map { BookID($0) } ?? .main)
      var settings = SyncSettings()
      settings.acceptsWithdrawRight = request.arguments["accept-withdraw"] == "yes"
      if let from = request.arguments["from"] {
        guard let day = TimeForm.iso.read(from) else {
          throw Refusal(.usage, "from wants a day such as 2024-01-01")
        }
        settings.start = day
      }
      _ = try vault.connect(account, settings: settings.text, by: author)
    }
    var bytes = credentials.bytes
    let secret = try SecretBytes(consuming: &bytes)
    let generation = try vault.addCredential(
      secret, to: connection.account, made: connection.findings.rights?.made, by: author)
    try vault.proveCredential(generation, of: connection.account, by: author)
    courier.take(credentials, of: connection.account)
    var changes = LedgerChanges()
    changes.accounts = try reader.accounts.filter { $0.id == connection.account }
    changes.connections = try followed().filter { $0.account == connection.account }
    return WorkResult(
      answer: .report(VaultWorker.report(of: connection)), changes: changes)
  }

  private static func report(of connection: NewConnection) -> Report {
    let rights = connection.findings.rights
    let addresses = rights?.addresses.map { $0.isEmpty ? "any" : $0.joined(separator: " ") }
    func word(_ flag: Bool?) -> ReportCell { flag.map { .flag($0) } ?? .text("not told") }
    return Report(facts: [
      .init("account", .text(connection.account.slug)),
      .init("venue", .text(connection.venue.id)),
      .init("assets_seen", connection.findings.assets.map { .integer(Int64($0)) } ?? .none),
      .init("may_trade", word(rights?.canTrade)), .init("may_withdraw", word(rights?.canWithdraw)),
      .init("addresses", .text(addresses ?? "not told")),
      .init("not_seen", .text(connection.venue.unseen.joined(separator: "; "))),
    ])
  }

  /// Starts watching a wallet.
  func watch(_ request: Request) throws -> WorkResult {
    let text = try request.required("watch")
    let watched: WatchedWallet
    do throws(WalletFault) {
      watched = try WatchedWallet.parse(
        text, chain: request.arguments["chain"], tools: .openSSL)
    } catch {
      throw Refusal(
        .usage, error.text,
        advice: "Give an extended public key, a descriptor or an address; --chain says which chain."
      )
    }
    guard !watched.isTest else { throw Refusal(.usage, "that is of a test network") }
    let settings = WatchedText(
      text: text, chain: watched.chain, server: request.arguments["server"] ?? "",
      tokens: try VaultWorker.contracts(request.arguments["tokens"] ?? ""))
    let own = settings.server
    if ElectrumPlace.isMeant(own) {
      guard ElectrumPlace(own) != nil else {
        throw Refusal(
          .usage, "that is no address of an Electrum server: \(own.prefix(80))",
          advice: "For example ssl://host:50002, or ssl://host:50002#sha256=FINGERPRINT")
      }
    }
    guard let server = WalletDesk.server(of: settings, tools: .openSSL) else {
      throw Refusal(
        .usage, "Coffer knows no server for \(watched.chain)",
        advice: "Chains that can be read are listed in coffer-venues(7).")
    }
    if !settings.tokens.isEmpty { try VaultWorker.checkNames(watched.chain, server) }
    let name = request.arguments["name"] ?? "\(watched.chain) wallet"
    let account = Account(
      id: AccountID(named: name), name: name, venue: watched.chain,
      book: request.arguments["book"].map { BookID($0) } ?? .main)
    _ = try vault.connect(account, settings: settings.json, by: request.author)
    var changes = LedgerChanges()
    changes.accounts = [account]
    changes.connections = try followed().filter { $0.account == account.id }
    return WorkResult(
      answer: .report(
        Report(facts: [
          .init("account", .text(account.id.slug)), .init("chain", .text(watched.chain)),
          .init("server", .text(server.url)),
          .init(
            "first_address",
            .text((try? watched.addresses(0, branch: 0, tools: .openSSL))?.first ?? "")),
        ])), changes: changes)
  }

  /// The contracts of a list with commas, each checked.
  private static func contracts(_ text: String) throws(Refusal) -> [String] {
    var contracts: [String] = []
    for word in text.split(separator: ",") {
      guard EthereumAddress.bytes(String(word)) != nil else {
        throw Refusal(
          .usage, "\(word.prefix(50)) is no contract's address, or its capital letters do not fit",
          advice: "Copy the whole address from the token's page.")
      }
      let contract = word.lowercased()
      if !contracts.contains(contract) { contracts.append(contract) }
    }
    guard contracts.count <= WatchedText.mostTokens else {
      throw Refusal(.usage, "at most \(WatchedText.mostTokens) tokens are named for one wallet")
    }
    return contracts
  }

  func disconnect(_ request: Request) throws -> WorkResult {
    let account = AccountID(named: try request.required("account"))
    try vault.disconnect(account, by: request.author)
    courier.forget(account)
    return WorkResult(answer: .report(Report()), changes: LedgerChanges(disconnected: [account]))
  }

  func setPaused(_ request: Request, _ isPaused: Bool) throws -> WorkResult {
    let account = AccountID(named: try request.required("account"))
    let known = try connection(account)
    return WorkResult(
      answer: .report(Report()),
      changes: try change(known, settings: known.settings, isOn: !isPaused, by: request.author))
  }

  /// Names a token that a watched wallet is asked for, or takes the name back.
  func nameToken(_ request: Request) throws -> WorkResult {
    let known = try connection(AccountID(named: try request.required("account")))
    guard var watched = WatchedText(json: known.settings) else {
      throw Refusal(
        .usage, "\(known.account.slug) is no watched wallet", advice: "Run: coffer account status")
    }
    try VaultWorker.checkNames(watched.chain, WalletDesk.server(of: watched, tools: .openSSL))
    let contracts = try VaultWorker.contracts(try request.required("token"))
    if request.arguments["remove"] == "yes" {
      if let strange = contracts.first(where: { !watched.tokens.contains($0) }) {
        throw Refusal(
          .notFound, "\(known.account.slug) is not asked for \(strange)",
          advice: "What it holds of a token stays in the books; fold it away: coffer asset ignore")
      }
      watched.tokens.removeAll { contracts.contains($0) }
    } else {
      watched.tokens += contracts.filter { !watched.tokens.contains($0) }
      _ = try VaultWorker.contracts(watched.tokens.joined(separator: ","))
    }
    let changes = try change(
      known, settings: watched.json, isOn: known.state != .off, by: request.author)
    return WorkResult(
      answer: .report(
        Report(
          facts: [.init("account", .text(known.account.slug))], tableName: "tokens",
          columns: ["contract"], rows: watched.tokens.map { [.text($0)] })), changes: changes)
  }

  /// A connection that is there.
  private func connection(_ account: AccountID) throws -> ConnectionRecord {
    if let known = try reader.connections().first(where: { $0.account == account }) { return known }
    throw Refusal(
      .notFound, "no account \(account.slug) is followed", advice: "Run: coffer account status")
  }

  /// Changes a connection, which is then taken up anew.
  private func change(
    _ known: ConnectionRecord, settings: String, isOn: Bool, by author: Attribution
  ) throws -> LedgerChanges {
    try vault.changeConnection(known.account, settings: settings, isOn: isOn, by: author)
    var changes = LedgerChanges()
    changes.disconnected = [known.account]
    changes.connections = try followed().filter { $0.account == known.account }
    return changes
  }

  /// Refuses names of tokens where servers list them by themselves.
  private static func checkNames(_ chain: String, _ server: ChainServer?) throws(Refusal) {
    if server?.kind == .ethereum { return }
    throw Refusal(.usage, "tokens of \(chain) need not be named: its server lists them")
  }

  /// The accounts that are followed, with what was stored of them.
  func followed() throws -> [FollowedAccount] {
    let reader = try reader
    let balances = try reader.reportedBalances()
    let positions = try reader.reportedPositions()
    return try reader.connections().map { known in
      var followed = FollowedAccount(
        account: known.account, venue: known.venue,
        settings: SyncSettings(text: known.settings) ?? SyncSettings(),
        states: try reader.laneStates(of: known.account), keyMade: known.current?.since,
        isPaused: known.state == .off, watch: WatchedText(json: known.settings),
        named: courier.accounts(of: known.account, at: known.venue))
      if followed.watch != nil, followed.states["wallet"] == nil {
        followed.held = try held(by: known.account)
      }
      // What another key read is read again with the new one.
      let begin = known.current?.created ?? known.created
      followed.balances = (balances[known.account] ?? [:])
        .filter { $0.value.time >= begin }.compactMapValues { ReportedBalances($0) }
      followed.positionsTold = (positions[known.account] ?? [:]).mapValues(\.time)
        .filter { $0.value >= begin }
      if let text = known.rights, let time = known.rightsTime, time >= begin {
        followed.rights = KeyRights(text: text).map { ($0, time) }
      }
      return followed
    }
  }

  /// What the ledger has of a wallet and of what lies in protocols beneath it.
  private func held(by wallet: AccountID) throws -> [WalletDesk.Spot: Quantity] {
    let reader = try reader
    var places: [AccountID: ClaimPlace?] = [wallet: nil]
    for account in reader.accounts {
      guard let claim = account.claim else { continue }
      let place = ClaimPlace(venue: account.venue, claim: claim)
      if AccountID(place, of: wallet) == account.id { places[account.id] = place }
    }
    var held: [WalletDesk.Spot: Quantity] = [:]
    for (key, holding) in try reader.holdings() {
      guard let place = places[key.account] else { continue }
      held[WalletDesk.Spot(place: place, asset: key.asset)] = try holding.total()
    }
    return held
  }

  /// Hands the keys of all accounts to the courier; one that cannot be opened is left out.
  func unsealKeys() throws {
    for known in try reader.connections() where known.current != nil {
      do {
        let secret = try vault.credential(of: known.account)
        let credentials = secret.withBytes { Credentials(bytes: Array($0)) }
        if let credentials { courier.take(credentials, of: known.account) }
      } catch {
        log.warning("a key was not opened", metadata: ["account": "\(known.account.slug)"])
      }
    }
  }

  /// Writes what venues may still count of calls; what is not written is written with the next.
  func keep(limits memory: String) {
    writing.async { [self] in
      do { try vault.keep(limits: memory) } catch {
        log.warning("what was called was not written", metadata: ["fault": "\(error)"])
      }
    }
  }

  // MARK: - Reconciliation

  /// What is compared with the books, and how far both are known.
  struct Reconciliation: Sendable {
    let account: AccountID
    let venue: Venue
    let asked: Instant
    let balances: [Balance]
    let historyTo: Instant?
  }

  /// Compares the books of an account with what its venue reported last.
  func reconcile(_ task: Reconciliation) {
    writing.async { [self] in
      do {
        guard let count = try compared(task) else { return }
        var changes = LedgerChanges(breaks: [task.account: count])
        changes.differences = [task.account: try openDifferences()[task.account] ?? [:]]
        inbox.post(.changed(changes))
      } catch {
        log.warning("not reconciled", metadata: ["fault": "\(error)"])
      }
    }
  }

  private func compared(_ task: Reconciliation) throws -> Int? {
    let reader = try reader
    var holdings: [AssetID: Holding] = [:]
    for (key, holding) in try reader.holdings() where key.account == task.account {
      holdings[key.asset] = holding
    }
    let newest = try reader.entries(EntryQuery(account: task.account, limit: 500))
    let recent = newest.entries.map { RollForward.RecentEntry(time: $0.time, legs: $0.legs) }
    let known = try reader.breaks().filter { $0.account == task.account }.compactMap { Break($0) }
    let question = RollForward.Question(
      account: task.account, holdings: holdings, recent: recent,
      balances: task.balances, asked: task.asked, isComplete: true, historyTo: task.historyTo,
      known: known)
    let rules = RollForward(venue: task.venue, links: reader.links)
    guard case .compared(let breaks) = rules.compare(question, at: EngineLoop.now) else {
      return nil
    }
    try vault.keep(breaks.map { BreakRecord($0) }, of: task.account)
    return breaks.count { $0.state == .open }
  }

  func breaksReport(_ request: Request) throws -> Report {
    let account = request.arguments["account"].map { AccountID(named: $0) }
    let breaks = try reader.breaks().filter { account == nil || $0.account == account }
    return Report(
      facts: [.init("open", .integer(Int64(breaks.count { $0.state == "open" })))],
      tableName: "breaks",
      columns: ["account", "asset", "ledger", "venue", "difference", "since", "state", "note"],
      rows: breaks.map { one in
        let difference = Break(one)?.difference
        return [
          .text(one.account.slug), .text(one.asset.text), .text(one.expected),
          .text(one.reported), difference.map { .amount($0.fixed) } ?? .none,
          .text(one.since.description), .text(one.state), .text(one.note),
        ]
      })
  }

  /// What venues report beyond what accounts hold, where that is an open break.
  func openDifferences() throws -> [AccountID: [AssetID: Quantity]] {
    var table: [AccountID: [AssetID: Quantity]] = [:]
    for one in try reader.breaks() where one.state == "open" {
      guard let difference = Break(one)?.difference else { continue }
      table[one.account, default: [:]][one.asset] = difference
    }
    return table
  }

  /// How many differences are open, by account.
  func openBreaks() throws -> [AccountID: Int] {
    var counts: [AccountID: Int] = [:]
    for one in try reader.breaks() where one.state == "open" {
      counts[one.account, default: 0] += 1
    }
    return counts
  }
}

// MARK: - Forms of the vault

extension VenueBatch {
  /// A batch of the sync machine as the vault takes it.
  init(_ batch: SyncBatch) {
    self.init(account: batch.account, lane: batch.lane.text)
    entries = batch.entries.map { entry in
      VenueEntry(
        NewEntry(
          identity: entry.identity.canonicalBytes, time: entry.time, kind: entry.kind,
          legs: entry.legs, details: entry.details), raw: Array(entry.raw.utf8))
    }
    refused = batch.refused.map { row in
      RefusedRow(
        row: 0, line: 0, reason: row.reason, column: row.place, text: row.text,
        raw: Array(row.raw.utf8))
    }
    answers = batch.payloads.map {
      VenueAnswer(
        request: $0.request, status: $0.status, body: $0.body, isUnreadable: $0.isUnreadable)
    }
    states = batch.states
    calls = batch.calls
    rights = batch.rights?.text
    balances = batch.balances.map { view in
      ReportedView(
        time: view.time,
        rows: view.rows.map {
          BalanceRow(
            part: $0.part.rawValue, asset: $0.asset, free: $0.free?.text, used: $0.used?.text,
            total: $0.total?.text, openProfit: $0.openProfit?.text)
        })
    }
    positions = batch.positions.map { view in
      ReportedView(time: view.time, rows: view.rows.map { PositionRow($0) })
    }
  }
}

extension PositionRow {
  /// An open position as the vault takes it.
  init(_ row: OpenPosition) {
    var amounts: [String: String] = [:]
    amounts["contracts"] = row.contracts?.text
    amounts["contract_size"] = row.contractSize?.text
    amounts["entry_price"] = row.entryPrice?.text
    amounts["mark_price"] = row.markPrice?.text
    amounts["liquidation_price"] = row.liquidationPrice?.text
    amounts["unrealised"] = row.unrealised?.text
    amounts["leverage"] = row.leverage?.text
    amounts["margin"] = row.margin?.text
    self.init(
      market: row.market, part: row.part.rawValue, isLong: row.isLong,
      isIsolated: row.isIsolated, amounts: amounts, stated: row.time)
  }
}

extension Balance {
  /// A balance that the vault kept; `nil` where its amounts are no exact numbers.
  init?(_ row: BalanceRow) {
    guard let part = AccountPart(rawValue: row.part) else { return nil }
    func amount(_ text: String?) -> Fixed? { text.flatMap { try? Fixed(parsing: $0) } }
    self.init(
      asset: row.asset, free: amount(row.free), used: amount(row.used), total: amount(row.total),
      part: part)
  }
}

extension Break {
  /// A break that the vault kept; `nil` where its amounts are no exact numbers.
  init?(_ record: BreakRecord) {
    guard let expected = try? Quantity(parsing: record.expected),
      let reported = try? Quantity(parsing: record.reported),
      let state = State(rawValue: record.state)
    else { return nil }
    self.init(
      account: record.account, asset: record.asset, expected: expected, reported: reported,
      since: record.since, checked: record.checked, state: state)
  }
}

extension BreakRecord {
  /// A break as the vault takes it.
  init(_ one: Break) {
    self.init(
      account: one.account, asset: one.asset, expected: one.expected.text,
      reported: one.reported.text, since: one.since, checked: one.checked,
      state: one.state.rawValue)
  }
}

extension SyncSettings {
  /// The settings as JSON text.
  var text: String {
    JSON.object(
      JSONObject([
        ("start", .number(String(start.microseconds))),
        ("markets", .array(markets.sorted().map { .string($0) })),
        ("sweeps_all_markets", .bool(sweepsAllMarkets)),
        ("accepts_withdraw_right", .bool(acceptsWithdrawRight)),
        ("left_out", .array(leftOut.map(\.rawValue).sorted().map { .string($0) })),
      ])
    ).text
  }

  /// Reads the text; what is not there keeps its usual value.
  init?(text: String) {
    guard let json = try? JSON.reading(text) else { return nil }
    self.init()
    let node = Node(json)
    if let time = try? node.optionalInteger("start") { start = Instant(microseconds: time) }
    markets = Set(((try? node["markets"].optionalElements()) ?? []).compactMap { try? $0.text() })
    if let flag = try? node.optionalFlag("sweeps_all_markets") { sweepsAllMarkets = flag }
    if let flag = try? node.optionalFlag("accepts_withdraw_right") { acceptsWithdrawRight = flag }
    leftOut = Set(
      ((try? node["left_out"].optionalElements()) ?? []).compactMap {
        (try? $0.text()).flatMap { LaneKind(rawValue: $0) }
      })
  }
}

extension ReportedBalances {
  /// Balances as the vault has them; `nil` where one cannot be read, so that all are asked for.
  init?(_ view: ReportedView<BalanceRow>) {
    var rows: [Balance] = []
    for row in view.rows {
      guard let part = AccountPart(rawValue: row.part), let free = Fixed?(stored: row.free),
        let used = Fixed?(stored: row.used), let total = Fixed?(stored: row.total),
        let openProfit = Fixed?(stored: row.openProfit)
      else { return nil }
      rows.append(
        Balance(
          asset: row.asset, free: free, used: used, total: total, part: part,
          openProfit: openProfit))
    }
    self.init(time: view.time, rows: rows)
  }
}

extension Fixed? {
  /// An amount that may be missing; fails where there is one that cannot be read.
  fileprivate init?(stored text: String?) {
    guard let text else {
      self = .none
      return
    }
    guard let amount = try? Fixed(parsing: text) else { return nil }
    self = amount
  }
}

extension KeyRights {
  /// Reads rights that `text` wrote; `nil` for any other text.
  init?(text: String) {
    guard let json = try? JSON.reading(text) else { return nil }
    let node = Node(json)
    do throws(VenueFault) {
      let made = try node.optionalInteger("made")
      let expires = try node.optionalInteger("expires")
      var addresses: [String]?
      if !node["addresses"].isNothing {
        addresses = []
        for address in try node["addresses"].elements() { addresses?.append(try address.text()) }
      }
      self.init(
        canRead: try node.optionalFlag("read"), canTrade: try node.optionalFlag("trade"),
        canWithdraw: try node.optionalFlag("withdraw"), addresses: addresses,
        expires: expires.map { Instant(microseconds: $0) },
        made: made.map { Instant(microseconds: $0) })
    } catch {
      return nil
    }
  }

  /// The rights as JSON text.
  var text: String {
    func flag(_ value: Bool?) -> JSON { value.map { .bool($0) } ?? .null }
    func time(_ value: Instant?) -> JSON {
      value.map { .number(String($0.microseconds)) } ?? .null
    }
    return JSON.object(
      JSONObject([
        ("read", flag(canRead)), ("trade", flag(canTrade)), ("withdraw", flag(canWithdraw)),
        ("addresses", addresses.map { .array($0.map { .string($0) }) } ?? .null),
        ("expires", time(expires)), ("made", time(made)),
      ])
    ).text
  }
}
