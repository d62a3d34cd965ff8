internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Prices

extension ClientModel {
  /// Where the figures of a position come from.
  func explanation(of asset: AssetID) -> [TextLine] {
    guard let board, let row = board.row(of: asset) else {
      return [TextLine("This position is gone.", Style(.textDim))]
    }
    let position = row.position
    return screeningLines(position) + valueLines(position, board) + costLines(row, board)
      + quantityLines(position, board)
      + priceLines(position, board) + dayLines(row, board)
      + named("Identity", Wrapped.lines(row.text, columns: max(10, overlayTextWidth - 12)))
  }

  private func screeningLines(_ position: Position) -> [TextLine] {
    guard let screening = position.screening else { return [] }
    let advice =
      position.isFolded
      ? ["It is in no sum. If you know it: coffer asset trust IDENTITY"] : []
    return named(
      "Suspect", screening.reasons.map { Suspicion.sentence($0) } + advice, .valueFlagged)
  }

  private func valueLines(_ position: Position, _ board: PositionBoard) -> [TextLine] {
    let code = board.currency.code
    guard let value = position.value else {
      return named("Value", ["? not known: there is no price, so it is in no sum"], .valueUnknown)
    }
    let sign = state(of: position).mark
    let mark = sign.isEmpty ? "" : sign + " "
    let weight = Figures.weight(board.weight(of: value))
    return named("Value", ["\(mark)\(figures.exact(value)) \(code)", "= quantity × price"])
      + named("Weight", ["\(weight) % of the sum of all known values"])
  }

  private func costLines(_ row: PositionRow, _ board: PositionBoard) -> [TextLine] {
    guard let basis = row.cost else {
      let reason = extras.costs == nil ? extras.costsWait : "the ledger has no lot of it"
      return named("Cost", ["? not known: \(reason)"], .valueUnknown)
    }
    if basis.isCash { return named("Cost", ["none: it is money, or nothing is left of its lots"]) }
    let code = board.currency.code
    var texts: [String] = []
    if let cost = basis.cost {
      texts.append("\(figures.exact(cost)) \(code) for \(basis.lots - basis.unknownLots) lots")
      if let average = basis.average { texts.append("\(figures.exact(average)) a unit") }
    }
    if basis.isPartial {
      texts.append(
        "? \(basis.unknownLots) of \(basis.lots) lots have a cost that nobody has told; "
          + "they are in no sum")
    }
    let gain: String
    if let unrealised = basis.unrealised {
      gain =
        "\(figures.exactSigned(unrealised)) \(code), \(Figures.change(basis.ratio)) % of the cost"
    } else {
      gain = "? not known: there is no cost, or no price"
    }
    return named("Cost", texts, basis.isPartial ? .valueUnknown : .value)
      + named("Unrealised", [gain])
  }

  private func quantityLines(_ position: Position, _ board: PositionBoard) -> [TextLine] {
    let width = position.shares.map { TextWidth.of(accountName($0.account), limit: 20) }.max() ?? 0
    var texts = ["\(figures.exact(position.quantity.fixed)) in all accounts"]
    for share in position.shares.prefix(12) {
      let name = Padded.left(Sanitiser.line(accountName(share.account), columns: 20), width)
      let staked =
        share.staked.isZero ? "" : ", of it staked \(figures.exact(share.staked.fixed))"
      let old = extras.oldAccounts[share.account.slug].map { old in
        let age = old.readAt.map { Times.age(of: Instant(microseconds: $0), at: now) + " ago" }
        return ", ~ read \(age ?? "never"): its source does not answer"
      }
      let word = share.isReported ? ", by its venue's word: its history is being read" : ""
      texts.append("\(name)  \(figures.exact(share.quantity.fixed))\(staked)\(old ?? "")\(word)")
    }
    if position.shares.count > 12 { texts.append("and \(position.shares.count - 12) more") }
    return named("Quantity", texts)
  }

  private func priceLines(_ position: Position, _ board: PositionBoard) -> [TextLine] {
    guard let price = position.price else {
      let reason = position.absence.map { [$0.sentence] } ?? []
      return named(
        "Price", ["? none; say one with :price ASSET PRICE CURRENCY"] + reason, .valueUnknown)
    }
    let isItself = price.freshUntil.microseconds == .max
    var texts = ["\(Decimals.exact(price.price.fixed)) \(board.currency.code)"]
    let range = (Decimals.exact(price.low.fixed), Decimals.exact(price.high.fixed))
    switch price.confidence {
    case .agreed: texts.append("sources agree, from \(range.0) to \(range.1)")
    case .single: texts.append("one source, nobody beside it")
    case .stated: texts.append("no running feed says anything")
    case .disputed: texts.append("± disputed: from \(range.0) to \(range.1)")
    case .stale:
      texts.append("~ nothing newer is known")
      if let absence = position.absence { texts.append(absence.sentence) }
      if range.0 != range.1 { texts.append("by now from \(range.0) to \(range.1)") }
    }
    texts += price.source.split(separator: ",").prefix(8).map { "source \($0)" }
    if isItself {
      texts.append("the currency in itself, always fresh")
    } else {
      texts.append("of \(price.time), \(Times.age(of: price.time, at: now)) ago")
      let word = state(of: position) == .stale ? "~ stale since" : "fresh until"
      texts.append("\(word) \(price.freshUntil)")
    }
    return named("Price", texts)
  }

