import Amounts
import Ledger
import Lots
import Vault
import Wire

extension LotOrder {
  /// The order of an instruction.
  init(_ method: LotInstruction.Method) {
    self =
      switch method {
      case .fifo: .fifo
      case .lifo: .lifo
      case .hifo: .hifo
      case .lofo: .lofo
      }
  }
}

extension StandingOrder {
  /// An instruction as the lots' book knows it.
  init(_ instruction: LotInstruction) {
    self.init(
      number: Int32(clamping: instruction.id), order: LotOrder(instruction.method),
      start: instruction.start, end: instruction.withdrawn)
  }

  /// Instructions as the lots' book takes them.
  fileprivate static func byAccount(_ all: [LotInstruction]) -> [AccountID: [StandingOrder]] {
    Dictionary(grouping: all, by: \.account).mapValues { $0.map { StandingOrder($0) } }
  }
}

extension GainsInputs {
  /// The instructions as far as they were known.
  var knownInstructions: [LotInstruction] {
    guard let known = picksKnownAt else { return instructions }
    return instructions.filter { $0.time <= known }
  }

  /// What accounts are to do where no lots are named; nothing by a method that does not ask for it.
  var standingOrders: [AccountID: [StandingOrder]] {
    if rules.method != .lots(.specific) { return [:] }
    return StandingOrder.byAccount(knownInstructions)
  }
}

/// Says what decided which lots sales took.
struct LotChoices {
  /// What decided on one lot.
  struct Words: Hashable {
    /// `method`, `named`, `standing`, `fallback`, or `none` where there was no lot.
    let word: String
    /// The order by which it was found; nothing where it was named.
    var order = ""
    /// When that was recorded.
    var recorded: Instant?
    /// Whether that was after the sale.
    var isLate = false
    /// What else is to be said.
    var note = ""
  }

  private let rules: GainRules
  private let picks: [EntryID: LotPick]
  private let instructions: [LotInstruction]

  init(_ rules: GainRules, picks: [LotPick], instructions: [LotInstruction]) {
    self.rules = rules
    self.picks = Dictionary(picks.map { ($0.sale, $0) }, uniquingKeysWith: { $1 })
    self.instructions = instructions
  }

  /// What decided on a part of a sale.
  func words(_ match: LotMatch, of sale: LotDisposal) -> Words {
    if match.rule == .missing {
      return Words(word: "none", note: "never acquired, as far as the records tell")
    }
    switch match.choice {
    case .method: return Words(word: "method", order: rules.methodWord)
    case .named:
      let time = picks[sale.event.entry]?.time
      return Words(word: "named", recorded: time, isLate: time.map { $0 > sale.time } ?? false)
    case .standing(let number):
      let found = instructions.first { Int32(clamping: $0.id) == number }
      return Words(
        word: "standing", order: found?.method.rawValue ?? "", recorded: found?.time,
        note: "instruction \(number)")
    case .fallback:
      guard let late = tooLate(for: sale) else {
        return Words(word: "fallback", order: PickReport.fallback)
      }
      return Words(
        word: "fallback", order: PickReport.fallback, recorded: late.time, isLate: true,
        note: "instruction \(late.id) was recorded after the sale")
    }
  }

  /// The instruction that was to count at a sale, and was recorded only after it.
  func tooLate(for sale: LotDisposal) -> LotInstruction? {
    instructions.first {
      $0.account == sale.account && $0.from <= sale.time && $0.time > sale.time
    }
  }
}

// MARK: - Recording them

extension VaultWorker {
  /// Records how an account's sales take lots where none are named, or takes that back.
  func standLots(_ request: Request) throws -> WorkResult {
    let account = try knownAccount(try request.required("account")).id
    let word = try request.required("method").lowercased()
    let author = request.author
    let from = try VaultWorker.time(request.arguments["from"], "from", isEndOfDay: false)
    guard word != "none" else {
      if from != nil { throw Refusal(.usage, "what is taken back ends now, not at another time") }
      try vault.withdrawInstructions(for: account, by: author)
      return WorkResult(
        answer: .report(
          Report(facts: [
            .init("account", .text(account.slug)), .init("method", .text(word)),
            .init("ended", .text(author.time.description)),
          ])), changes: LedgerChanges(werePicked: true))
    }
    guard let method = LotInstruction.Method(rawValue: word) else {
      let words = LotInstruction.Method.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal(
        .usage, "\(word.prefix(40)) is no standing instruction",
        advice: "Methods: \(words); none takes back")
    }
    let made = try vault.instruct(method, for: account, from: from ?? author.time, by: author)
    let rules = try gainRules()
    var facts: [Report.Fact] = [
      .init("account", .text(account.slug)), .init("method", .text(word)),
      .init("number", .integer(made.id)), .init("in_force_from", .text(made.start.description)),
      .init("asked_from", .text(made.from.description)),
      .init("gains_method", .text(rules.methodWord)),
    ]
    if rules.method != .lots(.specific) {
      facts.append(.init("next", .text("coffer gains rules --method specific")))
    }
    return WorkResult(
      answer: .report(Report(facts: facts)), changes: LedgerChanges(werePicked: true))
  }

