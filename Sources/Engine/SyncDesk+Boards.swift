import Ledger
import Sync
import Transport
import VenueKit
import Venues
import Wire

extension SyncDesk {
  /// The board of all accounts that are kept up to date.
  func accountsBoard(names: [AccountID: String], breaks: [AccountID: Int], at now: Instant)
    -> Report
  {
    Report(
      facts: [
        .init("calls_asked", .integer(Int64(kept.total.asked))),
        .init("calls_sent", .integer(Int64(kept.total.sent))),
        .init("calls_saved", .integer(Int64(kept.total.asked - kept.total.sent))),
      ], tableName: "accounts",
      columns: [
        "account", "name", "venue", "state", "fresh_at", "done_percent", "calls_left", "eta_s",
        "entries", "rights", "breaks", "key_made_at", "problem", "advice", "unseen",
      ],
      rows: records.values.sorted { $0.account < $1.account }.map { record in
        row(
          record, name: names[record.account] ?? record.account.slug,
          breaks: breaks[record.account] ?? 0, at: now)
      })
  }

  private func row(
    _ record: FollowedAccount, name: String, breaks: Int, at now: Instant
  ) -> [ReportCell] {
    if record.watch != nil { return walletRow(record, name: name) }
    let status = machine.status(of: record.account, at: now)
    let trouble = status.flatMap { status in
      status.trouble
        ?? status.lanes.compactMap(\.trouble).filter { $0.kind != .unsupported }
        .max { $0.time < $1.time }
    }
    let percent = status.map { Int64(($0.fraction * 100).rounded(.down)) }
    let calls = status.map { Int64($0.callsLeft) }
    let unseen = status?.unseen ?? venues.named(record.venue)?.unseen ?? []
    return [
      .text(record.account.slug), .text(name), .text(record.venue),
      .text(state(of: record, status, at: now).rawValue),
      SyncDesk.cell(status?.balancesTime?.microseconds), SyncDesk.cell(percent),
      SyncDesk.cell(calls), SyncDesk.cell(eta(of: record.venue, at: now)),
      SyncDesk.cell(status.map { Int64($0.lanes.reduce(0) { $0 + $1.rows }) }),
      .text(status?.rights.map(SyncDesk.words) ?? ""), .integer(Int64(breaks)),
      SyncDesk.cell(record.keyMade?.microseconds),
      .text(trouble.map { "\($0.sentence) \($0.detail)" } ?? ""), .text(trouble?.advice ?? ""),
      .text(unseen.joined(separator: "; ")),
    ]
  }

  private func walletRow(_ record: FollowedAccount, name: String) -> [ReportCell] {
    let status = wallets.statuses.first { $0.account == record.account }
    let problem = status?.problem ?? "it cannot be read any more"
    let state: AccountState =
      isOffline
      ? .offline
      : record.isPaused
        ? .paused
        : status?.readAt == nil ? (problem.isEmpty ? .syncing : .waiting) : .polled
    return [
      .text(record.account.slug), .text(name), .text(WalletDesk.limitName(of: record.venue)),
      .text(state.rawValue), SyncDesk.cell(status?.readAt?.microseconds),
      .integer(status?.readAt == nil ? 0 : 100), .none, .none,
      .integer(Int64(status?.entries ?? 0)), .text("watch"), .integer(0), .none,
      .text(problem), .text(problem.isEmpty ? "" : "It is tried again by itself."),
      .text(record.venue == "bitcoin" ? "" : "transactions: only changes of balance are seen"),
    ]
  }

  private static func cell(_ value: Int64?) -> ReportCell { value.map { .integer($0) } ?? .none }

  /// When the calls that wait at a venue are done, in seconds from now.
  private func eta(of venue: String, at now: Instant) -> Int64? {
    let line = limiter.plan(at: now).lines.first { $0.venue == venue }
    return line.map { max(0, ($0.doneAt.microseconds - now.microseconds) / 1_000_000) }
  }

