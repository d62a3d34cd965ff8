public import Canvas
public import Ledger
public import Wire

/// Something that has happened; the time comes with it, see `ClientModel.handle(_:at:)`.
public enum ClientEvent: Sendable {
  /// The engine has greeted on a new connection; its welcome follows as `engine`.
  case connected
  /// The engine has said something.
  case engine(EngineMessage)
  /// The terminal has said something.
  case input(InputEvent)
  /// A line was typed where there is no screen: it is done as on the `:` line, or answers what is asked.
  case line(String)
  /// The terminal has another size.
  case resized(Size)
  /// The time of a `wake` has come; more or fewer ticks do no harm.
  case tick
  /// The socket is closed or could not be opened, for this reason.
  case disconnected(String)
  /// A theme or keymap was read, or could not be.
  case styles(StyleNews)
  /// The settings file was read or written, or could not be.
  case settings(SettingsNews)
}

/// What became of reading themes and keymaps.
public enum StyleNews: Sendable {
  /// These can be chosen, by name.
  case offered(themes: [String], keymaps: [String])
  /// This theme holds from now on; what was doubtful in its file.
  case theme(Theme, warnings: [String])
  /// This keymap holds from now on; what was doubtful in its file.
  case keymap(Keymap, warnings: [String])
  /// It could not be read: one sentence with the place.
  case failed(String)
}

/// Something the client program has to do.
public enum Effect: Equatable, Sendable {
  /// Send this to the engine.
  case send(ClientMessage)
  /// Show `ClientModel.frame()`; many in a row may be shown once.
  case draw
  /// Forget what the terminal shows and draw everything.
  case redraw
  /// Ring.
  case bell
  /// Give the terminal back to the shell until the program is continued.
  case suspend
  /// Restore the terminal and leave with this exit status.
  case quit(Int32)
  /// Read this theme and answer with `ClientEvent.styles`.
  case loadTheme(String)
  /// Read this keymap and answer with `ClientEvent.styles`.
  case loadKeymap(String)
  /// Send `ClientEvent.tick` at this time; it replaces the wake that was asked for before.
  case wake(at: Instant)
  /// Attach to the engine again, and start it where none runs; `connected` or `disconnected` follows.
  case reconnect
  /// Put this text into the clipboard.
  case copy(String)
  /// Let the desktop show this, where the terminal can.
  case notify(title: String, text: String)
  /// Write these to the settings file and answer with `ClientEvent.settings`.
  case keep([KeptSetting])
  /// Use this setting of the program around the model from now on.
  case use(setting: String, String)
}

/// How a client was started.
public struct ClientSettings: Sendable {
  /// Whether it may change nothing.
  public var isReadOnly = false
  /// The screen to begin with, by name or number; the Overview where there is none of that name.
  public var screen = ""
  /// Whether amounts are hidden from the start.
  public var isPrivate = false
  /// The characters the terminal can show.
  public var glyphs = GlyphSet.unicode
  /// The theme to begin with.
  public var theme = Theme.builtIn
  /// The keymap to begin with.
  public var keymap = Commands.builtInKeymap
  /// What file, environment and options want of settings, see `Settings.resolved`.
  public var wanted: [WantedSetting] = []
  /// The folder that relative paths on the `:` line start from; empty leaves them alone.
  public var workingFolder = ""
  /// The folder that `~` on the `:` line stands for; empty leaves it alone.
  public var homeFolder = ""

  /// Settings of an ordinary start.
  public init() {}
}
