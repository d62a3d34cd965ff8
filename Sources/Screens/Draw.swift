internal import Amounts
public import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

extension ClientModel {
  /// Draws what there is to see.
  ///
  /// - Returns: A frame of the terminal's size; blank where not one word fits.
  public func frame() -> Frame { drawn(isTold: false) }

  /// What the screen says, one fact a line, in the order of a large screen.
  ///
  /// - Returns: Lines without pictures; in plain ASCII where that is all that may be used.
  public func spoken() -> [String] {
    var told = self
    told.size = ClientModel.spokenSize
    told.isTold = true
    // Pictures are known by their characters.
    told.glyphs = .unicode
    told.settleCursors()
    let lines = told.drawn(isTold: true).transcript?.lines ?? []
    return lines.map { glyphs == .ascii ? Sanitiser.ascii($0) : $0 }
  }

  /// Room for all columns, and for as many rows as a frame may have.
  private static let spokenSize = Size(width: 160, height: Size.limit)

  private func drawn(isTold: Bool) -> Frame {
    var frame = Frame(size: size, glyphs: glyphs, isTold: isTold)
    let layout = layout
    switch layout.kind {
    case .nothing: return frame
    case .tooSmall: drawTooSmall(&frame)
    case .single, .full:
      frame.tell(isTold ? headerFacts : [], at: layout.header.origin)
      frame.untold { drawHeader(&$0, layout.header) }
      if isLocked {
        drawUnlock(&frame, layout)
      } else {
        if !isTold || !isConnected { drawTabs(&frame, layout.tabs) }
        drawBody(&frame, layout)
        drawMessageRow(&frame, layout.message)
        if !isTold || prompt != nil { drawHints(&frame, layout.hints) }
        if let prompt { drawChoices(&frame, prompt) }
        if prompt == nil, keyForm == nil { drawWaysOn(&frame, layout.body) }
      }
    }
    return frame
  }

  private func drawTooSmall(_ frame: inout Frame) {
    let text = "too small: \(Layout.least.width)x\(Layout.least.height) needed"
    let lines = Wrapped.lines(text, columns: size.width)
    for (row, line) in lines.prefix(size.height).enumerated() {
      let cut = row == size.height - 1 && lines.count > size.height
      let rest = cut ? lines[row...].joined(separator: " ") : line
      frame.put(rest, at: Point(x: 0, y: row), Style(.messageError))
    }
  }

  private func drawBody(_ frame: inout Frame, _ layout: Layout) {
    if keyForm != nil, layout.kind == .single { return drawKeyForm(&frame, layout.body) }
    defer { if keyForm != nil { drawKeyForm(&frame, layout.body) } }
    if let open = overlays.last, layout.kind == .single {
      return drawPage(&frame, layout.body, open)
    }
    if let page = overlays.last(where: { $0.overlay.isPage }) {
      drawPage(&frame, layout.body, page)
    } else if let past {
      drawPast(&frame, layout.body, past)
    } else {
      for pane in panes {
        frame.clipped(to: pane.place) { draw(pane.screen, on: &$0) }
      }
    }
    if let open = overlays.last, !open.overlay.isPage {
      drawPopup(&frame, overlayPlace(open), open)
    }
  }

  private func draw(_ screen: Screen, on frame: inout Frame) {
    switch screen {
    case .overview: drawOverview(&frame)
    case .positions: drawPositions(&frame)
    case .profit: drawProfit(&frame)
    case .ledger: drawLedger(&frame)
    case .alerts: drawAlerts(&frame)
    case .accounts: drawAccounts(&frame)
    case .risk: drawRisk(&frame)
    case .heatmap: drawHeatmap(&frame)
    case .log: drawLog(&frame)
    }
  }

  // MARK: Overlays

  private func drawPage(_ frame: inout Frame, _ place: Rect, _ open: OpenOverlay) {
    let count = lineCount(of: open)
    let inside = Layout.inside(place)
    let window = open.cursor.window(count: count, height: inside.height)
    let found = open.search.isEmpty ? "" : "  /\(open.search)"
    let range = count == 0 ? "0" : "\(window.lowerBound + 1)-\(window.upperBound)"
    frame.pane(
      place, title: title(of: open.overlay) + found,
      footer: "\(range) of \(Decimals.count(count))   Esc closes", isFocused: true)
    for (row, line) in lines(of: open, in: window).enumerated() {
      let point = Point(x: inside.x + 1, y: inside.y + row)
      frame.put(line.pieces, at: point, width: inside.width - 1)
      if open.overlay.isPage, window.lowerBound + row == open.cursor.index {
        drawCursor(&frame, inside.row(row), isFocused: true)
      }
    }
  }

  private func drawPopup(_ frame: inout Frame, _ place: Rect, _ open: OpenOverlay) {
    let count = lineCount(of: open)
    let inside = Layout.inside(place)
    let window = open.cursor.window(count: count, height: inside.height)
    let isCut = window.count < count
    frame.fill(place, Style(.popup, on: .popup))
    let range = isCut ? "\(window.lowerBound + 1)-\(window.upperBound) of \(count)   " : ""
    frame.pane(
      place, title: title(of: open.overlay), footer: range + "Esc closes", isFocused: true,
      surface: .popup)
    for (row, line) in lines(of: open, in: window).enumerated() {
      let pieces = line.pieces.map { (text: $0.text, style: $0.style.on(.popup)) }
      frame.put(pieces, at: Point(x: inside.x + 1, y: inside.y + row), width: inside.width - 2)
    }
  }

  /// The keys that may follow what was begun.
  private func drawWaysOn(_ frame: inout Frame, _ body: Rect) {
    guard let since = pendingSince, now >= since.advanced(byMilliseconds: Timing.popup),
      case .pending(let ways) = keymap.lookup(reader.keys, in: context), !ways.isEmpty
    else { return }
    let rows = ways.prefix(max(0, body.height - 2)).map { binding in
      (
        KeyText.short(
          Key.text(of: Array(binding.keys.dropFirst(reader.keys.count))), glyphs: glyphs),
        binding.command.line
      )
    }
    let width = min(body.width, 44)
    let place = Rect(
      x: body.right - width, y: body.bottom - rows.count - 2, width: width, height: rows.count + 2)
    frame.fill(place, Style(.popup, on: .popup))
    let begun = KeyText.short(Key.text(of: reader.keys), glyphs: glyphs)
    let inside = frame.pane(place, title: "\(begun) …", surface: .popup)
    for (row, way) in rows.enumerated() {
      frame.put(
        [
          (" " + Padded.left(way.0, 8), Style(.hintKey, on: .popup)),
          (way.1, Style(.text, on: .popup)),
        ], at: Point(x: inside.x, y: inside.y + row), width: inside.width)
    }
  }

  /// Marks the row with the cursor: a sign at its start and another surface.
  func drawCursor(_ frame: inout Frame, _ row: Rect, isFocused: Bool) {
    if isFocused { frame.put(.cursor, at: row.origin, Style(.text)) }
    frame.lay(row, on: isFocused ? .rowCursor : .rowCursorIdle)
  }
}

extension Decimals {
  /// A whole number, grouped by threes.
  static func count(_ number: Int) -> String { exact(.init(whole: Int64(number))) }
}
