import Amounts
import Cipher
import Encodings
import Ledger
import Simulator
import Sync
import VenueKit
import Venues
import Wallets
import Wire

@testable import Engine

/// The engine's desk in front of a simulated Ethereum node, on a clock of its own.
final class WalletProbe {
  static let wallet = AccountID(named: "treasury")
  // 2026-01-01T00:00:00Z.
  private(set) var now = Instant(seconds: 1_767_225_600)
  var node: EVMNode
  private(set) var desk: SyncDesk
  private(set) var holdings = Holdings()
  private(set) var entries: [SyncEntry] = []
  private(set) var states: [String: String] = [:]
  private(set) var claims: [ClaimPlace] = []
  /// The blocks that were asked for, by the time of the question.
  private(set) var blocks: Set<String> = []
  private(set) var questions = 0
  /// Contracts that the user names.
  var tokens: [String] = []
  /// Whether batches cannot be written.
  var isDiskFull = false
  /// Whether batches are on their way until they are told to arrive.
  var isOnItsWay = false
  private var waiting: [SyncBatch] = []
  /// What is answered instead, if anything.
  var instead: (OutgoingRequest) -> IncomingAnswer? = { _ in nil }

  init(node: EVMNode? = nil) {
    self.node = node ?? EVMNode(seed: 3, opening: now)
    desk = WalletProbe.emptyDesk
  }

  private static var emptyDesk: SyncDesk {
    SyncDesk(seed: 1, isOffline: false, tools: .openSSL, venues: .builtIn)
  }

  /// Starts anew with what was stored, as after the program was ended.
  func restart(held: [WalletDesk.Spot: Quantity] = [:], keepsStates: Bool = true) {
    if !keepsStates { states = [:] }
    desk = WalletProbe.emptyDesk
    takeUp(held: held)
  }

  /// Gives the wallet up and takes it up again with what was stored, as after a change of settings.
  func takeUpAgain() {
    carryOut(desk.forget(WalletProbe.wallet, at: now))
    takeUp(held: [:])
  }

  /// Writes what was on its way.
  func arrive() {
    let batches = waiting
    waiting = []
    for batch in batches { carryOut(store(batch)) }
  }

  private func takeUp(held: [WalletDesk.Spot: Quantity]) {
    var followed = FollowedAccount(
      account: WalletProbe.wallet, venue: "ethereum", settings: SyncSettings(), states: states)
    followed.watch = WatchedText(
      text: node.addresses[0], chain: "ethereum", server: "", tokens: tokens)
    followed.held = held
    carryOut(desk.take([followed], at: now))
  }

  /// Lets so many seconds pass.
  func run(seconds: Int64) {
    let end = now.advanced(bySeconds: seconds)
    while let due = desk.wakeAt, due <= end {
      now = max(Instant(microseconds: now.microseconds + 1), due)
      carryOut(desk.tick(at: now))
    }
    now = max(now, end)
  }

  private func carryOut(_ effects: [SyncDesk.Effect]) {
    var left = effects
    while !left.isEmpty {
      switch left.removeFirst() {
      case .fetch(let job): left += answer(job)
      case .store(let batch): left += store(batch)
      default: break
      }
    }
  }

  private func answer(_ job: FetchJob) -> [SyncDesk.Effect] {
    guard let request = job.plain else { return [] }
    questions += 1
    note(request)
    let other = instead(request)
    let response = node.handle(SimulatedRequest(request), at: now)
    let answer = other ?? IncomingAnswer(status: response.status, body: response.body)
    return desk.take(.answered(answer), of: job.ticket, at: now)
  }

  private func note(_ request: OutgoingRequest) {
    guard let json = try? JSON.reading(request.body ?? []), case .array(let calls) = json else {
      return
    }
    for call in calls {
      guard case .object(let object) = call, case .array(let params)? = object["params"],
        case .string(let block)? = params.last
      else { continue }
      blocks.insert(block)
    }
  }

  private func store(_ batch: SyncBatch) -> [SyncDesk.Effect] {
    if isOnItsWay {
      waiting.append(batch)
      return []
    }
    if isDiskFull { return desk.unstored(batch.id, at: now) }
    for one in batch.entries {
      _ = try? holdings.apply(Entry(one))
      entries.append(one)
    }
    states.merge(batch.states) { _, new in new }
    claims = batch.claims
    return desk.stored(batch.id, at: now)
  }

  /// What the books have, as text: account, asset, total and staked part.
  var books: [String] {
    holdings.table.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { key, holding in
      let total = (try? holding.total())?.text ?? "?"
      return "\(key.account) \(key.asset.ticker) \(total) staked \(holding.staked.text)"
    }
  }

  /// The state and problem of each row of the board of accounts.
  var board: [String] {
    let report = desk.accountsBoard(names: [:], breaks: [:], at: now)
    return report.rows.indices.map { row in
      "\(report.text(row, "account")) \(report.text(row, "venue")) \(report.text(row, "state"))"
    }
  }

  func feeds(of account: AccountID = WalletProbe.wallet) -> Report {
    desk.feedsBoard(of: account, at: now)
  }
}

extension Entry {
  /// An entry as the vault would keep it.
  init(_ one: SyncEntry) {
    self.init(
      id: EntryID(high: 0, low: 0), time: one.time, kind: one.kind, legs: one.legs,
      details: one.details, origin: .byHand)
  }
}
