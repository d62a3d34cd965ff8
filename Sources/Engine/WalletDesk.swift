import Amounts
import Encodings
import Ledger
import Sync
import VenueKit
import Wallets

/// Reads wallets that are only watched: which addresses were used, what they hold, what moved.
///
/// Chains of scripts (Bitcoin and its like) give every transaction. Of the others nodes tell balances
/// only: there a change of balance between two readings is booked as such, and said so.
///
/// Pure: questions leave as effects, answers come back.
struct WalletDesk {
  /// What is wanted done.
  enum Effect: Sendable {
    /// Ask a server; the number names the question.
    case ask(Int, server: String, OutgoingRequest)
    /// Write down what was read.
    case store(SyncBatch)
  }

  /// How a wallet stands.
  struct Status: Sendable {
    var account: AccountID
    var chain: String
    var addresses = 0
    var isReading = false
    var readAt: Instant?
    var entries = 0
    var problem = ""
    /// Whether every transaction is read, and not only what the balance is.
    var readsTransactions = false
    /// What lies in protocols.
    var book = DeFiBook()
    /// The protocols that are read at all.
    var protocols: [DeFiProtocol] = []
  }

  /// What was booked of one asset: in the wallet itself, or at a place inside a protocol.
  struct Spot: Hashable, Sendable {
    var place: ClaimPlace?
    var asset: AssetID
  }

  /// Seconds between two readings.
  static let pause: Int64 = 120
  /// Questions of one wallet under way at once.
  static let mostAtOnce = 4
  /// The most pages of one address's transactions.
  static let mostPages = 400

  /// Seconds between two readings of what lies in protocols, unless a balance changed.
  static let positionsPause: Int64 = 3_600
  /// Seconds until protocols that did not answer are asked again.
  static let positionsRetry: Int64 = 600
  /// The most questions about one protocol in one reading.
  static let mostPositionQuestions = 400
  /// How many blocks behind the newest one is read: public nodes are many computers, and not all of
  /// them have the newest block.
  static let blocksBehind: UInt64 = 2

  enum Question {
    case block(ChainCall<UInt64>)
    case symbol(String, ChainCall<String>)
    case decimals(String, ChainCall<Int>)
    case position(DeFiProtocol, ChainCall<DeFiReading>)
    case account(GapScan.Place, ChainCall<ChainReading>)
    case transactions(String, page: Int, ChainCall<[ScriptTransaction]>)
    case history(String, ChainCall<[ElectrumServer.HistoryEntry]>)
    case raw(ChainCall<RawTransaction>)
    case time(height: Int, ChainCall<UInt64>)
  }

  struct Wallet {
    let account: AccountID
    let text: WatchedText
    let watched: WatchedWallet
    let server: ChainServer
    var scan: GapScan
    /// What was stored: transactions of each address, and balances of chains without them.
    var counts: [String: Int] = [:]
    var booked: [Spot: Quantity] = [:]
    /// The batch that is on its way to the disk, and what was booked before it.
    var before: (batch: Int, booked: [Spot: Quantity], book: DeFiBook)?
    var book = DeFiBook() {
      didSet { status.book = book }
    }
    /// Whether anything is known of what it holds.
    var isKnown: Bool
    var positionsDueAt: Instant
    var status: Status
    var dueAt: Instant
    var isPaused: Bool
    // One reading.
    var isReading = false
    var pending: [Int: Question] = [:]
    var waiting: [Question] = []
    var found: [GapScan.Place: [ChainAccount]] = [:]
    var addresses: [GapScan.Place: String] = [:]
    var histories: Set<String> = []
    var transactions: [String: ScriptTransaction] = [:]
    var history = ElectrumHistory()
    var failures = 0
    /// What the user named beside the well-known tokens, by contract.
    var named: [String: NamedToken] = [:]
    /// Whether contracts are asked what they call themselves, before anything is asked of addresses.
    var isNaming = false
    /// What speaks against its tokens.
    var verdicts: [AssetID: TokenScreen.Judgement] = [:]
    /// Whom it paid, and when first, in seconds since 1970; on chains of scripts.
    var paid: [String: UInt64] = [:]
    /// The block that all of one reading is of, on chains made like Ethereum.
    var block: EthereumNode.Block?
    var round: PositionRound?
  }

