import Amounts
import Dispatch
import Ledger
import Lots
import Prices
import Synchronization
import Vault
import Wire

/// What the figures' queue keeps from one work to the next.
struct GainsMemory: Sendable {
  var journal: GainsJournal?
  var generation: UInt64 = 0
  /// What the vault keeps of daily closes, also of what is no longer held, and as of when.
  var closes: DailyCloses?
  var closesGeneration: UInt64 = 0
}

/// Folds the ledger, on a queue of its own beside the writer's and the reader's.
extension VaultWorker {
  /// How many entries are read at once, and after how many it says how far it is.
  private static let chunk = 5_000

  /// Brings the journal up to date and tells the core what it came to.
  func fold(_ inputs: GainsInputs) {
    let epoch = figureEpoch
    figuring.async { [self] in
      guard !isOver(epoch) else { return }
      do {
        let digest = try figures.withLock { memory in
          let inputs = try withStored(inputs, &memory)
          try advance(&memory, inputs, epoch) { done, total in
            inbox.post(.gained(.progress(done: done, total: total)))
          }
          return memory.journal.map { GainsDigest($0, inputs) }
        }
        if let digest, !isOver(epoch) { inbox.post(.gained(.digest(digest))) }
      } catch {
        if !isOver(epoch) { inbox.post(.gained(.failed("\(error)"))) }
      }
    }
  }

  /// Answers a question about figures, after what is being folded.
  func figure(_ request: Request, _ inputs: GainsInputs, _ id: WorkID) {
    let epoch = figureEpoch
    figuring.async { [self] in
      if request.verb == "pick-lots" { return pickLots(request, inputs, id, epoch) }
      let result = carryOutFigure(request, inputs, id, epoch)
      endOfWork(id)
      inbox.post(.finished(id, result))
    }
  }

  /// Does something of the figures' queue; what goes wrong becomes the answer.
  func answered(_ id: WorkID, _ work: () throws -> WorkResult) -> WorkResult {
    do {
      if shouldStop(id) { return .refused(.cancelled, "it was cancelled") }
      return try work()
    } catch let refusal as Refusal {
      return WorkResult(answer: .refusal(refusal))
    } catch let fault as VaultFault {
      return WorkResult(answer: .refusal(Refusal(fault)))
    } catch {
      return .refused(.system, "an unexpected fault: \(error)")
    }
  }

  private func carryOutFigure(
    _ request: Request, _ inputs: GainsInputs, _ id: WorkID, _ epoch: Int
  ) -> WorkResult {
    answered(id) {
      .report(
        try figures.withLock { memory in
          let inputs = try withStored(inputs, &memory)
          let journal = try self.journal(for: request, inputs, &memory, id, epoch)
          let end = try VaultWorker.time(request.arguments["as-of"], "as-of", isEndOfDay: true)
          return try GainsAnswer(journal, inputs, try reader, asOf: end).report(request)
        })
    }
  }

  /// The inputs with the closes that the vault keeps beside those that are known already.
  func withStored(
    _ inputs: GainsInputs, _ memory: inout GainsMemory
  ) throws -> GainsInputs {
    if memory.closes?.currency != inputs.currency || memory.closesGeneration != inputs.generation {
      let recorded = Set(try reader.assets.map { inputs.links.canonical($0) })
      let wanted = recorded.union(inputs.benchmark.parts.map(\.asset))
      var closes = DailyCloses(currency: inputs.currency, openDay: inputs.today)
      let kept = try reader.closes(
        of: wanted, in: inputs.currency, at: EngineLoop.now, days: VaultWorker.mostDays)
      for (asset, known) in kept { closes.take(known, of: asset) }
      memory.closes = closes
      memory.closesGeneration = inputs.generation
    }
    var merged = inputs
    merged.picks = try reader.lotPicks()
    merged.instructions = try reader.lotInstructions()
    if var closes = memory.closes {
      closes.take(inputs.prices)
      merged.prices = closes
    }
    return merged
  }

  /// The most days whose closes are read: a hundred years.
  private static let mostDays = 36_500

  /// The journal that a question is about: the one that is kept, or one made for it alone.
  private func journal(
    for request: Request, _ inputs: GainsInputs, _ memory: inout GainsMemory, _ id: WorkID,
    _ epoch: Int
  ) throws -> GainsJournal {
    let tell = telling(id)
    let words = request.arguments
    // A question about picks is one about specific lots, whatever the rules say.
    let usual = request.verb == "lot-picks" ? "specific" : nil
    guard
      let rules = GainRules(
        method: words["method"] ?? usual, scope: words["scope"], base: inputs.rules)
    else {
      throw Refusal(
        .usage, "there is no such method or scope",
        advice: "Methods: \(GainRules.methodWords.joined(separator: ", ")); scopes: "
          + GainRules.scopeWords.joined(separator: ", "))
    }
    let asOf = try VaultWorker.time(words["as-of"], "as-of", isEndOfDay: true)
    let knownAt = try VaultWorker.time(words["known-at"], "known-at", isEndOfDay: true)
    let last = try knownAt.map { try reader.lastRow(knownAt: $0) }
    if rules == inputs.rules, asOf == nil, last == nil {
      try advance(&memory, inputs, epoch, tell)
      if let journal = memory.journal { return journal }
    }
    var special = GainsMemory()
    special.closes = memory.closes
    var other = inputs
    other.rules = rules
    other.picksKnownAt = knownAt
    try advance(&special, other, epoch, until: asOf, through: last, isCancelled: id, tell)
    guard let journal = special.journal else { throw Refusal(.cancelled, "it was cancelled") }
    return journal
  }

