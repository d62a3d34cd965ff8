import Amounts
import Ledger
import Lots
import Performance
import Portfolio
import Prices
import Vault
import Wire

/// Walks from a figure to what it rests on: positions, lots, entries, prices, and the hash of what was
/// read.
struct WhyAnswer {
  /// The most rows; how many more there are is said.
  static let mostRows = 500

  private let answer: GainsAnswer
  private var rows: [[ReportCell]] = []
  private var leftOut = 0

  init(_ answer: GainsAnswer) { self.answer = answer }

  /// The figures that can be asked for.
  static let figures = [
    "nav", "position:ASSET", "gain:ASSET", "lot:LOT", "price:ASSET", "performance.FIGURE",
  ]

  /// The answer to a request.
  func report(_ request: Request) throws -> Report {
    let figure = try request.required("figure")
    var walk = self
    let facts = try walk.walk(figure, request)
    var all = [Report.Fact("figure", .text(figure))] + facts
    if walk.leftOut > 0 { all.append(.init("rows_left_out", .integer(Int64(walk.leftOut)))) }
    return Report(
      facts: all, tableName: "steps",
      columns: ["level", "kind", "what", "amount", "value", "source", "sha256"], rows: walk.rows)
  }

  private mutating func walk(_ figure: String, _ request: Request) throws -> [Report.Fact] {
    let parts = figure.split(separator: ":", maxSplits: 1).map(String.init)
    switch (parts.first ?? "", parts.dropFirst().first) {
    case ("nav", nil): return nav()
    case ("position", let word?): return try position(try answer.asset(word))
    case ("gain", let word?): return try gain(try answer.asset(word), request)
    case ("price", let word?): return price(try answer.asset(word), level: 0)
    case ("lot", let word?): return try lot(word)
    case (let name, nil) where name.hasPrefix("performance."):
      return try performance(String(name.dropFirst("performance.".count)), request)
    default:
      throw Refusal(
        .usage, "there is no figure \(figure.prefix(60))",
        advice: "Figures: " + WhyAnswer.figures.joined(separator: ", "))
    }
  }

  private mutating func add(
    _ level: Int, _ kind: String, _ what: String, amount: Fixed? = nil, value: Fixed? = nil,
    source: String = "", hash: [UInt8] = []
  ) {
    guard rows.count < WhyAnswer.mostRows else {
      leftOut += 1
      return
    }
    rows.append([
      .integer(Int64(level)), .text(kind), .text(what), .amount(known: amount),
      .amount(known: value), .text(source), .text(hexadecimal(hash)),
    ])
  }

  // MARK: - Value

  private mutating func nav() -> [Report.Fact] {
    let positions = answer.inputs.positions.sorted {
      ($0.value ?? .zero, $1.asset) > ($1.value ?? .zero, $0.asset)
    }
    var total = GainTotal()
    for position in positions {
      total.add(position.value)
      add(
        0, "position", position.asset.ticker, amount: position.quantity.fixed,
        value: position.value, source: position.asset.text)
      addPrice(position, level: 1)
    }
    return [
      .init("value", .amount(total.sum)), .init("currency", .text(answer.inputs.currency.code)),
      .init("positions", .integer(Int64(positions.count))),
      .init("positions_without_value", .integer(Int64(total.unknown))),
      .init("next", .text("coffer why position:ASSET")),
    ]
  }

  private mutating func addPrice(_ position: Position, level: Int) {
    guard let price = position.price else {
      return add(level, "price", "no price is known", source: "none")
    }
    let time = price.time.microseconds == .max ? "" : " at \(price.time)"
    add(
      level, "price", "\(price.confidence.text)\(time)", value: price.price.fixed,
      source: price.source)
  }

