extension Theme {
  /// The theme without any file: the terminal's own sixteen colours on its own background.
  public static let builtIn = Theme(
    name: "built-in", title: "Built in", paper: .dark, looks: builtInLooks)

  /// What roles look like without colours, unless a theme says otherwise.
  static let plainLooks: [String: Attributes] = [
    "text.strong": .bold, "text.dim": .dim,
    "header": .reverse, "header.strong": [.reverse, .bold],
    "tab.active": [.reverse, .bold], "tab.alert": .bold,
    "frame.focus": .bold, "frame.title": .bold,
    "column": .bold, "column.sorted": [.bold, .underline],
    "row.cursor": .reverse, "row.cursor.idle": .underline, "row.marked": .bold,
    "row.match": .underline,
    "value.down": .underline, "value.flagged": .bold, "value.flash": .reverse,
    "alert.high": [.reverse, .bold], "alert.warning": .bold,
    "mode": [.reverse, .bold],
    "hint.key": .bold,
    "message.error": [.reverse, .bold], "message.warning": .bold,
    "chip": .reverse,
    "prompt": .bold, "prompt.input": [], "prompt.suggestion": .dim, "prompt.error": .reverse,
    "popup.title": .bold,
    "state.error": [.reverse, .bold], "state.stale": .bold,
    "progress": .reverse, "progress.track": [],
    "heat.+5": [.reverse, .bold], "heat.+4": .reverse, "heat.+3": .bold,
    "heat.-5": [.reverse, .bold, .underline], "heat.-4": [.reverse, .underline],
    "heat.-3": [.bold, .underline], "heat.-2": .underline, "heat.-1": .underline,
  ]

  private static let builtInLooks: [String: Look] = {
    let (cyan, yellow) = (Colour.ansi(14), Colour.ansi(11))
    let (black, white, red) = (Colour.ansi(0), Colour.ansi(15), Colour.ansi(1))
    var looks: [String: Look] = [
      "text": Look(), "text.dim": Look(foreground: .ansi(7)),
      "text.strong": Look(attributes: .bold),
      "header": Look(attributes: .reverse), "header.strong": Look(attributes: [.reverse, .bold]),
      "tab": Look(), "tab.active": Look(attributes: [.reverse, .bold]),
      "tab.alert": Look(foreground: yellow, attributes: .bold),
      "frame": Look(), "frame.focus": Look(foreground: cyan, attributes: .bold),
      "column": Look(attributes: .bold),
      "row.cursor": Look(attributes: .reverse), "row.cursor.idle": Look(attributes: .underline),
      "row.marked": Look(foreground: cyan, attributes: .bold),
      "row.match": Look(attributes: .underline),
      "value": Look(), "value.up": Look(foreground: cyan),
      "value.down": Look(foreground: yellow),
      "value.stale": Look(foreground: .ansi(7)),
      "value.flagged": Look(foreground: yellow, attributes: .bold),
      "value.flash": Look(attributes: .bold),
      "alert": Look(foreground: yellow),
      "alert.high": Look(foreground: white, background: red, attributes: .bold),
      "mode": Look(foreground: black, background: .ansi(3), attributes: .bold),
      "hint": Look(), "hint.key": Look(attributes: .bold),
      "message": Look(), "message.error": Look(foreground: white, background: red),
      "message.warning": Look(foreground: yellow),
      "message.success": Look(foreground: cyan),
      "chip": Look(attributes: .reverse), "prompt": Look(), "popup": Look(),
      "prompt.error": Look(foreground: white, background: red),
      "state": Look(), "state.error": Look(foreground: white, background: red),
      "state.stale": Look(foreground: yellow),
      "chart": Look(foreground: cyan), "chart.down": Look(foreground: yellow),
      "chart.axis": Look(), "progress": Look(attributes: .reverse),
      "progress.track": Look(), "scroll": Look(), "heat": Look(),
    ]
    let steps: [Attributes] = [[.reverse, .bold], .reverse, .bold, [], []]
    for (index, attributes) in steps.enumerated() {
      looks["heat.+\(5 - index)"] = Look(foreground: cyan, attributes: attributes)
      looks["heat.-\(5 - index)"] = Look(foreground: yellow, attributes: attributes)
    }
    return looks
  }()
}
