internal import Canvas
internal import Ledger
internal import Wire

extension KeyForm {
  /// What the keys do now.
  var hints: [(commands: [String], word: String)] {
    switch step {
    case .learning: [(["cancel"], "cancel")]
    case .typing:
      [
        (["accept"], current == fields.count - 1 ? "try and store" : "next"),
        (["history-previous"], "back"), (["delete-line"], "empty"),
        (["cancel"], "cancel and forget"),
      ]
    case .trying: [(["cancel"], "leave it to the engine")]
    case .refused: [(["accept"], "type it again"), (["cancel"], "close")]
    }
  }
}

extension ClientModel {
  /// The form for a key, over the screen.
  func drawKeyForm(_ frame: inout Frame, _ body: Rect) {
    guard let form = keyForm else { return }
    let isFull = layout.kind == .full
    let width = isFull ? min(body.width - 4, 76) : body.width
    let lines = isFull ? fullLines(form, width - 4) : shortLines(form, width - 3)
    let place =
      isFull ? body.centred(width: width, height: min(lines.count + 2, body.height)) : body
    frame.fill(place, Style(.popup, on: .popup))
    let inside = frame.pane(
      place, title: form.title, footer: isFull ? "secrets are never shown" : "", isFocused: true,
      surface: .popup)
    let field = lines.firstIndex { $0.command != nil }
    let first = max(0, min(field ?? 0, lines.count - inside.height))
    for (row, line) in lines.dropFirst(first).prefix(inside.height).enumerated() {
      let pieces = line.pieces.map { (text: $0.text, style: $0.style.on(.popup)) }
      frame.put(pieces, at: Point(x: inside.x + 1, y: inside.y + row), width: inside.width - 2)
    }
    if let field, form.step == .typing {
      let column = TextWidth.of(Sanitiser.line(lines[field].plain), limit: inside.width)
      frame.placeCursor(
        at: Point(
          x: min(inside.right - 1, inside.x + 1 + column), y: inside.y + field - first))
    }
  }

  private func fullLines(_ form: KeyForm, _ width: Int) -> [TextLine] {
    func wrapped(_ text: String, _ role: Role) -> [TextLine] {
      text.isEmpty
        ? [] : Wrapped.lines(text, columns: max(10, width)).map { TextLine($0, Style(role)) }
    }
    switch form.step {
    case .learning: return [TextLine("Asking what its key consists of.", Style(.message))]
    case .trying:
      return wrapped(
        "The key is tried at \(form.venue). It is stored only when it works.", .message)
    case .refused:
      return wrapped(form.fault, .messageError) + wrapped(form.advice, .text)
        + [TextLine(""), TextLine("What was typed is forgotten.", Style(.textDim))]
    case .typing:
      let advice = "Make a key that may only read. It is tried, then sealed in the vault."
      return wrapped(advice, .textDim) + [TextLine("")]
        + form.fields.indices.map { fieldLine(form, $0, width) } + [TextLine("")]
        + (form.fault.isEmpty ? [TextLine("")] : wrapped(form.fault, .messageError))
    }
  }

  private func fieldLine(_ form: KeyForm, _ index: Int, _ width: Int) -> TextLine {
    let field = form.fields[index]
    let isCurrent = index == form.current
    let sign = isCurrent ? "> " : "  "
    let label = Sanitiser.line(field.label, columns: 22) + (field.isOptional ? " (or none)" : "")
    let head = sign + Padded.left(label, min(34, max(12, width / 3))) + " "
    let shown = form.shown(index, columns: width - TextWidth.of(head, limit: 200) - 1)
    return TextLine(
      [
        (head, Style(isCurrent ? .textStrong : .textDim)),
        (shown, Style(isCurrent ? .promptInput : .text)),
      ], command: isCurrent ? Invocation("accept") : nil)
  }

  /// One part at a time where there is little room.
  private func shortLines(_ form: KeyForm, _ width: Int) -> [TextLine] {
    guard form.step == .typing, form.fields.indices.contains(form.current) else {
      return fullLines(form, width)
    }
    let label = form.fields[form.current].label
    let field = TextLine(
      [
        ("> ", Style(.prompt)), (form.shown(form.current, columns: width - 2), Style(.promptInput)),
      ],
      command: Invocation("accept"))
    return [TextLine("\(label):"), field, TextLine(form.fault, Style(.messageError))]
  }
}
