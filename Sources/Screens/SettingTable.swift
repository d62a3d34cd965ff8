internal import Canvas

/// The one table of everything that the user decides for good.
public enum Settings {
  /// Every setting, in the order of the manual.
  public static let all: [Setting] = looks + start + positions + profit + risk

  /// Settings whose names are the user's.
  public static let families: [SettingFamily] = [layouts, macros]

  private static let looks: [Setting] = [
    Setting(
      name: "theme", summary: "the colours: a name in Themes or a file",
      values: name("NAME"), standard: Theme.builtIn.name, variable: "COFFER_THEME",
      read: { $0.preference("theme") },
      use: { model, text, isStart in
        if isStart { model.preferences["theme"] = text } else { model.chooseTheme(text) }
      }),
    Setting(
      name: "keymap", summary: "the keys: a name in Keymaps or a file",
      values: name("NAME"), standard: "default", variable: "COFFER_KEYMAP",
      read: { $0.preference("keymap") },
      use: { model, text, isStart in
        if isStart { model.preferences["keymap"] = text } else { model.chooseKeymap(text) }
      }),
    Setting(
      name: "glyphs", summary: "signs and frames; auto goes by the locale",
      values: .words(["auto"] + GlyphSet.allCases.map(\.rawValue)), standard: "auto", variable: "",
      read: { $0.preference("glyphs") },
      use: { model, text, isStart in
        if !isStart, let set = GlyphSet(rawValue: text) { return model.use(set) }
        model.preferences["glyphs"] = text
        if !isStart { model.sayNextStart("glyphs") }
      }),
    Setting(
      name: "color", summary: "how many colours; auto asks terminal and NO_COLOR",
      values: .words(["auto", "never", "16", "256", "rgb"]), standard: "auto", variable: "",
      read: { $0.preference("color") },
      use: { model, text, isStart in
        model.preferences["color"] = text
        if !isStart { model.sayNextStart("color") }
      }),
    outside(
      "mouse", "wheel scrolls, click goes to a screen; Shift selects text", .flag, standard: "false"
    ),
    outside(
      "notices", "how the desktop is told of alerts",
      .words(["auto", "off", "osc9", "osc777", "osc99"]), standard: "auto",
      variable: "COFFER_NOTIFY"),
    outside(
      "refresh", "seconds between two tellings of coffer --plain",
      .number(0.2...86_400, or: "never"), standard: "never"),
    Setting(
      name: "private", summary: "whether amounts are hidden from the start",
      values: .flag, standard: "false", variable: "",
      read: { "\($0.isPrivate)" }, use: { model, text, _ in model.isPrivate = text == "true" }),
  ]

  private static let start: [Setting] = [
    Setting(
      name: "layout", summary: "which screens share the terminal",
      values: .text("none, the name of a layout, an arrangement") { text throws(SettingFault) in
        try checked(text, isSound: text.count <= Arrangement.textLimit, "a layout")
      }, standard: "none", variable: "",
      read: \.layoutText,
      use: { model, text, isStart throws(SettingFault) in
        if text == "none", isStart { return }
        let arrangement = try model.arrangement(of: text).get()
        if isStart { model.begin(arrangement) } else { model.arrange(arrangement) }
      }),
    Setting(
      name: "screen", summary: "the screen with the keys",
      values: .words(Screen.allCases.map(\.rawValue)), standard: "overview", variable: "",
      read: \.screen.rawValue,
      use: { model, text, isStart in
        guard let screen = Screen.named(text) else { return }
        if isStart { model.begin(screen) } else { model.go(to: screen) }
      }),
  ]

  private static let positions: [Setting] = [
    Setting(
      name: "positions.columns", summary: "the columns from left to right; auto as they fit",
      values: .text("auto, COLUMN ...") { text throws(SettingFault) in try columns(text) },
      standard: "auto", variable: "",
      read: { $0.columns.isChosen ? $0.columns.words.joined(separator: " ") : "auto" },
      use: { model, text, _ in
        let words = text == "auto" ? [] : text.split(separator: " ").map(String.init)
        if let columns = PositionColumns(words: words) { model.columns = columns }
      }),
    Setting(
      name: "positions.sort", summary: "the column and, perhaps, up or down",
      values: .text("COLUMN [up|down]") { text throws(SettingFault) in try order(text).words },
      standard: "value down", variable: "",
      read: { $0.list.sorting.words },
      use: { model, text, isStart throws(SettingFault) in
        model.list.sorting = try order(text)
        model.column = model.list.sorting.column
        if !isStart { model.sortList() }
      }),
    Setting(
      name: "positions.group", summary: "what positions are put together by",
      values: .words(PositionGrouping.allCases.map(\.rawValue)), standard: "none", variable: "",
      read: { $0.list.grouping.rawValue },
      use: { model, text, isStart in
        if !isStart { return model.group(by: text) }
        model.list.grouping = PositionGrouping(rawValue: text) ?? .none
      }),
  ]

