/// What a cell means; the theme decides how that looks.
///
/// The token ("value.up") is the name in theme files. Its dots are levels: a theme that says only
/// `value` has said something about every role below it.
public enum Role: UInt8, CaseIterable, Sendable {
  case text, textDim, textStrong
  case header, headerStrong, headerDim
  case tab, tabActive, tabAlert
  case frame, frameFocus, frameTitle, frameTitleFocus, frameFooter
  case column, columnSorted
  case rowCursor, rowCursorIdle, rowMarked, rowMatch
  case value, valueUp, valueDown, valueFlat, valueStale, valueUnknown, valueEstimated
  case valueFlagged, valueFlash
  case alertHigh, alertWarning, alertInfo
  case modeDemo, modeOffline, modeReadOnly, modeArmed, modeAsOf, modePaused, modePrivate
  case hint, hintKey
  case message, messageError, messageWarning, messageSuccess
  case chip
  case prompt, promptInput, promptSuggestion, promptError
  case popup, popupTitle, popupFrame
  case stateOK, stateStale, stateError, stateManual
  case chartLine, chartSecond, chartAxis, chartUp, chartDown
  case progress, progressTrack
  case scrollThumb, scrollTrack
  case heatMinus5, heatMinus4, heatMinus3, heatMinus2, heatMinus1, heatZero
  case heatPlus1, heatPlus2, heatPlus3, heatPlus4, heatPlus5

  /// The eleven steps of the heat map, from most negative to most positive.
  public static let heat: [Role] = [
    .heatMinus5, .heatMinus4, .heatMinus3, .heatMinus2, .heatMinus1, .heatZero,
    .heatPlus1, .heatPlus2, .heatPlus3, .heatPlus4, .heatPlus5,
  ]

  /// The heat-map role of a value from -1 to +1; values outside and not-a-number are clamped.
  public static func heat(_ value: Double) -> Role {
    guard value == value else { return .heatZero }
    return heat[Int((min(max(value, -1), 1) * 5).rounded()) + 5]
  }

  /// The name in theme files, unique, in dotted levels.
  public var token: String { Role.tokens[Int(rawValue)] }

  /// The role with this name, if there is one.
  public init?(token: String) {
    guard let index = Role.tokens.firstIndex(of: token) else { return nil }
    self.init(rawValue: UInt8(index))
  }

  /// One printable character for this role in the style map of a golden frame.
  public var letter: Character { Role.letters[Int(rawValue)] }

  /// The names, in the order of the cases; a test holds the two together.
  private static let tokens = [
    "text", "text.dim", "text.strong",
    "header", "header.strong", "header.dim",
    "tab", "tab.active", "tab.alert",
    "frame", "frame.focus", "frame.title", "frame.title.focus", "frame.footer",
    "column", "column.sorted",
    "row.cursor", "row.cursor.idle", "row.marked", "row.match",
    "value", "value.up", "value.down", "value.flat", "value.stale", "value.unknown",
    "value.estimated", "value.flagged", "value.flash",
    "alert.high", "alert.warning", "alert.info",
    "mode.demo", "mode.offline", "mode.readonly", "mode.armed", "mode.asof", "mode.paused",
    "mode.private",
    "hint", "hint.key",
    "message", "message.error", "message.warning", "message.success",
    "chip",
    "prompt", "prompt.input", "prompt.suggestion", "prompt.error",
    "popup", "popup.title", "popup.frame",
    "state.ok", "state.stale", "state.error", "state.manual",
    "chart.line", "chart.second", "chart.axis", "chart.up", "chart.down",
    "progress", "progress.track",
    "scroll.thumb", "scroll.track",
    "heat.-5", "heat.-4", "heat.-3", "heat.-2", "heat.-1", "heat.0",
    "heat.+1", "heat.+2", "heat.+3", "heat.+4", "heat.+5",
  ]

  /// A dot for plain text, then letters, digits and signs.
  private static let letters = Array(
    ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+,-/:;<=>?@[]^_{|}~")
}
