import Ledger
import VenueKit

/// What follows from a page for the stretch of time that is being read.
enum RangeStep: Hashable, Sendable {
  /// Another page has to be read.
  case more
  /// The stretch is read.
  case done
  /// The stretch has to be read in shorter ones.
  case narrow
  /// There is no way on.
  case stop(LaneTrouble.Kind, String)
}

/// How a history lane is read: which stretch comes next, what to ask for, and what a page proves.
///
/// Stretches begin and end on whole seconds. A little before each is asked for too, so that neither
/// the form a venue writes times in nor whether it includes its bounds can open a hole between two.
struct RangeReading: Sendable {
  let kind: LaneKind
  let paging: Paging
  let policy: SyncPolicy
  /// What the pages tell, where that is more than one thing.
  var histories: [LaneKind] = []

  private static let ticks: [Int64] = [1, 1_000, 1_000_000, 60_000_000]
  private static let second: Int64 = 1_000_000
  /// Steps of a backward range that only ask again with a finer bound.
  private static let finer = 2

  private var isForward: Bool { paging.kind == .forward }
  /// How much before a stretch is asked for too, in seconds.
  private var margin: Int64 { kind == .statement ? max(1, policy.spread) : 1 }

  // MARK: - Planning

  /// Up to when a round that begins at `now` reads.
  func horizon(_ now: Instant) -> Instant {
    let back = kind == .statement ? max(policy.settling, 2 * policy.spread) : policy.lag
    return Instant(seconds: now.advanced(bySeconds: -max(policy.lag, back)).seconds)
  }

  /// The earliest time that can be asked for.
  func floor(_ now: Instant, start: Instant) -> Instant {
    guard let lookBack = paging.lookBack else { return Instant(seconds: start.seconds) }
    let slack = min(60, Int64(lookBack) / 10)
    let earliest = now.advanced(bySeconds: slack - Int64(lookBack))
    return Instant(seconds: max(start, earliest).seconds)
  }

  /// What the venue no longer tells.
  func lost(_ state: LaneState, _ now: Instant, start: Instant) -> [Span] {
    var lost = SpanSet([Span(from: start, to: floor(now, start: start))])
    lost.subtract(state.covered)
    return lost.spans
  }

  /// Begins a round: what was read lately is read again.
  func beginRound(_ state: inout LaneState, _ now: Instant, start: Instant) {
    state.round = now
    let floor = floor(now, start: start)
    let oldest = now.advanced(bySeconds: -policy.pendingMost)
    state.pending.removeAll { $0 < oldest }
    guard let end = state.covered.end else { return }
    let head = min(end, horizon(now))
    let overlap = histories.map { policy.overlap(of: $0) }.max() ?? 0
    var from = head.advanced(bySeconds: -max(policy.overlap(of: kind), overlap))
    if let pending = state.pending.min() { from = min(from, pending) }
    state.again.insert(Span(from: max(floor, Instant(seconds: from.seconds)), to: head))
  }

  /// What is still to be read in the present round.
  func open(_ state: LaneState, _ now: Instant, start: Instant) -> SpanSet {
    guard let round = state.round else { return SpanSet() }
    let wanted = Span(from: floor(now, start: start), to: horizon(round))
    var open = SpanSet([wanted])
    open.subtract(state.covered)
    for gap in state.gaps { open.remove(gap.span) }
    open.formUnion(state.again.clipped(to: wanted))
    return open
  }

  /// How many seconds are still to be read in the present round, after a page.
  ///
  /// What pages without bounds of their own have come past is not covered before their end.
  func unread(
    _ state: LaneState, after page: FeedPage, _ now: Instant, start: Instant
  ) -> Int64 {
    let seconds = open(state, now, start: start).seconds
    guard let task = state.task, paging.kind == .cursor || paging.kind == .numbered,
      let times = page.times
    else { return seconds }
    let passed =
      page.isFalling
      ? task.range.to.seconds - times.first.seconds
      : times.last.seconds - task.range.from.seconds
    return max(0, seconds - max(0, passed))
  }

