internal import Canvas
internal import Wire

extension ClientModel {
  /// The one thing that shows while the vault is locked.
  func drawUnlock(_ frame: inout Frame, _ layout: Layout) {
    let body = layout.body
    let place = body.centred(width: min(body.width, 64), height: min(body.height, 9))
    let vault = (status?.vault ?? "").shortened(to: 40)
    let inside = frame.pane(
      place, title: vault.isEmpty ? "The vault is locked" : "Vault '\(vault)' is locked",
      isFocused: true)
    let rows = unlockRows(inside.width - 2)
    let first = inside.y + max(0, (inside.height - rows.count) / 2)
    for (number, row) in rows.enumerated() where first + number < inside.bottom {
      frame.put(row.pieces, at: Point(x: inside.x + 1, y: first + number), width: inside.width - 1)
    }
    if let field = rows.firstIndex(where: { $0.command != nil }), !unlock.isTrying {
      let column = min(unlock.count, max(0, inside.width - 4))
      frame.placeCursor(at: Point(x: inside.x + 3 + column, y: first + field))
    }
    if case .lost(let reason) = connection {
      frame.put(
        " Not connected: \(reason.shortened(to: 200))", at: layout.message.origin,
        Style(.messageError), width: layout.message.width)
    } else if let message = shownMessage {
      frame.put(
        " \(message.text)", at: layout.message.origin, Style(message.kind.role),
        width: layout.message.width)
    }
  }

  /// Question, field, what is wrong and what the keys do; fewer where there is little room.
  private func unlockRows(_ width: Int) -> [TextLine] {
    let dots = String(repeating: "•", count: min(unlock.count, max(0, width - 2)))
    let field = TextLine(
      [("> ", Style(.prompt)), (dots, Style(.promptInput))], command: .init("accept"))
    let state: TextLine
    if unlock.isTrying {
      state = TextLine("Unlocking; this takes about a second.", Style(.message))
    } else {
      let reason = Sanitiser.line((status?.lockReason ?? "").shortened(to: 200))
      state =
        unlock.fault.isEmpty && !reason.isEmpty
        ? TextLine("Locked: \(reason).", Style(.message))
        : TextLine(unlock.fault, Style(.messageError))
    }
    guard layout.kind == .full else { return [TextLine("Passphrase:"), field, state] }
    return [
      TextLine("Passphrase or recovery code:"), field, TextLine(""), state,
      TextLine("Enter unlocks   Esc clears   Esc twice leaves", Style(.hint)),
    ]
  }
}
