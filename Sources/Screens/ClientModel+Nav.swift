internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// Between what and what the NAV may lie, by all that is known to be doubtful.
struct NavRange: Equatable, Sendable {
  let low: Fixed
  let high: Fixed
  /// How far the ends are from the value, as shares of it; `nil` where it is not above zero.
  let below: Double?
  let above: Double?

  /// `nil` where the sums do not say: beyond exact numbers, or nothing is priced.
  init?(_ totals: Totals) {
    guard !totals.overflowed, totals.low <= totals.value, totals.value <= totals.high,
      totals.positions == 0 || totals.unpriced < totals.positions
    else { return nil }
    low = totals.low
    high = totals.high
    func share(_ end: Fixed) -> Double? {
      guard totals.value > .zero else { return nil }
      return (end.approximate - totals.value.approximate) / totals.value.approximate
    }
    below = share(low)
    above = share(high)
  }

  var isPoint: Bool { low == high }
}

extension ClientModel {
  private static let navNames = 9
  /// How many rows of figures the pane of the NAV has.
  static let navRows = 5

  /// What the whole is worth, how sure that is, and how it changed.
  func navTable(_ width: Int) -> BriefTable {
    var table = BriefTable(title: "NAV")
    guard let board else {
      table.note = "Waiting for the engine."
      return table
    }
    let room = max(8, width - ClientModel.navNames - 1)
    table.title = "NAV \(board.currency.code)"
    table.columns = [
      TableColumn(title: "", width: ClientModel.navNames),
      TableColumn(title: board.currency.code, width: room, alignment: .right),
    ]
    let totals = board.totals
    var rows = [("value", valueCell(totals, room)), ("range", rangeCell(totals, room))]
    rows.append(("24 hours", dayCell(room)))
    rows.append(("today", todayCell(ofDay: boards[Board.performance + "day"])))
    rows.append(("doubts", doubtCell(totals, room)))
    table.rows = rows.map { [TableCell(text: $0.0, role: .textDim), $0.1] }
    return table
  }

  private func valueCell(_ totals: Totals, _ room: Int) -> TableCell {
    let text = sumText(totals, figures.whole(totals.value, columns: room - 1))
    return TableCell(text: text, role: text == Figures.unknown ? .valueUnknown : .textStrong)
  }

  private func rangeCell(_ totals: Totals, _ room: Int) -> TableCell {
    guard let range = NavRange(totals) else {
      return TableCell(text: Figures.unknown, role: .valueUnknown)
    }
    let missing = totals.unpriced + totals.unread.count
    let more = missing > 0 ? " ?\(missing)" : ""
    if range.isPoint {
      return TableCell(
        text: "no doubt in a price" + more, role: missing > 0 ? .valueUnknown : .text)
    }
    var forms: [String] = []
    if let below = range.below, let above = range.above {
      let digits = max(abs(below), above) < 0.001 ? 3 : 1
      let percents =
        "-\(Decimals.percent(abs(below), digits: digits))"
        + " +\(Decimals.percent(above, digits: digits))%"
      if !isPrivate {
        let whole = "\(figures.whole(range.low)) to \(figures.whole(range.high))"
        forms += ["\(whole) \(percents)\(more)", whole + more]
        let ends = [figures.compact(range.low), figures.compact(range.high)]
        // Ends that look alike say nothing.
        if ends[0] != ends[1] { forms.append("\(ends[0]) to \(ends[1])\(more)") }
      }
      // What is missing stands among the doubts, too.
      forms += [percents + more, percents]
    } else {
      forms.append("\(figures.compact(range.low)) to \(figures.compact(range.high))\(more)")
    }
    let text = forms.first { TextWidth.of($0) < room } ?? forms.last ?? Figures.unknown
    // Signs of their own say as much.
    return TableCell(text: (text.hasPrefix("-") ? "" : "±") + text, role: .valueFlagged)
  }

  /// How prices moved what is held now.
  private func dayCell(_ room: Int) -> TableCell {
    guard let totals = board?.totals, let ratio = dayRatio else {
      return TableCell(text: Figures.unknown, role: .valueUnknown)
    }
    let mark = totals.dayValue == totals.value ? "" : "*"
    let gain = try? totals.dayValue.subtracting(totals.dayOpenValue)
    let money = gain.map { figures.signedCompact($0) } ?? Figures.unknown
    let percent = "\(Figures.change(ratio))%\(mark)"
    let whole = "\(money) \(percent)"
    let text = TextWidth.of(whole) <= room ? whole : percent
    return TableCell(text: text, role: Figures.direction(ratio).role)
  }

  /// What was earned since midnight, with all that came in, went out and was paid.
  private func todayCell(ofDay report: Report?) -> TableCell {
    guard let report, report.word("state") == "ready" else {
      return TableCell(text: waitingWord(report), role: .textDim)
    }
    guard let gain = report.amount("gain") else {
      return TableCell(text: Figures.unknown, role: .valueUnknown)
    }
    let isWhole = report.count("days_with_unpriced_holdings") == 0
    let cell = gainCell(gain)
    return TableCell(text: cell.text + (isWhole ? "" : "*"), role: cell.role)
  }

  /// Why there is no figure of gains yet, in a word or two.
  func waitingWord(_ report: Report?) -> String {
    switch report?.word("state") {
    case "computing": "being computed \(report?.count("done_percent") ?? 0) %"
    case "failed": Figures.unknown + " cannot be computed"
    default: "being computed"
    }
  }

  /// What widens the range, and what is in no sum.
  private func doubtCell(_ totals: Totals, _ room: Int) -> TableCell {
    var words: [String] = []
    var signs: [String] = []
    for (count, word) in [
      (totals.unpriced, "? without price"), (totals.unread.count, "? unread"),
      (totals.disputed, "± disputed"), (totals.stale, "~ stale"), (totals.breaks, "! breaks"),
    ] where count > 0 {
      let parts = word.split(separator: " ", maxSplits: 1)
      words.append("\(parts[0])\(count) \(parts[1])")
      signs.append("\(parts[0])\(count)")
    }
    if totals.overflowed {
      words.insert("! beyond exact numbers", at: 0)
      signs.insert("!", at: 0)
    }
    if words.isEmpty { return TableCell(text: "none", role: .textDim) }
    let text = words.joined(separator: " ")
    return TableCell(
      text: TextWidth.of(text) <= room ? text : signs.joined(separator: " "), role: .valueUnknown)
  }

  /// Where the curve of the NAV is drawn; `nil` where there is no room.
  func navCurve(in inside: Rect) -> Rect? {
    let rows = ClientModel.navRows
    guard inside.height >= rows + 7, inside.width >= 24 else { return nil }
    return inside.cutTop(rows + 1).rest
  }

  /// The curve of the last thirty days.
  var navLine: Curve {
    let board = boards[Board.performance + ProfitPeriod.month.rawValue] ?? Report()
    let last = max(0, board.rows.count - 1)
    return Curve(
      values: board.rows.indices.map { board.amount($0, "value")?.approximate },
      start: board.text(0, "day"), end: board.text(last, "day"),
      note: board.word("state") == "ready"
        ? "A chart needs two days." : "The curve is \(waitingWord(board)).",
      isRevealing: true)
  }
}
