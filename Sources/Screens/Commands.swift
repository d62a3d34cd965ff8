public import Canvas

/// The one table of everything the client can be told.
///
/// Keys, the `:` line, help and completion are made from it; a name here is a name in keymap files.
public enum Commands {
  /// Every command, in the order of help.
  public static let all: [CommandSpec] = groups.flatMap(\.commands)

  /// The commands under the headings of the manual.
  public static let groups: [(title: String, commands: [CommandSpec])] = [
    ("Screens and what is inside", screens), ("Rows, columns and marks", movement),
    ("Several screens at once", panes), ("Undo, places, macros and matches", grammar),
    ("What is shown, and how", view), ("The program", program), ("The vault", vault),
    ("Accounts and wallets", followed), ("Alerts", alerts), ("While a line is typed", prompt),
  ]

  /// All names.
  public static let names = Set(all.map(\.name))

  /// The contexts that keymaps may name beside `*`.
  public static let contexts: Set<String> = [
    "overview", "positions", "pnl", "risk", "heatmap", "alerts", "ledger", "accounts", "log",
    "help",
    "popup", "prompt",
  ]

  /// Other words for commands on the `:` line.
  public static let aliases: [String: String] = [
    "q": "quit-now", "qa": "quit-now", "h": "help", "keys": "help", "w": "save-settings",
  ]

  /// The command of a name or another word for it.
  public static func spec(named name: String) -> CommandSpec? { table[aliases[name] ?? name] }

  private static let table = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  private static let screens: [CommandSpec] = [
    CommandSpec(
      name: "screen", summary: "go to a screen",
      arguments: "1|2|3|4|5|8|overview|positions|pnl|risk|heatmap|alerts|ledger|accounts|log"
        + "|help"),
    CommandSpec(
      name: "correlation", summary: "the heat map: how, and over how many bars",
      arguments: "[pearson|spearman|kendall] [BARS]"),
    CommandSpec(
      name: "zoom", summary: "wider or narrower cells of the heat map", arguments: "in|out|2|4|6"),
    CommandSpec(name: "last-screen", summary: "go back to the screen before"),
    CommandSpec(name: "next-pane", summary: "go to the next pane"),
    CommandSpec(name: "previous-pane", summary: "go to the pane before"),
    CommandSpec(name: "open", summary: "open what is under the cursor"),
    CommandSpec(
      name: "look", summary: "what a position consists of: its accounts, lots or entries",
      arguments: "accounts|lots|entries"),
    CommandSpec(name: "back", summary: "close, clear or go up one level"),
  ]

  private static let movement: [CommandSpec] = [
    CommandSpec(name: "row-down", summary: "one row down"),
    CommandSpec(name: "row-up", summary: "one row up"),
    CommandSpec(name: "page-down", summary: "one page down"),
    CommandSpec(name: "page-up", summary: "one page up"),
    CommandSpec(name: "half-page-down", summary: "half a page down"),
    CommandSpec(name: "half-page-up", summary: "half a page up"),
    CommandSpec(name: "first", summary: "go to the first row"),
    CommandSpec(name: "last", summary: "go to the last row"),
    CommandSpec(name: "column-next", summary: "next column"),
    CommandSpec(name: "column-previous", summary: "column before"),
    CommandSpec(name: "mark", summary: "mark the row, or take the mark away"),
  ]

  private static let panes: [CommandSpec] = [
    CommandSpec(
      name: "split", summary: "show another screen below this one", arguments: "[SCREEN]"),
    CommandSpec(
      name: "vsplit", summary: "show another screen beside this one", arguments: "[SCREEN]"),
    CommandSpec(name: "next-split", summary: "go to the next of the screens that show"),
    CommandSpec(name: "previous-split", summary: "go to the one before of the screens that show"),
    CommandSpec(name: "close-pane", summary: "take this screen away; the others share its room"),
    CommandSpec(name: "only", summary: "take all screens but this one away"),
    CommandSpec(name: "pane-grow", summary: "make this screen larger: two thirds, then all"),
    CommandSpec(name: "pane-shrink", summary: "make this screen smaller again"),
    CommandSpec(
      name: "layout", summary: "use, save or delete a layout of screens; alone it lists them",
      arguments: "[NAME|ARRANGEMENT|save NAME|delete NAME]"),
  ]

