import Amounts
import Ledger
import Sync
import VenueKit
import Wallets
import Wire

// What wallets ask for, and what boards tell of them and of what they have inside protocols.

extension SyncDesk {
  mutating func carryOut(_ wanted: [WalletDesk.Effect], at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for effect in wanted {
      switch effect {
      case .store(let batch): effects.append(.store(batch))
      case .ask(let question, let server, let request):
        let ticket = number()
        uses[ticket] = .wallet(question)
        jobs[ticket] = FetchJob(
          ticket: ticket, account: nil, venue: server, call: Call("", request.method, ""),
          clockOffset: 0, plain: request)
        let submission = limiter.submit(
          Limiter.Ticket(id: ticket, venue: server, priority: .fresh), at: now)
        if case .refused = submission {
          let fault = VenueFault.unsupported("too much is waiting already")
          effects += settle(ticket, .failed(wasSent: false, fault), at: now)
        }
      }
    }
    return effects
  }

  /// A batch could not be written.
  mutating func unstored(_ batch: Int, at now: Instant) -> [Effect] {
    if wallets.stored(batch, isWritten: false, at: now) { return [] }
    return hear(.storeFailed(batch: batch), at: now)
  }

  private func walletStatus(_ account: AccountID) -> WalletDesk.Status? {
    wallets.statuses.first { $0.account == account }
  }

  /// A wallet's row on the board of accounts.
  func walletRow(_ record: FollowedAccount, name: String, at now: Instant) -> [ReportCell] {
    let status = walletStatus(record.account)
    let own = status?.problem ?? "it cannot be read any more"
    let problem = ([own] + (status.map { staleWords($0, at: now) } ?? []))
      .filter { !$0.isEmpty }.joined(separator: "; ")
    let entries = Int64(status?.entries ?? 0)
    return [
      .text(record.account.slug), .text(name), .text(WalletDesk.limitName(of: record.venue)),
      .text(walletState(record, status).rawValue), SyncDesk.cell(status?.readAt?.microseconds),
      .integer(status?.readAt == nil ? 0 : 100), .none, .none, .integer(entries), .text("watch"),
      .integer(0), .none, .text(problem),
      .text(problem.isEmpty ? "" : "It is tried again by itself."),
      .text(SyncDesk.unseen(status)),
    ]
  }

  private func walletState(
    _ record: FollowedAccount, _ status: WalletDesk.Status?
  ) -> AccountState {
    if isOffline { return .offline }
    if record.isPaused { return .paused }
    if status?.readAt != nil { return .polled }
    return status?.problem.isEmpty ?? false ? .syncing : .waiting
  }

  private static func unseen(_ status: WalletDesk.Status?) -> String {
    if status?.readsTransactions ?? false { return "" }
    let changes = "transactions: only changes of balance are seen"
    guard let protocols = status?.protocols, !protocols.isEmpty else { return changes }
    let titles = protocols.map(\.title).joined(separator: ", ")
    return "\(changes); protocols other than \(titles)"
  }

  /// What is to be said of protocols that did not answer the last time.
  private func staleWords(_ status: WalletDesk.Status, at now: Instant) -> [String] {
    status.protocols.compactMap { venue in
      guard let chapter = status.book.chapters[venue], chapter.isStale(at: now) else { return nil }
      let words = chapter.problem.isEmpty ? "was not read lately" : chapter.problem
      let since = chapter.readAt.map { ", as of \($0)" } ?? ", never read"
      return "\(venue.title): \(words)\(since)"
    }
  }

  // MARK: - Inside protocols

  /// A row for each place inside a protocol at which a wallet has something.
  func claimRows(
    _ record: FollowedAccount, names: [AccountID: String], at now: Instant
  ) -> [[ReportCell]] {
    guard let status = walletStatus(record.account) else { return [] }
    return status.book.amounts.keys.sorted().compactMap { place in
      guard let venue = DeFiProtocol(rawValue: place.venue),
        let chapter = status.book.chapters[venue]
      else { return nil }
      let id = AccountID(place, of: record.account)
      let isStale = chapter.isStale(at: now)
      let state: AccountState =
        isOffline ? .offline : record.isPaused ? .paused : isStale ? .stale : .polled
      let lines = chapter.lines.count { $0.claim == place.claim }
      return [
        .text(id.slug), .text(names[id] ?? id.slug), .text(place.venue), .text(state.rawValue),
        SyncDesk.cell(chapter.readAt?.microseconds), .integer(100), .none, .none,
        .integer(Int64(lines)), .text("watch"), .integer(0), .none, .text(chapter.problem),
        .text(isStale ? "Its last amounts stand; it is tried again by itself." : ""), .text(""),
      ]
    }
  }

  /// What was read of a wallet, or of one of its places; `nil` for any other account.
  func walletFeeds(of account: AccountID, at now: Instant) -> Report? {
    for (wallet, record) in records where record.watch != nil {
      guard let status = walletStatus(wallet) else { continue }
      if wallet == account { return SyncDesk.feeds(status, only: nil, at: now) }
      let places = status.book.amounts.keys
      if let place = places.first(where: { AccountID($0, of: wallet) == account }) {
        return SyncDesk.feeds(status, only: place, at: now)
      }
    }
    return nil
  }

  private static func feeds(
    _ status: WalletDesk.Status, only place: ClaimPlace?, at now: Instant
  ) -> Report {
    var rows: [[ReportCell]] = []
    if place == nil {
      let state = status.isReading ? "reading" : status.readAt == nil ? "waiting" : "read"
      rows.append([
        .text("balances"), .text(state), .none, cell(status.readAt?.microseconds),
        .integer(Int64(status.entries)), .none, .text(status.problem), .text(""), .none,
      ])
    }
    for venue in status.protocols where place == nil || place?.venue == venue.rawValue {
      rows += chapterRows(venue, status.book.chapters[venue], only: place?.claim, at: now)
    }
    return Report(
      tableName: "feeds",
      columns: [
        "feed", "state", "read_from", "read_to", "rows", "next_at", "problem", "asset", "quantity",
      ], rows: Array(rows.prefix(500)))
  }

  private static func chapterRows(
    _ venue: DeFiProtocol, _ chapter: DeFiBook.Chapter?, only claim: Claim?, at now: Instant
  ) -> [[ReportCell]] {
    guard let chapter else {
      return [row(venue.rawValue, "waiting", nil, 0, "", nil)]
    }
    let state = chapter.isStale(at: now) ? "stale" : "read"
    let lines = chapter.lines.filter { claim == nil || $0.claim == claim }
    if lines.isEmpty {
      return [row(venue.rawValue, state, chapter.readAt, 0, chapter.problem, nil)]
    }
    return lines.map { line in
      let label = line.label.isEmpty ? "" : " \(line.label)"
      let feed = "\(venue.rawValue) \(line.claim.rawValue)\(label)"
      return row(feed, state, chapter.readAt, 1, chapter.problem, line)
    }
  }

  private static func row(
    _ feed: String, _ state: String, _ time: Instant?, _ count: Int64, _ problem: String,
    _ line: DeFiBook.Line?
  ) -> [ReportCell] {
    [
      .text(feed), .text(state), .none, cell(time?.microseconds), .integer(count), .none,
      .text(problem), .text(line?.asset.text ?? ""),
      line.map { .amount($0.quantity.fixed) } ?? .none,
    ]
  }
}
