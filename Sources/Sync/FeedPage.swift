import Encodings
import Ledger
import VenueKit

/// A row of any feed.
enum FeedRow: Sendable {
  case clock(Instant)
  case account(VenueAccount)
  case rights(KeyRights)
  case market(Market)
  case balance(Balance)
  case position(OpenPosition)
  case fill(Fill)
  case transfer(Transfer)
  case statement(StatementRow)

  /// When it happened, of history rows.
  var time: Instant? {
    switch self {
    case .fill(let fill): fill.time
    case .transfer(let transfer): transfer.time
    case .statement(let row): row.time
    default: nil
    }
  }
}

/// A row as it was read, or why it was not.
struct ReadRow: Sendable {
  let raw: RawRow
  let row: FeedRow?
  let fault: VenueFault?
  /// The place of its row among all that the answers had.
  var place = 0
}

/// What a call brought.
struct FeedPage: Sendable {
  /// The rows that are this feed's matter.
  var rows: [ReadRow] = []
  /// How many rows there were.
  var count = 0
  /// Whether there may be more behind it.
  var isFull = false
  /// Where the venue says the next page begins.
  var next: String?
  /// The fingerprint of the rows.
  var print: UInt64 = 0
}

/// A feed of any rows.
enum AnyFeed: Sendable {
  case clock(Feed<Instant>)
  case accounts(Feed<VenueAccount>)
  case rights(Feed<KeyRights>)
  case markets(Feed<Market>)
  case balances(Feed<Balance>)
  case positions(Feed<OpenPosition>)
  case fills(Feed<Fill>)
  case transfers(Feed<Transfer>)
  case statement(Feed<StatementRow>)
  /// Several histories that are told by the same pages.
  case joint([AnyFeed])

  /// What a lane needs to know of a feed.
  struct Outline: Sendable {
    let part: AccountPart?
    let market: MarketKind?
    let paging: Paging
    let scope: FeedScope
    let keptSeconds: Int?
    let walk: String?

    init<Row>(_ feed: Feed<Row>) {
      part = feed.part
      market = feed.market
      paging = feed.paging
      scope = feed.scope
      keptSeconds = feed.keptSeconds
      walk = feed.walk
    }

    /// Nothing.
    init() {
      part = nil
      market = nil
      paging = .single
      scope = .all
      keptSeconds = nil
      walk = nil
    }
  }

  /// This one and another, which tell different things by the same pages.
  func joined(with other: AnyFeed) -> AnyFeed {
    if case .joint(let feeds) = self { return .joint(feeds + [other]) }
    return .joint([self, other])
  }

  /// What its rows may be, of a history.
  var histories: [LaneKind] {
    switch self {
    case .fills: [.fills]
    case .transfers: [.transfers]
    case .statement: [.statement]
    case .joint(let feeds): feeds.flatMap(\.histories)
    case .clock, .accounts, .rights, .markets, .balances, .positions: []
    }
  }

  var outline: Outline {
    switch self {
    case .clock(let feed): Outline(feed)
    case .accounts(let feed): Outline(feed)
    case .rights(let feed): Outline(feed)
    case .markets(let feed): Outline(feed)
    case .balances(let feed): Outline(feed)
    case .positions(let feed): Outline(feed)
    case .fills(let feed): Outline(feed)
    case .transfers(let feed): Outline(feed)
    case .statement(let feed): Outline(feed)
    case .joint(let feeds): feeds.first?.outline ?? Outline()
    }
  }

  func calls(_ ask: Ask) throws(VenueFault) -> [Call] {
    switch self {
    case .clock(let feed): try feed.calls(ask)
    case .accounts(let feed): try feed.calls(ask)
    case .rights(let feed): try feed.calls(ask)
    case .markets(let feed): try feed.calls(ask)
    case .balances(let feed): try feed.calls(ask)
    case .positions(let feed): try feed.calls(ask)
    case .fills(let feed): try feed.calls(ask)
    case .transfers(let feed): try feed.calls(ask)
    case .statement(let feed): try feed.calls(ask)
    case .joint(let feeds): try feeds.first?.calls(ask) ?? []
    }
  }