  private static let grammar: [CommandSpec] = [
    CommandSpec(
      name: "undo", summary: "take back a change of filter, order, columns or marks",
      arguments: "[STEPS]"),
    CommandSpec(name: "redo", summary: "do again what was undone", arguments: "[STEPS]"),
    CommandSpec(
      name: "place", summary: "remember this row under a letter", arguments: "[LETTER]"),
    CommandSpec(
      name: "jump", summary: "go to the row of a letter; ' is where you came from",
      arguments: "[LETTER]"),
    CommandSpec(
      name: "record", summary: "record keys under a letter, or end it", arguments: "[LETTER]"),
    CommandSpec(
      name: "play", summary: "press the keys of a letter again", arguments: "[LETTER]"),
    CommandSpec(name: "match-next", summary: "next row that fits the last filter or search"),
    CommandSpec(name: "match-previous", summary: "row before that fits the last filter or search"),
  ]

  private static let view: [CommandSpec] = [
    CommandSpec(
      name: "filter", summary: "show only what fits: btc venue:kraken w>1% !stale",
      arguments: "[TERMS]"),
    CommandSpec(name: "clear-filter", summary: "show everything again"),
    CommandSpec(name: "folded", summary: "show suspect positions that are folded away, or not"),
    CommandSpec(
      name: "sort", summary: "sort positions by a column; alone it asks which",
      arguments: "[COLUMN]"),
    CommandSpec(
      name: "columns", summary: "choose the columns of positions and their order",
      arguments: "[reset|COLUMN...]"),
    CommandSpec(name: "sort-next", summary: "sort by the next column"),
    CommandSpec(name: "sort-previous", summary: "sort by the column before"),
    CommandSpec(name: "sort-reverse", summary: "turn the order round"),
    CommandSpec(
      name: "period", summary: "the period of the P&L screen",
      arguments: "day|week|month|year|all"),
    CommandSpec(name: "period-shorter", summary: "a shorter period of the P&L screen"),
    CommandSpec(name: "period-longer", summary: "a longer period of the P&L screen"),
    CommandSpec(name: "chart-next", summary: "the next curve of the P&L screen"),
    CommandSpec(
      name: "chart", summary: "the curve of the P&L screen",
      arguments: "value|growth|drawdown|benchmark"),
    CommandSpec(
      name: "group", summary: "put positions together, each group with its sum",
      arguments: "[none|venue|account|sleeve|chain|issuer]"),
    CommandSpec(name: "fold-groups", summary: "show the sums of groups alone, or all of them"),
    CommandSpec(
      name: "asof", summary: "positions as of the end of a past day, or of now again",
      arguments: "2026-10-31|now"),
    CommandSpec(name: "explain", summary: "say where the figure under the cursor comes from"),
    CommandSpec(name: "privacy", summary: "hide all amounts, or show them"),
    CommandSpec(name: "glyphs", summary: "draw with plain ASCII, or with Unicode"),
    CommandSpec(name: "theme", summary: "use a theme, or the next one", arguments: "[NAME]"),
    CommandSpec(name: "keymap", summary: "use a keymap", arguments: "NAME"),
    CommandSpec(
      name: "set", summary: "change a setting; alone it shows all of them",
      arguments: "[NAME [VALUE]]"),
    CommandSpec(
      name: "save-settings", summary: "keep settings, screens, columns and macros for good"),
    CommandSpec(name: "pause", summary: "hold the figures still, or let them move"),
    CommandSpec(name: "refresh", summary: "sort again and ask the engine for everything"),
    CommandSpec(name: "redraw", summary: "draw the whole screen again"),
    CommandSpec(name: "copy", summary: "copy the row, or the marked rows"),
  ]

  private static let program: [CommandSpec] = [
    CommandSpec(name: "command-line", summary: "type a command"),
    CommandSpec(
      name: "find", summary: "go to a screen, position, account, alert or command",
      arguments: "[TEXT]"),
    CommandSpec(name: "help", summary: "all keys and commands, with search"),
    CommandSpec(name: "messages", summary: "the last messages"),
    CommandSpec(name: "reconnect", summary: "attach to the engine again; start it if none runs"),
    CommandSpec(name: "suspend", summary: "back to the shell until fg"),
    CommandSpec(name: "quit", summary: "go back; at the top ask to leave"),
    CommandSpec(name: "quit-now", summary: "leave; a single key must be pressed twice"),
  ]

