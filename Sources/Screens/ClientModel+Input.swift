internal import Canvas
internal import Ledger
internal import Wire

extension ClientModel {
  /// How often the engine is told at most that somebody is there, in seconds.
  private static let mostOften: Int64 = 20

  /// Tells the engine that somebody is there, where the vault locks itself else.
  mutating func tellActive() {
    guard let status, status.isUnlocked, status.idleLockSeconds > 0, isConnected else { return }
    let pause = min(ClientModel.mostOften, Int64(status.idleLockSeconds) / 4)
    if let told = toldActive, now >= told, now < told.advanced(bySeconds: pause) { return }
    toldActive = now
    perform(.send(.active))
  }

  mutating func take(_ input: InputEvent) {
    switch input {
    case .key, .paste, .mouse: tellActive()
    case .focus, .endOfInput: break
    }
    switch input {
    case .key(let key): press(key)
    case .paste(let text, let isCut): paste(text, isCut: isCut)
    case .mouse(let mouse): wheel(mouse)
    case .focus: break
    case .endOfInput: perform(.quit(129))
    }
  }

  /// The context that keys are looked up in.
  var context: String {
    if prompt != nil || keyForm != nil || isLocked { return "prompt" }
    guard let open = overlays.last else { return screen.rawValue }
    if case .help = open.overlay { return "help" }
    return "popup"
  }

  /// Does what a key means here, whether a hand has pressed it or a macro.
  mutating func press(_ key: Key) {
    lastKey = now
    shownMessage = nil
    noteKey(key)
    draw()
    // What is typed at the passphrase may be a command elsewhere, and must not be shown as one.
    let isFirst = reader.keys.isEmpty
    switch reader.press(key, in: context, of: keymap) {
    case .command(let call, let count):
      pendingSince = nil
      if isLocked {
        runWhileLocked(call)
      } else if keyForm != nil {
        runInKeyForm(call)
      } else {
        run(call, count: count, isSingleKey: isFirst)
      }
    case .pending: pendingSince = pendingSince ?? now
    case .dropped: pendingSince = nil
    case .unbound(let keys):
      pendingSince = nil
      typed(keys)
    }
  }

  /// Keys that call nothing: text in a prompt, elsewhere nothing but a word about it.
  private mutating func typed(_ keys: [Key]) {
    let text = String(String.UnicodeScalarView(keys.compactMap(\.typed)))
    if isLocked {
      if text.isEmpty, keys.count == 1 { runGlobally(keys) } else { typePassphrase(text) }
    } else if keyForm != nil {
      if text.isEmpty, keys.count == 1 { runGlobally(keys) } else { typeIntoKeyForm(text) }
    } else if prompt != nil {
      if text.isEmpty, keys.count == 1 { runGlobally(keys) } else { type(text) }
    } else {
      let name = Sanitiser.line(Key.text(of: keys), columns: 20)
      let help = hint("help").map { "; \($0) shows what is" } ?? ""
      shownMessage = Message(time: now, kind: .info, text: "\(name) is not bound here\(help)")
    }
  }

  /// What must work in every prompt too, where it types no letter.
  private mutating func runGlobally(_ keys: [Key]) {
    guard case .matched(let binding) = keymap.lookup(keys, in: Keymap.everywhere),
      ["suspend", "redraw", "quit-now"].contains(binding.command.name)
    else { return }
    run(binding.command, count: nil, isSingleKey: true)
  }

  private mutating func paste(_ text: String, isCut: Bool) {
    lastKey = now
    draw()
    dropRecording("pasted text cannot be recorded")
    if isLocked {
      typePassphrase(text)
    } else if keyForm != nil {
      pasteIntoKeyForm(text, isCut: isCut)
    } else if let use = prompt?.use, !use.isQuestion {
      type(text)
      if isCut { say(.warning, "The pasted text was too long and is cut.") }
    } else {
      say(.info, "Pasted text is ignored here.")
    }
  }

  private mutating func wheel(_ mouse: InputEvent.Mouse) {
    guard !isLocked, prompt == nil, keyForm == nil, mouse.isPressed else { return }
    switch mouse.button {
    case 0: goToScreen(at: mouse.place)
    case 64: move(by: -3)
    case 65: move(by: 3)
    default: return
    }
    lastKey = now
    draw()
  }

  /// The key of a command here, as people write it.
  func hint(_ command: String) -> String? {
    keymap.hint(for: command, in: context).map { KeyText.short($0, glyphs: glyphs) }
  }
}

// MARK: - The passphrase

extension ClientModel {
  private mutating func typePassphrase(_ text: String) {
    guard !unlock.isTrying else { return }
    unlock.fault = ""
    unlock.type(text)
  }

  private mutating func runWhileLocked(_ call: Invocation) {
    switch call.name {
    case "accept": sendPassphrase()
    case "cancel": unlock.bytes.isEmpty ? leave(isSingleKey: true) : unlock.wipe()
    case "delete-before": unlock.deleteLast()
    case "delete-line", "delete-word": unlock.wipe()
    default: return
    }
  }

  private mutating func sendPassphrase() {
    guard !unlock.isTrying, !unlock.bytes.isEmpty else { return }
    if let obstacle = talkObstacle(changes: true) {
      unlock.wipe()
      unlock.fault = "unlock: \(obstacle.text)"
      return
    }
    unlock.fault = ""
    unlock.isTrying = true
    request(
      Request("unlock", [:], secrets: [unlock.surrender()]), PendingRequest(use: .unlock))
  }
}

extension Prompt.Use {
  /// Whether only yes or no is wanted.
  var isQuestion: Bool {
    if case .confirm = self { return true }
    return false
  }
}

/// Key notation as hint lines show it.
enum KeyText {
  private static let words = [
    "CR": "⏎", "Space": "space", "lt": "<", "gt": ">", "Esc": "Esc", "BS": "BS", "Bslash": "\\",
  ]

  /// `<C-x>b` as `C-x b`, `<CR>` as the sign for Enter.
  static func short(_ notation: String, glyphs: GlyphSet) -> String {
    guard let keys = try? Key.sequence(notation) else { return notation }
    let parts = keys.map { key -> String in
      let text = key.description
      guard text.count > 1, text.hasPrefix("<") else { return text }
      let name = String(text.dropFirst().dropLast())
      if name == "CR", glyphs == .ascii { return "Enter" }
      return words[name] ?? name
    }
    let isSpaced = parts.contains { $0.count > 1 }
    return parts.joined(separator: isSpaced ? " " : "")
  }
}
