import Amounts
import Ledger
import VenueKit

/// What the rows of one page mean for the books.
struct Booking: Sendable {
  let maker: EntryMaker
  let policy: SyncPolicy
  var entries: [SyncEntry] = []
  var refusals: [SyncRefusal] = []
  /// Codes of assets that rows name.
  var codes: [String] = []
  private var counts: [UInt64: Int] = [:]
  private var lines: [(raw: RawRow, row: StatementRow)] = []

  static let mostCarried = 500

  init(maker: EntryMaker, policy: SyncPolicy) {
    self.maker = maker
    self.policy = policy
  }

  /// Books a page; what may not be complete yet, what is under way and how often equal rows were
  /// met goes into the task of `state`, as far as there is one after the page.
  mutating func book(
    _ page: FeedPage, _ lane: Lane, _ task: RangeTask, _ step: RangeStep, _ ask: Ask,
    _ state: inout LaneState
  ) {
    let isSequence = lane.outline.paging.kind == .cursor || lane.outline.paging.kind == .numbered
    if isSequence { counts = task.counts }
    var pending: [Instant] = []
    for read in page.rows {
      guard let row = read.row else {
        refuse(read)
        continue
      }
      note(row)
      do throws(RowRefusal) {
        switch row {
        case .fill(let fill): add(try maker.entry(of: fill, raw: read.raw.text))
        case .transfer(let transfer):
          switch try maker.entry(of: transfer, raw: read.raw.text) {
          case .entry(let entry): add(entry)
          case .pending(let since): pending.append(since)
          case .nothing: break
          }
        case .statement(let line): lines.append((read.raw, line))
        default: break
        }
      } catch {
        refuse(error, read.raw.text)
        if error.reason == .unknownMarket, case .fill(let fill) = row { noteUnlisted(fill, &state) }
        // An unknown word may mean that it is under way.
        if error.reason == .unknownStatus, let time = row.time { pending.append(time) }
      }
    }
    if lane.id.kind == .statement { bookLines(page, lane, task, step, ask, &state) }
    keepPending(pending, task, step, &state)
    if isSequence, let last = page.rows.last?.row?.time { keepCounts(at: last, &state) }
  }

  /// The venue may list the market later than it traded there: then the row is read again.
  private func noteUnlisted(_ fill: Fill, _ state: inout LaneState) {
    if let known = state.unlisted[fill.market] {
      state.unlisted[fill.market] = min(known, fill.time)
    } else if state.unlisted.count < LaneState.mostUnlisted {
      state.unlisted[fill.market] = fill.time
    }
  }

  private mutating func note(_ row: FeedRow) {
    switch row {
    case .fill(let fill): codes += fill.fees.map(\.asset)
    case .transfer(let transfer): codes.append(transfer.asset)
    case .statement(let line): codes.append(line.asset)
    default: break
    }
  }

  // MARK: - Entries

  private mutating func add(_ entry: SyncEntry?) {
    guard var entry else { return }
    if case .content(let account, let canonical, _) = entry.identity {
      let key = Fingerprint.of(canonical)
      let occurrence = counts[key, default: 0]
      counts[key] = occurrence + 1
      entry.identity = .content(account: account, canonical: canonical, occurrence: occurrence)
    }
    // A venue that repeats a row within a page has told one fact once.
    if !entries.contains(where: { $0.identity == entry.identity && $0.print == entry.print }) {
      entries.append(entry)
    }
  }

  private mutating func refuse(_ read: ReadRow) {
    guard let fault = read.fault else { return }
    if case .malformed(let path, let expected) = fault {
      refusals.append(
        SyncRefusal(
          reason: RowRefusal.Reason.malformed.rawValue, place: String(path.prefix(80)),
          text: String(expected.prefix(80)), raw: read.raw.text))
    } else {
      refuse(RowRefusal(.malformed, fault.description), read.raw.text)
    }
  }

  private mutating func refuse(_ refusal: RowRefusal, _ raw: String) {
    refusals.append(
      SyncRefusal(reason: refusal.reason.rawValue, place: "", text: refusal.text, raw: raw))
  }

  // MARK: - What goes on behind the page

  private func keepPending(
    _ pending: [Instant], _ task: RangeTask, _ step: RangeStep, _ state: inout LaneState
  ) {
    let all = task.pending + pending
    if state.task != nil {
      state.task?.pending = Array(Set(all).sorted().prefix(LaneState.mostPending))
      return
    }
    let kept = Set(state.pending + pending)
    state.pending = Array(kept.sorted().prefix(LaneState.mostPending))
  }

