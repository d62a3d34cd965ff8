extension Keymap {
  /// The keymap without any file: enough to move, look, ask for help and leave.
  public static let builtIn = Keymap(
    name: "built-in",
    bindings: bindings(builtInKeys, in: everywhere) + bindings(promptKeys, in: "prompt"))

  private static func bindings(_ table: [(String, String)], in context: String) -> [Binding] {
    table.compactMap { keys, command in
      guard let keys = try? Key.sequence(keys), let call = Invocation(line: command) else {
        return nil
      }
      return Binding(context: context, keys: keys, command: call, origin: "built in")
    }
  }

  static let builtInKeys = [
    ("1", "screen 1"), ("2", "screen 2"), ("3", "screen 3"), ("4", "screen 4"), ("5", "screen 5"),
    ("6", "screen 6"), ("7", "screen 7"), ("8", "screen 8"), ("9", "screen 9"),
    ("0", "screen ledger"), ("-", "last-screen"), ("<Tab>", "next-pane"),
    ("<S-Tab>", "previous-pane"), ("j", "row-down"), ("k", "row-up"), ("<Down>", "row-down"),
    ("<Up>", "row-up"), ("<PgDn>", "page-down"), ("<PgUp>", "page-up"), ("gg", "first"),
    ("G", "last"), ("<Home>", "first"), ("<End>", "last"), ("<CR>", "open"), ("<Esc>", "back"),
    ("<BS>", "back"), ("/", "filter"), ("\\", "clear-filter"), ("s", "sort"), ("zp", "privacy"),
    ("T", "theme"), ("<C-l>", "redraw"), (":", "command-line"), ("?", "help"), ("<F1>", "help"),
    ("<C-z>", "suspend"), ("q", "quit"), ("<C-c>", "quit-now"),
  ]

  static let promptKeys = [
    ("<CR>", "accept"), ("<Esc>", "cancel"), ("<C-c>", "cancel"), ("<Tab>", "complete"),
    ("<Left>", "cursor-left"), ("<Right>", "cursor-right"), ("<Home>", "cursor-start"),
    ("<End>", "cursor-end"), ("<Up>", "history-previous"), ("<Down>", "history-next"),
    ("<BS>", "delete-before"), ("<C-h>", "delete-before"), ("<Del>", "delete-after"),
    ("<C-w>", "delete-word"), ("<C-u>", "delete-line"),
  ]
}
