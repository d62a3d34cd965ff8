internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

extension ClientModel {
  /// Opens what an account has of a position: its entries first.
  mutating func openPart() {
    guard let place = drill, let position = board?.row(of: place.asset)?.position,
      position.shares.indices.contains(place.cursor.index)
    else { return }
    drill?.narrow(to: position.shares[place.cursor.index].account)
    drill?.go(to: .entries)
  }

  /// Shows a position by its accounts, lots or entries, from wherever one is on the screen.
  mutating func look(at view: DrillView) {
    if drill == nil {
      guard let board, let row = list.selected(on: board) else { return }
      drill = DrillDown(asset: row.position.asset)
    }
    if view == .accounts { drill?.narrow(to: nil) }
    drill?.go(to: view)
    draw()
  }

  /// Asks the engine for the lots that the screen needs.
  mutating func askForLots() {
    guard shows(.positions), drill?.view == .lots else { return }
    var next = nextRequest
    let rows = height(of: .lots)
    let questions =
      drill?.lots?.questions(height: rows) {
        defer { next += 1 }
        return next
      } ?? []
    nextRequest = next
    for question in questions {
      requests[question.id] = PendingRequest(use: .lots)
      perform(.send(.request(id: question.id, question.request)))
    }
  }

  /// Shows the entry that made a lot.
  mutating func openLot() {
    guard let lot = drill?.lots?.selected else { return }
    guard let entry = lot.entry else {
      return say(.info, "It is a pool at an average cost: no single entry made it.")
    }
    show(sheet: EntrySheet(entry))
  }

  /// Shows an entry, and asks for what it was read from.
  mutating func show(entry: Entry) { show(sheet: EntrySheet(entry)) }

  private mutating func show(sheet: EntrySheet) {
    var sheet = sheet
    if !isConnected { sheet.problem = "not connected to the engine" }
    show(.entry(sheet))
    guard isConnected else { return }
    request(
      Request("entry", ["id": sheet.id.description]), PendingRequest(use: .entry(sheet.id)))
  }

  /// Takes what an entry was read from.
  mutating func take(record: Report, of entry: EntryID) {
    changeSheets(of: entry) { $0.take(record) }
  }

  /// Takes note that nobody says what an entry was read from.
  mutating func missed(recordOf entry: EntryID, _ reason: String) {
    changeSheets(of: entry) { $0.problem = reason }
  }

  private mutating func changeSheets(of entry: EntryID, _ change: (inout EntrySheet) -> Void) {
    for index in overlays.indices {
      guard case .entry(var sheet) = overlays[index].overlay, sheet.id == entry else { continue }
      change(&sheet)
      let open = overlays[index]
      overlays[index] = OpenOverlay(
        overlay: .entry(sheet), cursor: open.cursor, search: open.search)
    }
    draw()
  }

  /// A lot as it is copied.
  func copied(_ lot: LotLine) -> String {
    let amounts = [lot.quantity, lot.cost, lot.gain].map {
      $0.map { figures.exact($0) } ?? Figures.unknown
    }
    return ([lot.acquired] + amounts + [lot.term, lot.account, lot.lot])
      .map { Sanitiser.line($0) }.joined(separator: "\t")
  }
}

/// An entry that is looked at: what is known of it so far.
struct EntrySheet: Sendable {
  let id: EntryID
  private(set) var entry: Entry?
  /// The row or rows it was read from, as they were written; `nil` before the engine has said.
  private(set) var raw: String?
  /// The file, or what the venue was asked.
  private(set) var source = ""
  /// SHA-256 of the whole file or answer.
  private(set) var hash = ""
  /// Since when it is known.
  private(set) var known = ""
  /// Why it is not known what it was read from.
  var problem = ""

  init(_ entry: Entry) {
    id = entry.id
    self.entry = entry
  }

  /// Only its name is known.
  init(_ id: EntryID) { self.id = id }

  /// Takes what the engine says of it.
  mutating func take(_ report: Report) {
    raw = report["raw"].plain
    source = report["source"].plain
    hash = report["source_sha256"].plain
    known = report["source_known"].plain
    if entry == nil { entry = Entry(id, report) }
    if entry == nil { problem = "the entry could not be read" }
  }
}

extension Entry {
  /// Reads an entry out of the engine's report on it; `nil` where the report is not whole.
  fileprivate init?(_ id: EntryID, _ report: Report) {
    guard let time = Instant(report["time"].plain),
      let kind = EntryKind(rawValue: report["kind"].plain), !report.rows.isEmpty,
      report.rows.count <= Entry.mostLegs
    else { return nil }
    var legs: [Leg] = []
    for row in report.rows.indices {
      let word = report.text(row, "counter")
      guard let asset = AssetID(report.text(row, "asset")),
        case .amount(let quantity) = report.cell(row, "quantity"),
        let counter = Counter.allCases.first(where: { "\($0)" == word })
      else { return nil }
      legs.append(
        Leg(
          account: AccountID(named: report.text(row, "account")), asset: asset,
          quantity: Quantity(quantity), counter: counter))
    }
    var details = EntryDetails()
    details.reference = report["reference"].plain
    details.transactionHash = report["transaction"].plain
    details.note = report["note"].plain
    if case .amount(let value) = report["value"],
      let currency = Currency(report["value_currency"].plain)
    {
      details.value = Money(value, currency)
    }
    var origin = EntryOrigin(importNumber: 0, line: 0)
    if case .integer(let number) = report["import"], case .integer(let line) = report["line"] {
      origin = EntryOrigin(importNumber: number, line: Int(clamping: line))
    }
    self.init(id: id, time: time, kind: kind, legs: legs, details: details, origin: origin)
  }
}