  /// Reads the answers of one page, row by row: a row that is not understood does not take the
  /// others with it.
  func page(_ answers: [Answer]) throws(VenueFault) -> FeedPage {
    switch self {
    case .clock(let feed): try FeedPage(feed, answers) { .clock($0) }
    case .accounts(let feed): try FeedPage(feed, answers) { .account($0) }
    case .rights(let feed): try FeedPage(feed, answers) { .rights($0) }
    case .markets(let feed): try FeedPage(feed, answers) { .market($0) }
    case .balances(let feed): try FeedPage(feed, answers) { .balance($0) }
    case .positions(let feed): try FeedPage(feed, answers) { .position($0) }
    case .fills(let feed): try FeedPage(feed, answers) { .fill($0) }
    case .transfers(let feed): try FeedPage(feed, answers) { .transfer($0) }
    case .statement(let feed): try FeedPage(feed, answers) { .statement($0) }
    case .joint(let feeds): try FeedPage(feeds, answers)
    }
  }

  /// Reads one statement line again that was kept from an earlier page.
  func statement(_ raw: RawRow, _ ask: Ask) throws(VenueFault) -> StatementRow? {
    if case .joint(let feeds) = self {
      return try feeds.first { $0.histories == [.statement] }?.statement(raw, ask)
    }
    guard case .statement(let feed) = self else { return nil }
    let holder = Node(.object(JSONObject([(raw.key, raw.json)])))
    return try feed.row(holder[raw.key], ask)
  }
}

extension FeedPage {
  /// What several feeds make of the same pages, row by row; a row that none of them understands is
  /// refused once.
  fileprivate init(_ feeds: [AnyFeed], _ answers: [Answer]) throws(VenueFault) {
    var pages: [FeedPage] = []
    for feed in feeds { pages.append(try feed.page(answers)) }
    self = pages.first ?? FeedPage()
    rows = []
    var refused: Set<Int> = []
    var rest = pages.map { $0.rows[...] }
    for place in 0..<count {
      for index in rest.indices {
        while let row = rest[index].first, row.place == place {
          rest[index].removeFirst()
          if row.fault == nil || refused.insert(place).inserted { rows.append(row) }
        }
      }
    }
  }

  fileprivate init<Row>(
    _ feed: Feed<Row>, _ answers: [Answer], _ wrap: (Row) -> FeedRow
  ) throws(VenueFault) {
    var print = Fingerprint()
    for answer in answers {
      let nodes = try feed.rows(answer)
      let first = count
      count += nodes.count
      if feed.paging.most > 0 {
        if nodes.count >= feed.paging.most { isFull = true }
      } else if !nodes.isEmpty, feed.paging.kind != .single {
        isFull = true
      }
      if next == nil { next = try feed.next(answer).flatMap { $0.isEmpty ? nil : $0 } }
      for (index, node) in nodes.enumerated() {
        let place = first + index
        let raw = RawRow(key: node.key, json: node.json ?? .null)
        print.add(raw.json.text.utf8)
        do throws(VenueFault) {
          guard let row = try feed.row(node, answer.ask) else { continue }
          rows.append(ReadRow(raw: raw, row: wrap(row), fault: nil, place: place))
        } catch {
          rows.append(ReadRow(raw: raw, row: nil, fault: error, place: place))
        }
      }
    }
    self.print = print.value
  }

  /// The first fault of a row.
  var fault: VenueFault? { rows.first { $0.fault != nil }?.fault }

  /// The earliest and the latest time of its rows.
  var times: (first: Instant, last: Instant)? {
    let times = rows.compactMap { $0.row?.time }
    guard let first = times.min(), let last = times.max() else { return nil }
    return (first, last)
  }

  /// Whether its rows go back in time, from the latest to the earliest.
  var isFalling: Bool {
    let times = rows.compactMap { $0.row?.time }
    guard let first = times.first, let last = times.last, first > last else { return false }
    return zip(times, times.dropFirst()).allSatisfy { $0 >= $1 }
  }
}