  /// Tells how far the fold for a question is.
  func telling(_ id: WorkID) -> (_ done: Int, _ total: Int) -> Void {
    { [inbox] done, total in
      let progress = Progress(
        stage: "folding the ledger", done: Int64(done), total: Int64(total), unit: "entries")
      inbox.post(.progressed(id, progress))
    }
  }

  /// A time as people write it; a day alone means its end.
  static func time(_ text: String?, _ name: String, isEndOfDay: Bool) throws(Refusal) -> Instant? {
    guard let text else { return nil }
    guard let time = Instant(text) else {
      throw Refusal(.usage, "\(name) wants a day such as 2024-01-31")
    }
    guard isEndOfDay, text.utf8.count == 10 else { return time }
    return Instant(microseconds: time.advanced(bySeconds: 86_400).microseconds - 1)
  }

  /// Takes in what the ledger has and the journal has not.
  private func advance(
    _ memory: inout GainsMemory, _ inputs: GainsInputs, _ epoch: Int, until end: Instant? = nil,
    through lastRow: Int? = nil, isCancelled id: WorkID? = nil,
    _ tell: (_ done: Int, _ total: Int) -> Void
  ) throws {
    if var journal = memory.journal, journal.rules == inputs.rules, journal.links == inputs.links,
      journal.picks == inputs.namedLots, journal.standing == inputs.standingOrders,
      journal.prices.market.currency == inputs.currency, memory.generation == inputs.generation
    {
      // Only one holds it while it changes, or all of it would be copied.
      memory.journal = nil
      if journal.take(inputs.prices), try takeNew(&journal, epoch) {
        memory.journal = journal
        return
      }
    }
    memory.journal = nil
    memory.journal = try rebuilt(
      inputs, epoch, until: end, through: lastRow, isCancelled: id, tell)
    memory.generation = inputs.generation
  }

  private func takeNew(_ journal: inout GainsJournal, _ epoch: Int) throws -> Bool {
    while true {
      let rows = try reader.rows(writtenAfter: journal.lastNumber, limit: VaultWorker.chunk)
      if rows.isEmpty { return true }
      if isOver(epoch) { throw Refusal(.cancelled, "it was cancelled") }
      let fresh = rows.map { NumberedEntry(number: $0.number, entry: $0.entry) }
      guard journal.take(fresh) else { return false }
    }
  }

  /// The whole ledger, oldest first, so that no lot is matched twice.
  func rebuilt(
    _ inputs: GainsInputs, _ epoch: Int, until end: Instant? = nil, through lastRow: Int? = nil,
    isCancelled id: WorkID?, _ tell: (_ done: Int, _ total: Int) -> Void
  ) throws -> GainsJournal {
    let last = try lastRow ?? reader.lastRow()
    var journal = GainsJournal(
      rules: inputs.rules, links: inputs.links, prices: inputs.prices, picks: inputs.namedLots,
      standing: inputs.standingOrders)
    var place: LedgerPlace?
    repeat {
      if isOver(epoch) || id.map({ shouldStop($0) }) ?? false {
        throw Refusal(.cancelled, "it was cancelled")
      }
      let (rows, next) = try reader.rows(after: place, through: last, limit: VaultWorker.chunk)
      let wanted = end.map { end in rows.filter { $0.entry.time <= end } } ?? rows
      journal.takeInOrder(
        wanted.map { NumberedEntry(number: $0.number, entry: $0.entry) })
      tell(journal.entries, last)
      place = wanted.count < rows.count ? nil : next
    } while place != nil
    journal.settle()
    return journal
  }
}

// MARK: - Settings

extension VaultWorker {
  /// How cost is found, as it was set.
  func gainRules() throws -> GainRules {
    let reader = try reader
    return GainRules(
      method: try reader.setting(GainRules.methodSetting),
      scope: try reader.setting(GainRules.scopeSetting)) ?? GainRules()
  }

  /// Sets how cost is found and what performance is set beside.
  func setGains(_ request: Request) throws -> WorkResult {
    let words = request.arguments
    let base = try gainRules()
    guard let rules = GainRules(method: words["method"], scope: words["scope"], base: base) else {
      throw Refusal(
        .usage, "there is no such method or scope",
        advice: "Methods: \(GainRules.methodWords.joined(separator: ", ")); scopes: "
          + GainRules.scopeWords.joined(separator: ", "))
    }
    var blend: BenchmarkBlend?
    if let text = words["benchmark"] {
      guard let read = BenchmarkBlend(text) else {
        throw Refusal(
          .usage, "\(text.prefix(60)) is no benchmark", advice: "For example: BTC:60,ETH:40")
      }
      blend = read
      try vault.set(BenchmarkBlend.setting, to: text, by: request.author)
    }
    if rules != base {
      try vault.set(GainRules.methodSetting, to: rules.methodWord, by: request.author)
      try vault.set(GainRules.scopeSetting, to: rules.scopeWord, by: request.author)
    }
    var facts: [Report.Fact] = [
      .init("method", .text(rules.methodWord)), .init("scope", .text(rules.scopeWord)),
    ]
    if let blend { facts.append(.init("benchmark", .text(blend.text))) }
    return WorkResult(
      answer: .report(Report(facts: facts)),
      changes: LedgerChanges(
        gainRules: rules, benchmark: blend,
        watchedAssets: blend == nil ? nil : try watchedAssets()))
  }
}