  /// Equal rows of the page's last instant may go on on the next page.
  private func keepCounts(at last: Instant, _ state: inout LaneState) {
    guard state.task != nil else { return }
    var kept: [UInt64: Int] = [:]
    for entry in entries where entry.time == last {
      guard case .content(_, let canonical, _) = entry.identity else { continue }
      let key = Fingerprint.of(canonical)
      kept[key] = counts[key]
    }
    state.task?.counts = kept
  }

  // MARK: - Statement lines

  /// Books lines by reference; a fact whose lines may go on behind the page waits for the next one.
  private mutating func bookLines(
    _ page: FeedPage, _ lane: Lane, _ task: RangeTask, _ step: RangeStep, _ ask: Ask,
    _ state: inout LaneState
  ) {
    // A range that is read again in halves tells everything again.
    if step == .narrow { return }
    var all: [(raw: RawRow, row: StatementRow)] = []
    var carried: Set<String> = []
    for raw in task.carry {
      do throws(VenueFault) {
        guard let row = try lane.feed.statement(raw, ask) else { continue }
        carried.insert(Booking.key(raw, row))
        all.append((raw, row))
      } catch {
        refuse(ReadRow(raw: raw, row: nil, fault: error))
      }
    }
    var seen = carried
    for line in lines {
      let key = Booking.key(line.raw, line.row)
      // Lines without an id that are equal are several, unless the page before showed them.
      let isKnown = (line.row.id ?? "").isEmpty ? carried.contains(key) : seen.contains(key)
      if !isKnown { all.append(line) }
      seen.insert(key)
    }
    let edge = step == .more ? edge(of: page, lane.outline.paging.kind) : nil
    var carry: [RawRow] = []
    for group in clusters(all) {
      let isOpen = edge.map { edge in
        group.contains { line in
          line.row.reference != nil && isNear(line.row.time, edge)
        }
      }
      if isOpen == true, carry.count + group.count <= Booking.mostCarried {
        carry += group.map(\.raw)
      } else {
        book(group, task)
      }
    }
    state.task?.carry = carry
  }

  private mutating func book(_ lines: [(raw: RawRow, row: StatementRow)], _ task: RangeTask) {
    // Facts that begin outside the stretch are told by their own stretch.
    if let time = lines.compactMap(\.row.time).min(), !task.whole.contains(time) { return }
    let raw = lines.map(\.raw.text).joined(separator: "\n")
    do throws(RowRefusal) {
      for entry in try maker.entries(of: StatementGroup(lines.map(\.row), raw: raw)) {
        add(entry)
      }
    } catch {
      refuse(error, raw)
    }
  }

  /// Lines of one reference that lie close together, in order of first mention.
  private func clusters(
    _ lines: [(raw: RawRow, row: StatementRow)]
  ) -> [[(raw: RawRow, row: StatementRow)]] {
    var groups: [[(raw: RawRow, row: StatementRow)]] = []
    var places: [String: [Int]] = [:]
    for line in lines.sorted(by: Booking.isBefore) {
      let reference = line.row.reference ?? ""
      let near = places[reference, default: []].last { place in
        groups[place].contains { isNear($0.row.time, line.row.time ?? Booking.never) }
      }
      if let near, !reference.isEmpty {
        groups[near].append(line)
      } else {
        groups.append([line])
        places[reference, default: []].append(groups.count - 1)
      }
    }
    return groups
  }

  /// The same order whatever page a line came on, so that one fact has the same legs every time.
  private static func isBefore(
    _ a: (raw: RawRow, row: StatementRow), _ b: (raw: RawRow, row: StatementRow)
  ) -> Bool {
    let (first, second) = (a.row.time ?? never, b.row.time ?? never)
    if first != second { return first < second }
    let (one, other) = (a.row.id ?? "", b.row.id ?? "")
    return one != other ? one < other : a.raw.text < b.raw.text
  }

  private static let never = Instant(microseconds: .min)

  private func isNear(_ time: Instant?, _ other: Instant) -> Bool {
    guard let time else { return other == Booking.never }
    let (distance, overflow) = time.microseconds.subtractingReportingOverflow(other.microseconds)
    return !overflow && distance.magnitude <= UInt64(policy.spread) * 1_000_000
  }

  private func edge(of page: FeedPage, _ paging: Paging.Kind) -> Instant? {
    switch paging {
    case .single: nil
    case .forward: page.times?.last
    case .backward: page.times?.first
    case .cursor, .numbered: page.rows.last?.row?.time
    }
  }

  private static func key(_ raw: RawRow, _ row: StatementRow) -> String {
    guard let id = row.id, !id.isEmpty else { return "row \(raw.text)" }
    return "id \(id) \(row.asset) \(row.amount.text)"
  }
}