  private mutating func position(_ asset: AssetID) throws -> [Report.Fact] {
    let position = answer.inputs.positions.first { $0.asset == asset }
    if let position {
      addPrice(position, level: 0)
      for share in position.shares {
        add(
          0, "account", share.account.slug, amount: share.quantity.fixed, value: share.value)
      }
    }
    try addEntries(of: asset, level: 0)
    return [
      .init("asset", .text(asset.text)),
      .init("quantity", .amount(known: position?.quantity.fixed)),
      .init("value", .amount(known: position?.value)),
      .init("currency", .text(answer.inputs.currency.code)),
    ]
  }

  private mutating func price(_ asset: AssetID, level: Int) -> [Report.Fact] {
    let position = answer.inputs.positions.first { $0.asset == asset }
    if let position { addPrice(position, level: level) }
    for days in 0..<30 {
      let day = answer.day.advanced(by: -days)
      guard let close = answer.prices.close(of: asset, on: day) else { continue }
      let isMarket = answer.prices.market.close(of: asset, on: day)?.age == close.age
      let age = close.age == 0 ? "" : ", \(close.age) days old"
      add(
        level, "close", day.description, value: close.price.fixed,
        source: (isMarket ? "market" : "own trade") + age)
    }
    return [
      .init("asset", .text(asset.text)), .init("currency", .text(answer.inputs.currency.code)),
      .init("price", .amount(known: position?.price?.price.fixed)),
    ]
  }

  // MARK: - Gains

  private mutating func gain(
    _ asset: AssetID, _ request: Request
  ) throws -> [Report.Fact] {
    let report = try answer.lotReport(on: asset)
    let price = answer.price(of: asset)
    let choices = answer.choices(request)
    var realised = GainTotal()
    var unrealised = GainTotal()
    for lot in report.holdings.flatMap(\.lots) {
      let gain = (try? lot.unrealised(at: price)) ?? nil
      unrealised.add(gain)
      let cost = lot.cost.map { "cost \($0.text)" } ?? "cost unknown"
      add(
        0, "lot", "held since \(lot.acquired?.description ?? "an average"), \(cost)",
        amount: lot.quantity.fixed, value: gain, source: lot.account?.slug ?? "")
      if let id = lot.lot { try addEntry(id.entry, level: 1) }
    }
    for disposal in report.disposals where disposal.isTaxable {
      realised.add(disposal.gain)
      add(
        0, disposal.kind.rawValue,
        "\(disposal.time), proceeds \(disposal.proceeds?.text ?? "unknown"), cost "
          + (disposal.cost?.text ?? "unknown"),
        amount: disposal.quantity.fixed, value: disposal.gain, source: disposal.account.slug)
      try addEntry(disposal.event.entry, level: 1)
      for match in disposal.matches {
        let cost = match.cost?.text ?? "unknown"
        add(
          1, "match",
          "lot of \(match.acquired?.description ?? "nowhere"), cost \(cost)"
            + naming(match, of: disposal, choices),
          amount: match.quantity.fixed, value: match.gain, source: match.lot?.description ?? "")
        if let id = match.lot { try addEntry(id.entry, level: 2) }
      }
    }
    return [
      .init("asset", .text(asset.text)), .init("currency", .text(answer.inputs.currency.code)),
      .init("method", .text(answer.journal.rules.methodWord)),
      .init("scope", .text(answer.journal.rules.scopeWord)),
      .init("price", .amount(known: price?.fixed)),
      .init("realised", .amount(realised.sum)), .init("unrealised", .amount(unrealised.sum)),
      .init("unknown_realised", .integer(Int64(realised.unknown))),
      .init("unknown_unrealised", .integer(Int64(unrealised.unknown))),
    ] + answer.noteFacts(report)
  }

  /// What chose a lot, where lots are those that are named.
  private func naming(
    _ match: LotMatch, of sale: LotDisposal, _ choices: LotChoices
  ) -> String {
    if answer.journal.rules.method != .lots(.specific) { return "" }
    let choice = choices.words(match, of: sale)
    let note = choice.note.isEmpty ? "" : " (\(choice.note))"
    switch match.choice {
    case .named: return choice.isLate ? ", named after the sale" : ", named"
    case .standing: return ", not named: \(choice.order) by standing\(note)"
    case .method, .fallback: return ", not named: \(PickReport.fallback)\(note)"
    }
  }