  /// The next stretch to read, the newest first.
  func plan(_ state: LaneState, _ now: Instant, start: Instant) -> RangeTask? {
    guard let piece = open(state, now, start: start).spans.last else { return nil }
    var most = window(state)
    if isForward, most == nil, let round = state.round, piece.to == horizon(round) {
      most = policy.recentSpan
    }
    var range = piece
    if let most, piece.seconds > most {
      range.from = max(piece.from, piece.to.advanced(bySeconds: -most))
    }
    var task = RangeTask(range, isForward: isForward)
    task.bound = isForward ? askedFrom(range) : askedTo(range)
    return task
  }

  /// The longest stretch, in seconds; `nil` for any.
  func window(_ state: LaneState) -> Int64? {
    let own = paging.window.map { max(1, Int64($0) - 2 * margin) }
    guard let narrow = state.window else { return own }
    return max(1, min(narrow, own ?? narrow))
  }

  // MARK: - Asking

  private func askedFrom(_ range: Span) -> Instant { range.from.advanced(bySeconds: -margin) }
  private func askedTo(_ range: Span) -> Instant {
    kind == .statement ? range.to.advanced(bySeconds: policy.spread) : range.to
  }

  /// Puts what a task wants into an ask.
  func fill(_ ask: inout Ask, _ task: RangeTask) {
    ask.from = isForward ? task.bound : askedFrom(task.whole)
    ask.to = askedTo(task.whole)
    if paging.kind == .backward { ask.to = asked(task.bound, step: task.step) }
    ask.cursor = task.cursor
    ask.page = task.page
    // A page is known to be full by the most rows a venue gives: so many must be asked for.
    if paging.most > 0 { ask.limit = paging.most }
  }

  /// A latest time, rounded up as far as the venue's way of writing times may cut it off.
  private func asked(_ bound: Instant, step: Int) -> Instant {
    let grain: Int64 = step == 0 ? RangeReading.second : step == 1 ? 1_000 : 1
    let rest = bound.microseconds % grain
    guard rest > 0 else { return bound }
    let (raised, overflow) = bound.microseconds.addingReportingOverflow(grain - rest)
    return overflow ? bound : Instant(microseconds: raised)
  }

  // MARK: - Pages

  /// Takes a page into account.
  func take(_ page: FeedPage, into state: inout LaneState) -> RangeStep {
    guard var task = state.task else { return .done }
    task.pages += 1
    task.emptyPages = page.count == 0 ? task.emptyPages + 1 : 0
    var step: RangeStep
    if task.pages > policy.pagesMost || task.emptyPages > policy.emptyPagesMost {
      step = .stop(.repeating, "no end after \(task.pages) pages")
    } else {
      switch paging.kind {
      case .single: step = page.isFull ? .narrow : .done
      case .cursor: step = cursorStep(page, &task)
      case .numbered: step = numberedStep(page, &task)
      case .forward: step = forwardStep(page, &task, &state)
      case .backward: step = backwardStep(page, &task, &state)
      }
    }
    task.print = page.print
    state.task = task
    if step == .narrow { step = narrow(page, task, &state) }
    if step == .done { finish(task, &state) }
    return step
  }

  private func cursorStep(_ page: FeedPage, _ task: inout RangeTask) -> RangeStep {
    guard let next = page.next, !isBefore(page, task) else { return .done }
    let isSame = next == task.cursor || page.count > 0 && isRepeated(page, task)
    guard !isSame else { return .narrow }
    task.cursor = next
    return .more
  }

  private func numberedStep(_ page: FeedPage, _ task: inout RangeTask) -> RangeStep {
    guard page.isFull, !isBefore(page, task) else { return .done }
    guard !isRepeated(page, task) else { return .narrow }
    task.page += 1
    return .more
  }

  private func isRepeated(_ page: FeedPage, _ task: RangeTask) -> Bool {
    task.pages > 1 && page.print == task.print
  }

  /// Whether the venue gives rows from the latest to the earliest and has come past the stretch.
  private func isBefore(_ page: FeedPage, _ task: RangeTask) -> Bool {
    guard page.isFalling, let times = page.times else { return false }
    return times.first < askedFrom(task.whole)
  }