  private static let profit: [Setting] = [
    Setting(
      name: "pnl.period", summary: "the period of the P&L screen",
      values: .words(ProfitPeriod.allCases.map(\.rawValue)), standard: "month", variable: "",
      read: \.profitPeriod.rawValue,
      use: { model, text, _ in model.profitPeriod = ProfitPeriod(rawValue: text) ?? .month }),
    Setting(
      name: "pnl.chart", summary: "the curve of the P&L screen",
      values: .words(ProfitChart.allCases.map(\.rawValue)), standard: "value", variable: "",
      read: \.profitChart.rawValue,
      use: { model, text, _ in model.profitChart = ProfitChart(rawValue: text) ?? .value }),
  ]

  private static let risk: [Setting] = [
    Setting(
      name: "heatmap.measure", summary: "how correlation is measured",
      values: .words(HeatmapChoice.measures), standard: "pearson", variable: "",
      read: \.heatmap.measure, use: { model, text, _ in model.heatmap.measure = text }),
    Setting(
      name: "heatmap.bars", summary: "over how many bars",
      values: .number(20...1_000, or: nil), standard: "90", variable: "",
      read: { "\($0.heatmap.window)" },
      use: { model, text, _ in
        if let bars = Double(text) { model.heatmap.window = Int(bars) }
      }),
  ]

  private static let layouts = SettingFamily(
    name: "layouts", key: "NAME", form: "an arrangement",
    summary: "layouts of screens, for :layout NAME",
    fault: { key, text in
      if let fault = LayoutName.fault(key) { return fault }
      do throws(ArrangementFault) { _ = try Arrangement(parsing: text) } catch { return error.text }
      return nil
    },
    read: { model in
      model.layouts.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) }
    },
    use: { model, key, text in
      guard model.layouts.count < LayoutName.countLimit else { return }
      model.layouts[key] = try? Arrangement(parsing: text)
    })

  private static let macros = SettingFamily(
    name: "macros", key: "LETTER", form: "keys, as in a keymap",
    summary: "recorded keys, for :play LETTER",
    fault: { key, text in
      guard key.count == 1, key.allSatisfy(ClientModel.isLetter) else {
        return "a macro is called by one letter or digit"
      }
      do throws(KeyFault) { _ = try Macros.keys(text) } catch { return error.text }
      return nil
    },
    read: { model in
      model.macros.keys.sorted { $0.key < $1.key }.compactMap { letter, keys in
        let text = Key.text(of: keys)
        // A key without a name of its own could not be read again.
        return (try? Macros.keys(text)) == keys ? (String(letter), text) : nil
      }
    },
    use: { model, key, text in
      guard let letter = key.first, let keys = try? Macros.keys(text) else { return }
      model.macros.keys[letter] = keys
    })

  // MARK: Rules

  /// A setting that the program around the model carries out.
  private static func outside(
    _ name: String, _ summary: String, _ values: Setting.Values, standard: String,
    variable: String = ""
  ) -> Setting {
    Setting(
      name: name, summary: summary, values: values, standard: standard, variable: variable,
      read: { $0.preference(name) },
      use: { model, text, isStart in
        model.preferences[name] = text
        if !isStart { model.perform(.use(setting: name, text)) }
      })
  }

  private static func name(_ form: String) -> Setting.Values {
    .text(form) { text throws(SettingFault) in
      try checked(text, isSound: text.utf8.count <= 1_024, "a name or a file")
    }
  }

  private static func checked(
    _ text: String, isSound: Bool, _ what: String
  ) throws(SettingFault) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    guard isSound, isPlain, !text.isEmpty else {
      throw SettingFault("'\(Setting.shown(text))' is not \(what)")
    }
    return text
  }

  private static func columns(_ text: String) throws(SettingFault) -> String {
    let words = text.split(separator: " ").map(String.init)
    if words == ["auto"] { return "auto" }
    if let columns = PositionColumns(words: words), columns.isChosen {
      return columns.words.joined(separator: " ")
    }
    guard let bad = words.first(where: { PositionColumn.named($0) == nil }) else {
      throw SettingFault(
        words.isEmpty ? "no column is named" : "a column stands there twice")
    }
    throw noColumn(bad)
  }

  private static func order(_ text: String) throws(SettingFault) -> PositionOrder {
    let words = text.split(separator: " ").map { $0.lowercased() }
    guard let column = words.first.flatMap({ PositionColumn.named($0) }) else {
      throw noColumn(words.first ?? "")
    }
    switch words.dropFirst() {
    case []: return PositionOrder(column: column, isDescending: column.startsDescending)
    case ["down"]: return PositionOrder(column: column, isDescending: true)
    case ["up"]: return PositionOrder(column: column, isDescending: false)
    default: throw SettingFault("behind the column stands 'up' or 'down'")
    }
  }

  private static func noColumn(_ word: String) -> SettingFault {
    let near = Spelling.nearest(to: word, among: PositionColumn.allCases.map(\.rawValue))
    return SettingFault(
      "there is no column '\(Setting.shown(word))'"
        + (near.map { " (did you mean '\($0)'?)" } ?? ""))
  }
}

extension PositionOrder {
  /// The order as it is kept.
  var words: String { "\(column.rawValue) \(isDescending ? "down" : "up")" }
}

extension Macros {
  /// Reads the keys of a macro, as many as one may have.
  static func keys(_ text: String) throws(KeyFault) -> [Key] {
    try Key.sequence(text, limit: keyLimit)
  }
}