  private mutating func lot(_ word: String) throws -> [Report.Fact] {
    guard let id = EntryID(word.split(separator: ".").first.map(String.init) ?? "") else {
      throw Refusal(.usage, "\(word.prefix(60)) is no lot", advice: "See: coffer lots")
    }
    try addEntry(id, level: 0)
    if rows.isEmpty { throw Refusal(.notFound, "there is no entry \(id)") }
    return []
  }

  // MARK: - Performance

  private mutating func performance(
    _ name: String, _ request: Request
  ) throws -> [Report.Fact] {
    let span = try answer.span(request)
    let history = answer.history()
    let returns = answer.inputs.benchmark.returns(
      from: answer.beginning, through: answer.day, answer.prices)
    let figures = PerformanceFigures(history, span, benchmark: returns)
    guard let row = PerformanceReport.rows(figures).first(where: { $0.name == name }) else {
      let names = PerformanceReport.rows(figures).map(\.name).joined(separator: ", ")
      throw Refusal(.usage, "there is no figure \(name.prefix(40))", advice: "Figures: \(names)")
    }
    let days = history.window(from: span.first, through: span.last)
    for (index, day) in days.enumerated().reversed() {
      let rate = day.period.timeWeightedReturn(.inBeforeOutAfter)
      let text = rate.map { "return \(ReportCell.ratio($0).plain)" } ?? "no return"
      let flows = "in \(day.inflow.text), out \(day.outflow.text)"
      let missing = day.unpriced == 0 ? "" : ", \(day.unpriced) without a price"
      add(
        0, "day", span.first.advanced(by: index).description, amount: day.gain, value: day.value,
        source: "\(text), \(flows)\(missing)")
    }
    let stated: [Report.Fact] =
      switch row.figure {
      case .value(let value): [.init("value", .ratio(value))]
      case .refused(let reason): [.init("value", .none), .init("refused", .text(reason))]
      }
    return stated + [
      .init("from", .text(span.first.description)), .init("to", .text(span.last.description)),
      .init("daily_returns", .integer(Int64(figures.returns))),
      .init("amount_is", .text("the day's gain")), .init("value_is", .text("value at its end")),
    ]
  }

  // MARK: - Entries

  /// The newest entries that moved an asset.
  private mutating func addEntries(of asset: AssetID, level: Int) throws {
    let page = try answer.reader.entries(EntryQuery(asset: asset, limit: 200))
    for entry in page.entries { try add(entry, of: asset, level: level) }
    leftOut += page.total - page.entries.count
  }

  private mutating func addEntry(_ id: EntryID, level: Int) throws {
    guard rows.count < WhyAnswer.mostRows else {
      leftOut += 1
      return
    }
    if let entry = try answer.reader.entry(id) { try add(entry, of: nil, level: level) }
  }

  private mutating func add(_ entry: Entry, of asset: AssetID?, level: Int) throws {
    let source = try answer.reader.source(of: entry.origin)
    let legs = entry.legs.filter { leg in
      asset.map { answer.journal.links.canonical(leg.asset) == $0 } ?? true
    }
    let moves = legs.map { "\($0.quantity.text) \($0.asset.ticker) \($0.account.slug)" }
    let place = entry.origin.line > 0 ? ", line \(entry.origin.line)" : ""
    add(
      level, "entry", "\(entry.time) \(entry.kind.rawValue): \(moves.joined(separator: "; "))",
      amount: legs.count == 1 ? legs.first?.quantity.fixed : nil,
      source: source.map { "\($0.name)\(place)" } ?? "entered by hand", hash: source?.hash ?? [])
    add(level + 1, "id", entry.id.description, source: "coffer entry or ledger")
  }
}
