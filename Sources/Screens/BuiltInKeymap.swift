public import Canvas

extension Commands {
  /// The keys that hold when no keymap file can be read: enough for everything, by plain keys.
  public static let builtInKeymap = Keymap(
    name: "built-in",
    bindings: everywhere.map { binding($0, in: Keymap.everywhere) }
      + inPrompts.map { binding($0, in: "prompt") })

  private static func binding(
    _ row: (keys: [Key], command: String), in context: String
  ) -> Keymap.Binding {
    let command = Invocation(line: row.command) ?? Invocation(Keymap.unbound)
    return Keymap.Binding(
      context: context, keys: row.keys, command: command, origin: "built in")
  }

  private static func typed(_ text: String) -> [Key] {
    text.unicodeScalars.map { Key.character($0) }
  }

  private static func control(_ scalar: Unicode.Scalar) -> [Key] {
    [Key(.character(scalar), .control)]
  }

  private static let everywhere: [(keys: [Key], command: String)] = [
    (typed("1"), "screen 1"), (typed("2"), "screen 2"), (typed("3"), "screen 3"),
    (typed("0"), "screen ledger"), (typed("["), "period-shorter"), (typed("]"), "period-longer"),
    (typed("4"), "screen 4"), (typed("gh"), "screen heatmap"),
    (typed("gL"), "screen log"), (typed("zi"), "zoom in"), (typed("zo"), "zoom out"),
    (typed("-"), "last-screen"), ([Key(.tab)], "next-pane"), ([Key(.tab, .shift)], "previous-pane"),
    (control("w") + typed("s"), "split"), (control("w") + typed("v"), "vsplit"),
    (control("w") + typed("w"), "next-split"), (control("w") + typed("W"), "previous-split"),
    (control("w") + typed("c"), "close-pane"), (control("w") + typed("o"), "only"),
    (control("w") + typed(" "), "layout"), (typed("+"), "pane-grow"), (typed("_"), "pane-shrink"),
    (typed("j"), "row-down"), (typed("k"), "row-up"), ([Key(.down)], "row-down"),
    ([Key(.up)], "row-up"), ([Key(.pageDown)], "page-down"), ([Key(.pageUp)], "page-up"),
    (control("d"), "half-page-down"), (control("u"), "half-page-up"), (typed("gg"), "first"),
    (typed("G"), "last"), ([Key(.home)], "first"), ([Key(.end)], "last"),
    ([Key(.right)], "column-next"), ([Key(.left)], "column-previous"), ([Key(.enter)], "open"),
    ([Key(.escape)], "back"), ([Key(.backspace)], "back"), (typed(" "), "mark"),
    (typed("Q"), "record"), (typed("@"), "play"), (typed("u"), "undo"), (control("r"), "redo"),
    (typed("m"), "place"), (typed("'"), "jump"),
    (typed("n"), "match-next"), (typed("N"), "match-previous"), (typed("/"), "filter"),
    (typed("\\"), "clear-filter"), (typed("s"), "sort"),
    (typed("c"), "columns"),
    (typed(">"), "sort-next"), (typed("<"), "sort-previous"), (typed("S"), "sort-reverse"),
    (typed("d"), "explain"), (typed("zp"), "privacy"), (typed("zg"), "glyphs"),
    (typed("T"), "theme"), (typed("p"), "pause"), (typed("r"), "refresh"),
    (control("l"), "redraw"), (typed("yy"), "copy"), (typed(":"), "command-line"),
    (control("p"), "find"), (typed("gp"), "find"),
    (typed("?"), "help"), (control("z"), "suspend"), (typed("q"), "quit"),
    (control("c"), "quit-now"),
  ]

  private static let inPrompts: [(keys: [Key], command: String)] = [
    ([Key(.enter)], "accept"), ([Key(.escape)], "cancel"), (control("c"), "cancel"),
    ([Key(.tab)], "complete"), ([Key(.up)], "history-previous"), ([Key(.down)], "history-next"),
    ([Key(.left)], "cursor-left"), ([Key(.right)], "cursor-right"),
    ([Key(.home)], "cursor-start"), ([Key(.end)], "cursor-end"),
    ([Key(.backspace)], "delete-before"), ([Key(.delete)], "delete-after"),
    (control("w"), "delete-word"), (control("u"), "delete-line"),
  ]
}