  private(set) var wallets: [AccountID: Wallet] = [:]
  /// Whether verdicts changed since somebody looked.
  var hasNewVerdicts = false
  private var asked: [Int: AccountID] = [:]
  /// What is on its way to the disk, by the batch's number.
  private var storing: [Int: (account: AccountID, states: [String: String])] = [:]
  private var last = 0
  private let tools: SigningTools

  init(tools: SigningTools) {
    self.tools = tools
  }

  /// When the next reading is due.
  var wakeAt: Instant? {
    wallets.values.lazy.filter(isFree).map(\.dueAt).min()
  }

  /// Whether a wallet can be read as soon as that is due: nothing of it is on its way.
  private func isFree(_ wallet: Wallet) -> Bool {
    !wallet.isReading && !wallet.isPaused && wallet.before == nil
      && !storing.values.contains { $0.account == wallet.account }
  }

  /// How every wallet stands, in order.
  var statuses: [Status] { wallets.values.map(\.status).sorted { $0.account < $1.account } }

  /// The servers that are asked, by the name they have in limits.
  static func limitName(of chain: String) -> String { "chain:\(chain)" }

  /// Public servers ask to be spared; two questions a second are what their operators bear.
  static let limits = Limits([
    LimitBucket("requests", capacity: 5, refill: .steady(perSecond: 2), scope: .address)
  ])
}

// MARK: - Wallets

extension WalletDesk {
  /// Takes a wallet under its care; what cannot be read any more is told by its status.
  ///
  /// - Parameters:
  ///   - account: Its account.
  ///   - text: What is watched.
  ///   - states: What was stored with its last batch.
  ///   - held: What the ledger has of it, which counts where nothing was stored: a wallet that is
  ///     watched anew is not booked twice.
  ///   - isPaused: Whether nothing shall be asked.
  ///   - now: What time it is.
  mutating func add(
    _ account: AccountID, _ text: WatchedText, states: [String: String],
    held: [Spot: Quantity] = [:], isPaused: Bool, at now: Instant
  ) {
    guard
      let watched = try? WatchedWallet.parse(text.text, chain: text.chain, tools: tools),
      let server = WalletDesk.server(of: text, tools: tools)
    else {
      return
    }
    var wallet = Wallet(
      account: account, text: text, watched: watched, server: server,
      scan: GapScan(branches: watched.isRanged ? max(1, watched.branches) : 1),
      isKnown: WalletDesk.isKnown(states: states, held: held), positionsDueAt: now,
      status: Status(account: account, chain: text.chain), dueAt: now, isPaused: isPaused)
    // Other chains' transactions have forms of their own.
    wallet.status.readsTransactions =
      server.kind == .esplora || (server.kind == .electrum && text.chain == "bitcoin")
    wallet.status.protocols = server.kind == .ethereum ? DeFiProtocol.all(on: text.chain) : []
    wallet.name(text.tokens)
    wallet.verdicts = WalletDesk.verdicts(in: states)
    if !wallet.verdicts.isEmpty { hasNewVerdicts = true }
    if states["wallet"] == nil { wallet.booked = held }
    if let state = states["wallet"].flatMap({ try? JSON.reading($0) }) {
      let node = Node(state)
      for member in (try? node["counts"].optionalMembers()) ?? [] {
        wallet.counts[member.key] = (try? member.integer()).map { Int($0) }
      }
      for member in (try? node["balances"].optionalMembers()) ?? [] {
        guard let asset = AssetID(member.key),
          let quantity = (try? member.text()).flatMap({ try? Quantity(parsing: $0) })
        else { continue }
        wallet.booked[Spot(place: nil, asset: asset)] = quantity
      }
      wallet.restoreTokens(node["tokens"])
      wallet.restorePaid(node["paid"])
      wallet.status.readAt = (try? node["read"].text()).flatMap { Instant($0) }
      for element in (try? node["used"].optionalElements()) ?? [] {
        guard let branch = try? element[0].integer(), let index = try? element[1].integer(),
          let place = GapScan.Place(branch, index)
        else { continue }
        wallet.scan.record(place, isUsed: true)
      }
    }
    if let book = states["protocols"].flatMap({ try? JSON.reading($0) }).flatMap({ DeFiBook($0) }) {
      wallet.book = book
      for (place, sums) in book.amounts {
        for (asset, sum) in sums { wallet.booked[Spot(place: place, asset: asset)] = sum }
      }
    }
    wallets[account] = wallet
  }

