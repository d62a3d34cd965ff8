internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// What the price of an alert's asset did around the time at which it was raised.
struct AlertEvidence: Equatable, Sendable {
  /// Bars of some length and how far around the alert they are asked for, in seconds.
  struct Reach: Equatable, Sendable {
    let length: String
    let before: Int64
    let after: Int64

    /// The finest first: what is not kept so fine is asked for coarser.
    static let all = [
      Reach(length: "1m", before: 21_600, after: 10_800),
      Reach(length: "1h", before: 432_000, after: 216_000),
      Reach(length: "1d", before: 7_776_000, after: 2_592_000),
    ]
  }

  let alert: Int64
  let asset: String
  let raisedAt: Instant
  /// The place of the reach that was asked for.
  var reach = 0
  var isComing = true
  /// Why there is nothing.
  var problem = ""
  var currency = ""
  var times: [Instant] = []
  var closes: [Double?] = []

  var length: String { Reach.all[min(reach, Reach.all.count - 1)].length }

  /// The question for its bars.
  var question: Request {
    let reach = Reach.all[min(reach, Reach.all.count - 1)]
    return Request(
      "price-history",
      [
        "asset": asset, "length": reach.length,
        "from": raisedAt.advanced(bySeconds: -reach.before).description,
        "to": raisedAt.advanced(bySeconds: reach.after).description,
      ])
  }

  /// Takes bars in.
  ///
  /// - Returns: Whether coarser ones are to be asked for.
  mutating func take(_ report: Report) -> Bool {
    isComing = false
    currency = Sanitiser.line(report.word("currency").shortened(to: 20))
    let bars = report.rows.indices.compactMap { row -> (Instant, Double?)? in
      Instant(report.text(row, "start")).map { ($0, report.amount(row, "close")?.approximate) }
    }
    times = bars.map(\.0)
    closes = bars.map(\.1)
    guard closes.compactMap(\.self).count < 2 else { return false }
    guard reach + 1 < Reach.all.count else {
      problem = "no prices are kept of that time"
      return false
    }
    reach += 1
    isComing = true
    return true
  }

  /// The bar in which the alert was raised.
  var mark: Int? { times.lastIndex { $0 <= raisedAt } }
}

extension ClientModel {
  /// The asset that an alert is about, by identity; empty where it is about none that is held.
  func asset(ofAlert row: Int) -> String { alertBoard.text(row, "asset") }

  /// Asks for the prices around the alert under the cursor, once.
  mutating func askForEvidence() {
    let board = alertBoard
    let row = alertCursor.index
    guard shows(.alerts), isConnected, status?.isUnlocked == true,
      let id = board.integer(row, "id"), let raised = board.integer(row, "raised_at"),
      evidence?.alert != id
    else { return }
    let asset = asset(ofAlert: row)
    guard !asset.isEmpty else {
      evidence = nil
      return
    }
    let new = AlertEvidence(alert: id, asset: asset, raisedAt: Instant(microseconds: raised))
    evidence = new
    request(new.question, PendingRequest(use: .evidence(id)))
  }

  /// Takes the prices around an alert.
  mutating func take(evidence report: Report, of alert: Int64) {
    guard var found = evidence, found.alert == alert else { return }
    let wantsCoarser = found.take(report)
    evidence = found
    if wantsCoarser, isConnected {
      request(found.question, PendingRequest(use: .evidence(alert)))
    }
  }

  /// There are no prices around an alert.
  mutating func missed(evidenceOf alert: Int64, _ reason: String) {
    guard evidence?.alert == alert else { return }
    evidence?.isComing = false
    evidence?.problem = reason
  }

  /// How many rows of the explanation's pane the curve takes, its line of words included; 0 for none.
  func evidenceRows(in inside: Rect) -> Int {
    guard evidence != nil, inside.height >= 12, inside.width >= 30 else { return 0 }
    return min(12, inside.height / 2)
  }

  /// How many lines of the explanation show.
  var whyRows: Int {
    let inside = Layout.inside(alertPanes.why ?? room(of: .alerts).place)
    return max(1, inside.height - evidenceRows(in: inside))
  }

  /// Draws what the price did, with the time of the alert marked.
  func drawEvidence(_ frame: inout Frame, _ place: Rect) {
    guard let evidence, place.height >= 4 else { return }
    let name = Sanitiser.line(AssetID(evidence.asset)?.ticker.shortened(to: 20) ?? "")
    let mark = glyphs.text(.up)
    let words =
      evidence.times.isEmpty
      ? "Price of \(name)"
      : "Price of \(name) in \(evidence.currency), bars of \(evidence.length); "
        + "\(mark) raised \(shortTime(evidence.raisedAt))"
    frame.put(
      words, at: Point(x: place.x + 1, y: place.y), Style(.textDim), width: place.width - 2)
    let note =
      evidence.isComing
      ? "Asking for prices." : evidence.problem.isEmpty ? "No prices." : evidence.problem
    func label(_ time: Instant?) -> String {
      guard let time else { return "" }
      return evidence.length == "1d" ? Times.date(time) : String(Times.stamp(time).dropFirst(5))
    }
    drawCurve(
      &frame, place.cutTop(1).rest,
      Curve(
        values: evidence.closes, start: label(evidence.times.first),
        end: label(evidence.times.last), note: Sanitiser.line(note.shortened(to: 200)),
        marked: evidence.mark))
  }

  /// Goes to the position that the alert is about; false where it is about none.
  mutating func goToPositionOfAlert() -> Bool {
    guard let asset = AssetID(asset(ofAlert: alertCursor.index)) else { return false }
    return goToPosition(asset)
  }
}