  private func state(
    of record: FollowedAccount, _ status: AccountStatus?, at now: Instant
  ) -> AccountState {
    if isOffline { return .offline }
    if record.isPaused { return .paused }
    guard let status else { return .stopped }
    if let trouble = status.trouble, trouble.needsSomebody { return .stopped }
    if let rest = status.restsUntil, rest > now { return .waiting }
    guard let time = status.balancesTime else {
      return status.lanes.contains { $0.trouble?.needsSomebody ?? false } ? .stopped : .syncing
    }
    if now.microseconds - time.microseconds > 600_000_000 { return .stale }
    if status.fraction < 1 { return .syncing }
    return liveAccounts.contains(record.account) ? .live : .polled
  }

  private static func words(_ rights: KeyRights) -> String {
    var words: [String] = []
    if rights.canRead ?? true { words.append("read") }
    if rights.canTrade ?? false { words.append("trade") }
    if rights.canWithdraw ?? false { words.append("WITHDRAW") }
    return words.joined(separator: " ")
  }

  /// The board of all limits that were drawn from.
  func limitsBoard(at now: Instant) -> Report {
    var health: [String: String] = [:]
    for state in limiter.venueStates(at: now) { health[state.venue] = SyncDesk.word(state.health) }
    return Report(
      facts: callFacts, tableName: "limits",
      columns: ["venue", "limit", "scope", "used", "capacity", "free_at", "state"],
      rows: limiter.buckets(at: now).map { bucket in
        [
          .text(bucket.venue), .text(bucket.name), .text(bucket.key ?? "address"),
          .integer(Int64(bucket.used)), .integer(Int64(bucket.capacity)),
          SyncDesk.cell(bucket.pausedUntil?.microseconds), .text(health[bucket.venue] ?? ""),
        ]
      })
  }

  /// What was asked, and what need not be sent for it.
  private var callFacts: [Report.Fact] {
    let calls = kept.total
    return [
      .init("calls_asked", .integer(Int64(calls.asked))),
      .init("calls_sent", .integer(Int64(calls.sent))),
      .init("calls_from_cache", .integer(Int64(calls.savedByCache))),
      .init("calls_shared", .integer(Int64(calls.savedBySharing))),
      .init("answers_unchanged", .integer(Int64(calls.unchanged))),
      .init("answers_kept", .integer(Int64(kept.count))),
      .init("bytes_kept", .integer(Int64(kept.bytes))),
    ]
  }

  private static func word(_ health: Limiter.VenueState.Health) -> String {
    switch health {
    case .open: "open"
    case .banned: "banned"
    case .broken: "resting"
    case .probing: "trying"
    }
  }

  /// The most feeds of an account that a board shows; the rest is counted.
  static let mostFeeds = 500

  /// The board of an account's feeds.
  func feedsBoard(of account: AccountID, at now: Instant) -> Report {
    let lanes = machine.status(of: account, at: now)?.lanes ?? []
    let leftOut = max(0, lanes.count - SyncDesk.mostFeeds)
    return Report(
      facts: [
        .init("feeds_known", .integer(Int64(lanes.count))),
        .init("feeds_left_out", .integer(Int64(leftOut))),
      ], tableName: "feeds",
      columns: ["feed", "state", "read_from", "read_to", "rows", "next_at", "problem"],
      rows: lanes.prefix(SyncDesk.mostFeeds).map { lane in
        let spans = lane.covered.spans
        var next: Int64?
        if case .resting(let until) = lane.health { next = until.microseconds }
        let name =
          lane.lane.kind.rawValue + (lane.lane.part.map { " \($0.rawValue)" } ?? "")
          + (lane.lane.subject.isEmpty ? "" : " \(lane.lane.subject)")
        return [
          .text(name), .text(SyncDesk.word(lane.health)),
          SyncDesk.cell(spans.first?.from.microseconds), SyncDesk.cell(spans.last?.to.microseconds),
          .integer(Int64(lane.rows)), SyncDesk.cell(next),
          .text(lane.trouble.map { "\($0.sentence) \($0.detail)" } ?? ""),
        ]
      })
  }

  private static func word(_ health: LaneHealth) -> String {
    switch health {
    case .waiting: "waiting"
    case .running: "reading"
    case .upToDate: "read"
    case .resting: "resting"
    case .stopped: "stopped"
    }
  }
}