  /// Whether anything is known of what a wallet holds, by what was stored.
  static func isKnown(states: [String: String], held: [Spot: Quantity]) -> Bool {
    states["wallet"] != nil || !held.isEmpty
  }

  /// The wallets of which nothing is known yet.
  var unread: [AccountID] { wallets.values.filter { !$0.isKnown }.map(\.account) }

  /// When a wallet was read last, all of it.
  func readAt(_ account: AccountID) -> Instant? { wallets[account]?.status.readAt }

  /// The server to ask: the user's own, or the chain's first public one.
  static func server(of text: WatchedText, tools: SigningTools) -> ChainServer? {
    let known = ChainServer.publicServers(of: text.chain).first
    if text.server.isEmpty { return known }
    if ElectrumPlace.isMeant(text.server) {
      let server = ChainServer(chain: text.chain, kind: .electrum, url: text.server)
      return ElectrumNode(server: server, tools: tools) == nil ? nil : server
    }
    return known.map { ChainServer(chain: text.chain, kind: $0.kind, url: text.server) }
  }

  /// Gives a wallet up.
  mutating func forget(_ account: AccountID) {
    if wallets[account]?.verdicts.isEmpty == false { hasNewVerdicts = true }
    wallets[account] = nil
    asked = asked.filter { $0.value != account }
  }

  /// Starts the readings that are due.
  mutating func tick(at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for account in wallets.keys.sorted() {
      guard var wallet = wallets[account], isFree(wallet), wallet.dueAt <= now else { continue }
      wallet.isReading = true
      wallet.status.isReading = true
      wallet.pending = [:]
      wallet.waiting = []
      wallet.found = [:]
      wallet.histories = []
      wallet.transactions = [:]
      wallet.scan.restart()
      wallet.history.restart()
      wallet.round = nil
      wallet.block = nil
      wallet.isNaming = false
      if wallet.server.kind == .ethereum {
        // All of a reading is of one block: balances and positions agree.
        let node = EthereumNode(chain: wallet.server.chain, url: wallet.server.url)
        wallet.waiting.append(.block(node.blockNumber()))
      } else {
        planUsed(&wallet)
        planNext(&wallet)
      }
      wallets[account] = wallet
      effects += goOn(account, at: now)
    }
    return effects
  }

  /// Used addresses are looked at again: what they hold may have changed.
  private func planUsed(_ wallet: inout Wallet) {
    for place in wallet.scan.used { plan(place, &wallet) }
  }

  private func plan(_ place: GapScan.Place, _ wallet: inout Wallet) {
    guard wallet.found[place] == nil else { return }
    let addresses = try? wallet.watched.addresses(
      place.index, branch: place.branch, tools: tools)
    guard let address = addresses?.first else { return }
    wallet.addresses[place] = address
    wallet.found[place] = []
    if let node = electrum(wallet) {
      if let call = node.account(address) { wallet.waiting.append(.account(place, call)) }
      return
    }
    let reader = ChainReader(server: wallet.server)
    let calls = reader.plan(
      for: [address], tokens: wallet.tokens, at: wallet.block ?? .latest)
    for call in calls {
      wallet.waiting.append(.account(place, call))
    }
  }