  /// What was recorded, and what of it counts now.
  func instructionsReport(_ request: Request) throws -> Report {
    let account = try request.arguments["account"].map { try knownAccount($0).id }
    let all = try reader.lotInstructions()
    let now = EngineLoop.now
    var orders = LotRules(currency: .usDollar, method: .lots(.specific))
    orders.standing = StandingOrder.byAccount(all)
    return Report(
      tableName: "instructions",
      columns: [
        "number", "account", "method", "in_force_from", "asked_from", "recorded", "author",
        "state", "withdrawn", "withdrawer",
      ],
      rows: all.filter { account == nil || $0.account == account }.map { one in
        let current = orders.standing(of: one.account, at: now)?.number
        return [
          .integer(one.id), .text(one.account.slug), .text(one.method.rawValue),
          .text(one.start.description), .text(one.from.description),
          .text(one.time.description), .text(one.author),
          .text(VaultWorker.state(of: one, current: current, at: now)),
          .text(one.withdrawn?.description ?? ""), .text(one.withdrawer),
        ]
      })
  }

  private static func state(
    of one: LotInstruction, current: Int32?, at now: Instant
  ) -> String {
    if one.withdrawn != nil { return "taken back" }
    if one.start > now { return "to come" }
    return current == Int32(clamping: one.id) ? "in force" : "replaced"
  }
}

// MARK: - Which lots were taken

extension GainsAnswer {
  /// What decided on lots, as far as it was known at the time that is asked about.
  func choices(_ request: Request) -> LotChoices {
    let known = journalInputs(request)
    return LotChoices(
      journal.rules, picks: known.standingPicks, instructions: known.knownInstructions)
  }

  /// Every part of every sale: the lot that it took, and what chose that.
  func lotsTaken(_ request: Request) throws -> Report {
    let asset = try request.arguments["asset"].map { try self.asset($0) }
    let span = try gainSpan(request)
    let report = try lotReport(on: asset)
    let choices = choices(request)
    var rows: [[ReportCell]] = []
    var gain = GainTotal()
    for sale in report.disposals where sale.isTaxable && span.contains(UTCDay(sale.time)) {
      for match in sale.matches {
        gain.add(match.gain)
        rows.append(cells(match, of: sale, choices.words(match, of: sale)))
      }
    }
    return Report(
      facts: commonFacts(request) + [
        .init("from", .text(span.first.description)), .init("to", .text(span.last.description)),
        .init("realised", .amount(gain.sum)),
        .init("unknown_realised", .integer(Int64(gain.unknown))),
      ] + specificFacts(request, report, span) + noteFacts(report), tableName: "taken",
      columns: [
        "time", "kind", "account", "asset", "quantity", "acquired", "cost", "proceeds", "gain",
        "term", "chosen_by", "order", "recorded", "after_the_sale", "note", "lot", "sale",
      ], rows: rows)
  }

  private func cells(
    _ match: LotMatch, of sale: LotDisposal, _ choice: LotChoices.Words
  ) -> [ReportCell] {
    [
      .text(sale.time.description), .text(sale.kind.rawValue), .text(sale.account.slug),
      .text(sale.asset.ticker), .amount(match.quantity.fixed),
      .text(match.acquired?.description ?? ""), .amount(known: match.cost),
      .amount(known: match.proceeds), .amount(known: match.gain), .text(match.term.rawValue),
      .text(choice.word), .text(choice.order), .text(choice.recorded?.description ?? ""),
      .flag(choice.isLate), .text(choice.note), .text(match.lot?.description ?? ""),
      .text(sale.event.entry.description),
    ]
  }
}