  private func dayLines(_ row: PositionRow, _ board: PositionBoard) -> [TextLine] {
    guard let open = row.position.dayOpenValue, let value = row.position.value else {
      return named("24 hours", ["? no source says what it cost then, and no hour of then is kept"])
    }
    let isItself = row.position.price?.freshUntil.microseconds == .max
    let basis: [String] =
      switch row.position.dayBasis {
      case .hours?: ["by the hours kept of its price: no source says what it cost then"]
      case .sources?: [isItself ? "the currency in itself" : "as the sources of its price say"]
      case nil: []
      }
    let gain = (try? value.subtracting(open)).map { figures.exactSigned($0) } ?? Figures.unknown
    return named(
      "24 hours",
      [
        "\(gain) \(board.currency.code), \(Figures.change(row.dayRatio)) %",
        "same quantity then \(figures.exact(open)) \(board.currency.code)",
      ] + basis)
  }

  /// Where the NAV comes from.
  var totalExplanation: [TextLine] {
    guard let board else { return [TextLine("Nothing is known yet.", Style(.textDim))] }
    let totals = board.totals
    let code = board.currency.code
    let known = totals.positions - totals.unpriced
    var lines = named(
      "NAV",
      [
        "\(figures.exact(totals.value)) \(code)",
        "= exact sum of the values of \(known) of \(totals.positions) positions",
      ])
    if totals.stale > 0 {
      let share = Figures.weight(Figures.ratio(totals.staleValue, of: totals.value))
      lines += named(
        "~ stale",
        ["\(figures.exact(totals.staleValue)) \(code), \(share) %, by \(totals.stale) old prices"])
    }
    if totals.disputed > 0 {
      lines += named(
        "± disputed", ["\(totals.disputed) prices that sources contradict each other about"])
    }
    if totals.low != totals.high {
      lines += named(
        "Range", ["\(figures.exact(totals.low)) to \(figures.exact(totals.high)) \(code)"])
    }
    if totals.breaks > 0 {
      lines += named(
        "! breaks",
        [
          "\(totals.breaks) differences to what venues report, worth "
            + "\(figures.exact(totals.breakValue)) \(code)"
        ])
    }
    if totals.folded > 0 {
      lines += named(
        "Folded", ["\(totals.folded) suspect or ignored positions, worth nothing here"])
    }
    if totals.unpriced > 0 {
      lines += named("? unpriced", ["\(totals.unpriced) positions are in no sum and no weight"])
    }
    if !totals.unread.isEmpty {
      lines += named("? unread", ["\(unreadNames(totals)): never read to the end, not whole here"])
    }
    if totals.overflowed {
      lines += named("! overflow", ["a value is beyond exact numbers and is left out"])
    }
    let gain = (try? totals.dayValue.subtracting(totals.dayOpenValue))
      .map { figures.exactSigned($0) }
    lines += named(
      "24 hours",
      ["\(gain ?? Figures.unknown) \(code), \(Figures.change(dayRatio)) %", dayCoverage(totals)])
    return lines + named("As of", [board.time.description])
  }

  /// The change of the portfolio over 24 hours; `nil` where no position has one.
  var dayRatio: Double? {
    guard let totals = board?.totals, totals.dayOpenValue > .zero else { return nil }
    return (totals.dayValue.approximate - totals.dayOpenValue.approximate)
      / totals.dayOpenValue.approximate
  }

  private func dayCoverage(_ totals: Totals) -> String {
    guard totals.dayValue != totals.value else { return "over every position with a value" }
    let share = Figures.weight(Figures.ratio(totals.dayValue, of: totals.value))
    return "* over \(share) % of the NAV: the rest has no price of 24 hours ago"
  }

  /// What an account is called.
  func accountName(_ id: AccountID) -> String {
    (board?.account(id)?.name ?? id.slug).shortened(to: 128)
  }
}

extension String {
  /// At most so many code points: a text from outside may be one endless character.
  func shortened(to limit: Int) -> String {
    utf8.count <= limit ? self : String(unicodeScalars.prefix(limit))
  }
}

extension Counter {
  /// Where the other half of a leg is, in words.
  func phrase(of leg: Leg) -> String {
    let place: String
    switch self {
    case .outside: place = "outside"
    case .conversion: place = "conversion"
    case .fees: place = "fees"
    case .income: place = "income"
    case .expense: place = "expense"
    case .transit: place = "transit"
    case .staked: place = "staked"
    case .margin: place = "margin"
    case .loan: place = "loan"
    case .equity: place = "equity"
    }
    return leg.quantity.isNegative ? "to \(place)" : "from \(place)"
  }
}