  /// The Electrum server of a wallet, where it has one.
  func electrum(_ wallet: Wallet) -> ElectrumNode? {
    guard wallet.server.kind == .electrum else { return nil }
    return ElectrumNode(server: wallet.server, tools: tools)
  }
}

// MARK: - A reading

extension WalletDesk {
  /// Takes an answer.
  mutating func take(_ result: FetchResult, of number: Int, at now: Instant) -> [Effect] {
    guard let account = asked.removeValue(forKey: number), var wallet = wallets[account],
      let question = wallet.pending.removeValue(forKey: number)
    else { return [] }
    do throws(ChainFault) {
      var words: String?
      switch result {
      case .failed(_, let fault): words = "\(fault)"
      case .answered(let answer):
        do throws(ChainFault) { try read(answer, question, &wallet) } catch {
          words = error.description
        }
      }
      if let words, let effects = fail(account, &wallet, question, words, at: now) {
        return effects
      }
      if wallet.waiting.isEmpty, wallet.pending.isEmpty { try findMore(&wallet, at: now) }
    } catch {
      if let effects = fail(account, &wallet, question, error.description, at: now) {
        return effects
      }
    }
    wallets[account] = wallet
    return goOn(account, at: now)
  }

  /// A protocol that does not answer is stale and the reading goes on without it, as it does without
  /// a token that does not describe itself; without any other answer the reading ends.
  private mutating func fail(
    _ account: AccountID, _ wallet: inout Wallet, _ question: Question, _ words: String,
    at now: Instant
  ) -> [Effect]? {
    if case .position(let venue, _) = question {
      wallet.drop(venue, words)
      return nil
    }
    switch question {
    case .symbol(let token, _), .decimals(let token, _):
      wallet.named[token]?.problem = String(words.prefix(100))
      return nil
    default: break
    }
    // What one reading cannot complete is unknown: nothing of it is kept.
    wallet.isReading = false
    wallet.failures += 1
    wallet.status.isReading = false
    wallet.status.problem = String(words.prefix(200))
    let wait = min(WalletDesk.pause << Int64(min(wallet.failures, 5)), 3_600)
    wallet.dueAt = now.advanced(bySeconds: wait)
    for number in wallet.pending.keys { asked[number] = nil }
    wallet.pending = [:]
    wallet.waiting = []
    wallets[account] = wallet
    return []
  }

  private func read(
    _ answer: IncomingAnswer, _ question: Question, _ wallet: inout Wallet
  ) throws(ChainFault) {
    switch question {
    case .block(let call):
      let newest = try call.read(answer)
      wallet.block = .number(newest - min(newest, WalletDesk.blocksBehind))
      if !wallet.askNames() { planUsed(&wallet) }
    case .symbol(let token, let call):
      wallet.named[token]?.symbol = String(try call.read(answer).prefix(Wallet.longestSymbol))
    case .decimals(let token, let call): wallet.named[token]?.decimals = try call.read(answer)
    case .position(let venue, let call): wallet.take(try call.read(answer), of: venue)
    case .account(let place, let call):
      let reading = try call.read(answer)
      var account = reading.account
      account.balances = account.balances.map(\.told)
      wallet.found[place, default: []].append(account)
      wallet.scan.record(place, isUsed: WalletDesk.isUsed(reading.account, wallet.server.kind))
      for more in reading.more { wallet.waiting.append(.account(place, more)) }
    case .history(let address, let call): wallet.history.take(try call.read(answer), of: address)
    case .raw(let call): wallet.history.take(try call.read(answer))
    case .time(let height, let call):
      wallet.history.take(time: try call.read(answer), at: height)
    case .transactions(let address, let page, let call):
      let transactions = try call.read(answer)
      for one in transactions { wallet.transactions[one.id] = one }
      let confirmed = transactions.filter { $0.height != nil }
      guard confirmed.count >= EsploraServer.pageSize, page < WalletDesk.mostPages,
        let lastID = confirmed.last?.id
      else { return }
      let server = EsploraServer(chain: wallet.server.chain, url: wallet.server.url)
      wallet.waiting.append(
        .transactions(
          address, page: page + 1, server.transactions(address, after: lastID)))
    }
  }