  private static let vault: [CommandSpec] = [
    CommandSpec(name: "lock", summary: "lock the vault for every client"),
    CommandSpec(
      name: "idle-lock", summary: "lock the vault when no key was pressed for so long",
      arguments: "5m|15m|1h|off"),
    CommandSpec(name: "stop", summary: "stop the engine, after a question"),
    CommandSpec(name: "import", summary: "read files into the vault", arguments: "PATH..."),
    CommandSpec(name: "imports", summary: "what was imported"),
    CommandSpec(name: "refused", summary: "the rows that could not be read, with the reason"),
    CommandSpec(name: "cancel-request", summary: "stop the import or export that is running"),
    CommandSpec(
      name: "export", summary: "write to a .json or .csv file; everything, or one kind",
      arguments: "PATH [entries|holdings|accounts|...]"),
    CommandSpec(name: "accounts", summary: "all accounts"),
    CommandSpec(name: "prices", summary: "all prices with their sources"),
    CommandSpec(name: "links", summary: "which assets count as which"),
    CommandSpec(name: "book", summary: "put an account into a book", arguments: "ACCOUNT BOOK"),
    CommandSpec(name: "currency", summary: "say values in another currency", arguments: "CODE"),
    CommandSpec(
      name: "price", summary: "say what an asset costs", arguments: "ASSET PRICE CURRENCY"),
    CommandSpec(
      name: "link", summary: "say that an asset is another one", arguments: "ASSET ASSET"),
    CommandSpec(name: "unlink", summary: "take such a link back", arguments: "ASSET"),
  ]

  private static let followed: [CommandSpec] = [
    CommandSpec(
      name: "connect", summary: "follow an account at an exchange; asks for its key",
      arguments: "VENUE [NAME]"),
    CommandSpec(
      name: "watch", summary: "watch a wallet: extended public key or address",
      arguments: "TEXT [CHAIN]"),
    CommandSpec(
      name: "pause-account", summary: "ask nothing of the account until it is resumed",
      arguments: "[ACCOUNT]"),
    CommandSpec(
      name: "resume-account", summary: "go on with the account, or try it again",
      arguments: "[ACCOUNT]"),
    CommandSpec(
      name: "rekey", summary: "give the account another key", arguments: "[ACCOUNT]"),
    CommandSpec(
      name: "disconnect", summary: "stop following the account and destroy its key",
      arguments: "[ACCOUNT]"),
    CommandSpec(
      name: "requery", summary: "read a stretch of time of an account again",
      arguments: "ACCOUNT FROM [TO]"),
    CommandSpec(name: "limits", summary: "how much of the venues' limits is used"),
    CommandSpec(name: "breaks", summary: "where the ledger and a venue differ"),
  ]

  private static let alerts: [CommandSpec] = [
    CommandSpec(
      name: "ack", summary: "say that you know of the alert: it does not escalate",
      arguments: "[NUMBER]"),
    CommandSpec(
      name: "snooze", summary: "tell nobody of the alert for a while, each time longer",
      arguments: "[NUMBER] [4h]"),
    CommandSpec(
      name: "resolve-alert", summary: "end the alert by hand", arguments: "[NUMBER]"),
    CommandSpec(
      name: "confirm-alert", summary: "say that the alert was worth telling",
      arguments: "[NUMBER]"),
    CommandSpec(
      name: "mute-alert", summary: "say that it was not, and mute its kind for a week",
      arguments: "[NUMBER]"),
    CommandSpec(name: "alert-rules", summary: "what is watched, and what became of each rule"),
    CommandSpec(name: "alert-sinks", summary: "who outside is told, and how that goes"),
  ]

  private static let prompt: [CommandSpec] = [
    ("accept", "do it"), ("cancel", "do nothing"), ("complete", "complete the word"),
    ("history-previous", "line before"), ("history-next", "line after"),
    ("cursor-left", "one character left"), ("cursor-right", "one character right"),
    ("cursor-start", "to the start of the line"), ("cursor-end", "to the end of the line"),
    ("delete-before", "delete the character before"),
    ("delete-after", "delete the character after"), ("delete-word", "delete the word before"),
    ("delete-line", "delete to the start of the line"),
  ].map { CommandSpec(name: $0, summary: $1, contexts: ["prompt"]) }
}