  private func forwardStep(
    _ page: FeedPage, _ task: inout RangeTask, _ state: inout LaneState
  ) -> RangeStep {
    guard page.isFull else { return .done }
    guard let last = page.times?.last else { return .stop(.malformed, "a page without times") }
    if last > task.bound {
      markRead(Span(from: task.range.from, to: min(last, task.range.to)), &state)
      task.range = Span(from: max(task.range.from, last), to: task.range.to)
      task.bound = last
      task.step = 0
      return last > askedTo(task.whole) ? .done : .more
    }
    guard task.step < RangeReading.ticks.count else {
      return .stop(.repeating, "more rows at \(task.bound) than a page holds")
    }
    let tick = RangeReading.ticks[task.step]
    let next = Instant(microseconds: task.bound.microseconds &+ tick)
    skip(Span(from: max(task.bound, task.range.from), to: next), &state)
    task.range = Span(from: max(task.range.from, next), to: task.range.to)
    task.bound = next
    task.step += 1
    return next > askedTo(task.whole) ? .done : .more
  }

  private func backwardStep(
    _ page: FeedPage, _ task: inout RangeTask, _ state: inout LaneState
  ) -> RangeStep {
    guard page.isFull else { return .done }
    guard let first = page.times?.first else { return .stop(.malformed, "a page without times") }
    if first < task.bound {
      // More rows may lie at that very instant.
      let read = Instant(microseconds: first.microseconds &+ 1)
      markRead(Span(from: max(read, task.range.from), to: task.range.to), &state)
      task.range = Span(from: task.range.from, to: min(read, task.range.to))
      if first.seconds != task.bound.seconds { task.step = 0 }
      task.bound = first
      return first < askedFrom(task.whole) ? .done : .more
    }
    task.step += 1
    guard task.step > RangeReading.finer else { return .more }
    let number = task.step - RangeReading.finer - 1
    guard number < RangeReading.ticks.count else {
      return .stop(.repeating, "more rows at \(task.bound) than a page holds")
    }
    let next = Instant(microseconds: task.bound.microseconds &- RangeReading.ticks[number])
    let end = Instant(microseconds: next.microseconds &+ 1)
    let after = Instant(microseconds: task.bound.microseconds &+ 1)
    skip(Span(from: max(end, task.range.from), to: min(after, task.whole.to)), &state)
    task.range = Span(from: task.range.from, to: min(end, task.range.to))
    task.bound = next
    return next < askedFrom(task.whole) ? .done : .more
  }

  // MARK: - Outcomes

  private func markRead(_ span: Span, _ state: inout LaneState) {
    guard !span.isEmpty else { return }
    var read = SpanSet([span])
    for gap in state.gaps where gap.reason == .burst { read.remove(gap.span) }
    state.covered.formUnion(read)
    state.again.remove(span)
  }

  /// States that a stretch cannot be read.
  private func skip(_ span: Span, _ state: inout LaneState) {
    guard !span.isEmpty else { return }
    var bursts = SpanSet(state.gaps.filter { $0.reason == .burst }.map(\.span))
    bursts.insert(span)
    state.gaps.removeAll { $0.reason == .burst }
    state.gaps += bursts.spans.map { SyncGap($0, .burst) }
    state.covered.remove(span)
    state.again.remove(span)
  }

  private func finish(_ task: RangeTask, _ state: inout LaneState) {
    markRead(task.range, &state)
    let kept = state.pending.filter { !task.whole.contains($0) } + task.pending
    state.pending = Array(Set(kept).sorted().prefix(LaneState.mostPending))
    state.task = nil
    // A range that went well lets the next one be longer again, up to what is taken for sure.
    if let window = state.window, paging.sureWindow.map({ window < $0 }) ?? true {
      let (longer, overflow) = window.multipliedReportingOverflow(by: 2)
      let isWide = overflow || longer > 20 * 365 * 86_400
      state.window = isWide || longer >= Int64(paging.window ?? .max) ? nil : longer
    }
  }

  /// Has the range read in halves, or says why that is no use.
  private func narrow(_ page: FeedPage, _ task: RangeTask, _ state: inout LaneState) -> RangeStep {
    let asked = Span(
      from: askedFrom(task.whole).advanced(bySeconds: -1),
      to: askedTo(task.whole).advanced(bySeconds: 2))
    if let times = page.times, !asked.contains(times.first) || !asked.contains(times.last) {
      return .stop(.repeating, "rows of other times than asked for")
    }
    state.task = nil
    let length = task.whole.seconds
    guard length > 1 else {
      skip(task.whole, &state)
      return .narrow
    }
    state.window = length / 2
    return .narrow
  }
}