  /// Nodes of Ethereum know every address; one that has nothing counts as unused.
  private static func isUsed(_ account: ChainAccount, _ kind: ChainServer.Kind) -> Bool {
    guard kind == .ethereum else { return account.exists }
    return account.balances.contains { !$0.amount.units.isZero }
  }

  private mutating func goOn(_ account: AccountID, at now: Instant) -> [Effect] {
    guard var wallet = wallets[account], wallet.isReading else { return [] }
    var effects: [Effect] = []
    while wallet.pending.count < WalletDesk.mostAtOnce, !wallet.waiting.isEmpty {
      let question = wallet.waiting.removeFirst()
      last += 1
      asked[last] = account
      wallet.pending[last] = question
      effects.append(
        .ask(last, server: WalletDesk.limitName(of: wallet.server.chain), question.request))
    }
    wallets[account] = wallet
    if wallet.pending.isEmpty { effects += finish(account, at: now) }
    return effects
  }

  /// Plans the addresses that come next in the search.
  private func planNext(_ wallet: inout Wallet) {
    let places =
      wallet.watched.isRanged
      ? wallet.scan.next(10) : wallet.found.isEmpty ? [GapScan.Place(branch: 0, index: 0)] : []
    for place in places { plan(place, &wallet) }
  }

  /// What is still to be asked: further addresses, then the transactions of those that changed.
  private func findMore(_ wallet: inout Wallet, at now: Instant) throws(ChainFault) {
    if wallet.isNaming {
      wallet.isNaming = false
      planUsed(&wallet)
    }
    planNext(&wallet)
    if wallet.waiting.isEmpty, wallet.server.kind == .ethereum {
      return planPositions(&wallet, at: now)
    }
    if wallet.waiting.isEmpty, wallet.server.kind == .electrum {
      return try planHistory(&wallet)
    }
    guard wallet.waiting.isEmpty, wallet.server.kind == .esplora else { return }
    let server = EsploraServer(chain: wallet.server.chain, url: wallet.server.url)
    for (place, accounts) in wallet.found.sorted(by: { $0.key < $1.key }) {
      guard let address = wallet.addresses[place], let count = accounts.first?.transactionCount,
        count != wallet.counts[address] ?? 0, !wallet.histories.contains(address)
      else { continue }
      wallet.histories.insert(address)
      wallet.waiting.append(.transactions(address, page: 1, server.transactions(address)))
    }
  }

