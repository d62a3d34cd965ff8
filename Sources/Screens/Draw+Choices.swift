internal import Canvas

extension ClientModel {
  /// Where a list to choose from stands.
  func choicesPlace(_ open: Prompt) -> Rect {
    let body = layout.body
    guard layout.kind == .full else { return body }
    if case .menu(let menu) = open.use {
      return body.centred(
        width: min(body.width - 4, menu == .layout || menu.command != nil ? 60 : 40),
        height: min(body.height, max(1, open.choices?.total ?? 0) + 2))
    }
    return body.centred(width: min(body.width - 4, 88), height: min(body.height, 18))
  }

  /// How many choices show at once.
  func choicesHeight(_ open: Prompt) -> Int {
    max(1, Layout.inside(choicesPlace(open)).height)
  }

  /// The list to choose from, over the screen.
  func drawChoices(_ frame: inout Frame, _ open: Prompt) {
    guard let choices = open.choices else { return }
    let place = choicesPlace(open)
    frame.fill(place, Style(.popup, on: .popup))
    if case .menu(let menu) = open.use { return drawMenu(&frame, menu, choices, place) }
    let number = choices.count == 0 ? 0 : choices.cursor.index + 1
    let inside = frame.pane(
      place, title: "Find", footer: "\(number) of \(choices.count)   Esc closes", isFocused: true,
      surface: .popup)
    if choices.count == 0 {
      let point = Point(x: inside.x + 2, y: inside.y)
      frame.put("nothing fits", at: point, Style(.textDim, on: .popup), width: inside.width - 2)
    }
    let pattern = FuzzyPattern(choices.text)
    let window = choices.cursor.window(count: choices.count, height: inside.height)
    for index in window {
      guard let choice = choices[index] else { continue }
      let row = inside.row(index - window.lowerBound)
      frame.put(
        pieces(of: choice, pattern, width: row.width - 3), at: Point(x: row.x + 2, y: row.y),
        width: row.width - 3)
      if index == choices.cursor.index { drawCursor(&frame, row, isFocused: true) }
    }
  }

  private func drawMenu(_ frame: inout Frame, _ menu: Menu, _ choices: Choices, _ place: Rect) {
    let inside = frame.pane(place, title: menu.title, isFocused: true, surface: .popup)
    let window = choices.cursor.window(count: choices.count, height: inside.height)
    if choices.count == 0 {
      let point = Point(x: inside.x + 2, y: inside.y)
      frame.put("none yet", at: point, Style(.textDim, on: .popup), width: inside.width - 2)
    }
    for index in window {
      guard let choice = choices[index] else { continue }
      let row = inside.row(index - window.lowerBound)
      let letter = choice.letter.map { String($0) } ?? " "
      let isOff = choice.isOn == false
      let pieces: [Piece] = [
        (letter + " ", Style(.hintKey, on: .popup)),
        (Padded.left(choice.name, 14), Style(isOff ? .textDim : .text, on: .popup)),
        (choice.note, Style(.textDim, on: .popup)),
      ]
      frame.put(pieces, at: Point(x: row.x + 4, y: row.y), width: row.width - 4)
      if choice.isOn == true {
        frame.put(.check, at: Point(x: row.x + 2, y: row.y), Style(.textStrong, on: .popup))
      }
      if index == choices.cursor.index { drawCursor(&frame, row, isFocused: true) }
    }
  }

  /// The name with the letters that were looked for, the kind, and what stands behind it.
  private func pieces(of choice: Choice, _ pattern: FuzzyPattern, width: Int) -> [Piece] {
    let room = max(8, min(34, max(width - 44, width * 2 / 5)))
    let isOpen = choice.reason.isEmpty
    let name = Sanitiser.line(choice.name, columns: room)
    let places = choice.places(of: pattern)
    var pieces: [Piece] = []
    var scalar = 0
    for character in name {
      let next = scalar + character.unicodeScalars.count
      let isFound = (scalar..<next).contains { places.contains($0) }
      var style = Style(isOpen ? .text : .textDim, on: .popup)
      if isFound { style = Style(.textStrong, on: .popup).with(.underline) }
      if let last = pieces.indices.last, pieces[last].style == style {
        pieces[last].text.append(character)
      } else {
        pieces.append((String(character), style))
      }
      scalar = next
    }
    let blank = String(repeating: " ", count: max(1, room + 1 - TextWidth.of(name)))
    let dim = Style(.textDim, on: .popup)
    let note = isOpen ? choice.note : "not now: \(choice.reason)"
    return pieces + [
      (blank, Style(.text, on: .popup)),
      (Padded.left(choice.kind, 8), Style(.hintKey, on: .popup)), (note, dim),
    ]
  }
}