  private mutating func finish(_ account: AccountID, at now: Instant) -> [Effect] {
    guard var wallet = wallets[account] else { return [] }
    last += 1
    // Numbers below zero keep clear of the sync machine's own batches.
    var batch = SyncBatch(
      id: -last, account: account, venue: wallet.server.chain, lane: LaneID(.transfers))
    wallet.before = (batch.id, wallet.booked, wallet.book)
    wallet.closeRound(at: now)
    if wallet.judge() { hasNewVerdicts = true }
    let sums = WalletDesk.sums(of: wallet)
    if wallet.status.readsTransactions {
      takeHistory(&wallet)
      wallet.takePaid()
      batch.entries = entries(of: wallet)
    } else {
      batch.entries = changes(of: &wallet, sums, at: now)
      batch.claims = wallet.book.amounts.keys.sorted()
    }
    batch.balances = ReportedBalances(
      time: now,
      rows: sums.compactMap { asset, amount in
        amount.quantity.map { Balance(asset: asset.text, total: $0.fixed) }
      })
    batch.calls = wallet.found.count + wallet.histories.count + (wallet.round?.questions ?? 0)
    for (place, accounts) in wallet.found {
      guard let address = wallet.addresses[place] else { continue }
      if let count = accounts.first?.transactionCount, count > 0 { wallet.counts[address] = count }
    }
    wallet.isReading = false
    wallet.failures = 0
    wallet.status.isReading = false
    wallet.status.problem = wallet.tokenProblems
    wallet.status.addresses = wallet.scan.used.count
    wallet.status.readAt = now
    batch.states = ["wallet": WalletDesk.state(wallet)]
    if !wallet.status.protocols.isEmpty { batch.states["protocols"] = wallet.book.json.text }
    wallet.status.entries += batch.entries.count
    wallet.dueAt = now.advanced(bySeconds: WalletDesk.pause)
    wallets[account] = wallet
    storing[batch.id] = (account, batch.states)
    return [.store(batch)]
  }

  /// Takes whether a batch was written; one that was not is read again.
  ///
  /// - Returns: Whether the batch is one of a wallet.
  mutating func stored(_ batch: Int, isWritten: Bool, at now: Instant) -> Bool {
    guard let (account, states) = storing.removeValue(forKey: batch) else { return false }
    guard let wallet = wallets[account] else { return true }
    guard let before = wallet.before, before.batch == batch else {
      // It was taken up anew meanwhile, by what was kept before this batch.
      if isWritten {
        forget(account)
        add(account, wallet.text, states: states, isPaused: wallet.isPaused, at: now)
      }
      return true
    }
    wallets[account]?.before = nil
    if isWritten { wallets[account]?.isKnown = true }
    if !isWritten {
      wallets[account]?.counts = [:]
      wallets[account]?.booked = before.booked
      wallets[account]?.book = before.book
      wallets[account]?.positionsDueAt = now
      wallets[account]?.dueAt = now.advanced(bySeconds: WalletDesk.pause)
      wallets[account]?.status.problem = "the vault could not be written"
    }
    return true
  }

  private static func state(_ wallet: Wallet) -> String {
    let used = wallet.scan.used.map {
      JSON.array([.number(String($0.branch)), .number(String($0.index))])
    }
    let counts = wallet.counts.sorted { $0.key < $1.key }.map {
      ($0.key, JSON.number(String($0.value)))
    }
    let balances = wallet.booked.filter { $0.key.place == nil }
      .sorted { $0.key.asset < $1.key.asset }
      .map { ($0.key.asset.text, JSON.string($0.value.text)) }
    return JSON.object(
      JSONObject([
        ("used", .array(used)), ("counts", .object(JSONObject(counts))),
        ("balances", .object(JSONObject(balances))), ("tokens", wallet.tokenState),
        ("suspects", wallet.verdictState), ("paid", wallet.paidState),
        ("read", .string(wallet.status.readAt?.description ?? "")),
      ])
    ).text
  }
}

extension WalletDesk.Question {
  var request: OutgoingRequest {
    switch self {
    case .block(let call): call.request
    case .symbol(_, let call): call.request
    case .decimals(_, let call): call.request
    case .position(_, let call): call.request
    case .account(_, let call): call.request
    case .transactions(_, _, let call): call.request
    case .history(_, let call): call.request
    case .raw(let call): call.request
    case .time(_, let call): call.request
    }
  }
}

extension GapScan.Place {
  /// A place from numbers that were stored; `nil` where they cannot be one.
  fileprivate init?(_ branch: Int64, _ index: Int64) {
    guard (0..<8).contains(branch), let index = UInt32(exactly: index) else { return nil }
    self.init(branch: Int(branch), index: index)
  }
}
